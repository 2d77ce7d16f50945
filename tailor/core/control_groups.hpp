// The control groups that a process is in, of version 2 and 1, its own and those above it: what
// limits the cores and the memory of a container.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace tailor::internal {

using ReadGroup = std::function<void(const std::filesystem::path& group)>;

// `membership`: as in /proc/self/cgroup; `mount`: as /sys/fs/cgroup. read_1 sees the groups of
// `controller` ("cpu", "memory"), read_2 those of version 2, which are of all.
void over_control_groups(const std::string& membership, const std::filesystem::path& mount,
                         const std::string& controller, const ReadGroup& read_2,
                         const ReadGroup& read_1);

// This process's membership.
std::string own_control_groups();

}  // namespace tailor::internal
