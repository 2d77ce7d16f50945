// How much memory this process can have at most.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace tailor::internal {

// In bytes: the machine's, and no more than what the tightest control group allows. What others
// use meanwhile is not looked at, nor is what ulimit says: those pass.
std::uint64_t machine_memory();

// What the control groups allow; the largest number there is where they allow anything.
// `membership` and `mount` as of over_control_groups().
std::uint64_t memory_of_groups(const std::string& membership, const std::filesystem::path& mount);

}  // namespace tailor::internal
