// How many cores this process may keep busy.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace tailor::internal {

// Of this thread's affinity, and no more than what the quotas of the control groups come to,
// rounded up: half a core is one thread. How OpenMP's variables are kept out of it:
// cli/before_all.cpp.
int usable_cores();

// The cores that the tightest quota leaves to a process, 1.5 for instance: of control groups of
// version 2 and 1, its own and those above it. `membership`: as in /proc/self/cgroup; `mount`: as
// /sys/fs/cgroup. Empty where there is no quota.
std::optional<double> cpu_quota(const std::string& membership, const std::filesystem::path& mount);

}  // namespace tailor::internal
