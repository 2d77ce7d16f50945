#include "tailor/core/team/cores.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "tailor/core/control_groups.hpp"

namespace tailor::internal {

namespace {

namespace fs = std::filesystem;

void keep_least(std::optional<double>& least, double cores) {
  if (!(cores > 0)) return;
  least = least ? std::min(*least, cores) : cores;
}

// "150000 100000", or "max 100000" where there is none.
void read_quota_2(const fs::path& group, std::optional<double>& least) {
  std::ifstream file(group / "cpu.max");
  double quota = 0;
  double period = 0;
  if (file >> quota >> period && period > 0) keep_least(least, quota / period);
}

// -1 where there is none.
void read_quota_1(const fs::path& group, std::optional<double>& least) {
  std::ifstream quota_file(group / "cpu.cfs_quota_us");
  std::ifstream period_file(group / "cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  if (quota_file >> quota && period_file >> period && period > 0) {
    keep_least(least, quota / period);
  }
}

int cores_of_affinity() {
  // Larger than cpu_set_t's 1,024 where the machine is.
  for (int most = 1024; most <= 1 << 20; most *= 4) {
    cpu_set_t* set = CPU_ALLOC(std::size_t(most));
    const std::size_t bytes = CPU_ALLOC_SIZE(std::size_t(most));
    const bool fits = sched_getaffinity(0, bytes, set) == 0;
    const int cores = fits ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (fits) return std::max(1, cores);
  }
  return 1;
}

}  // namespace

std::optional<double> cpu_quota(const std::string& membership, const fs::path& mount) {
  std::optional<double> least;
  over_control_groups(
      membership, mount, "cpu", [&](const fs::path& group) { read_quota_2(group, least); },
      [&](const fs::path& group) { read_quota_1(group, least); });
  return least;
}

int usable_cores() {
  const int cores = cores_of_affinity();
  const std::optional<double> quota = cpu_quota(own_control_groups(), "/sys/fs/cgroup");
  if (!quota) return cores;
  return std::clamp(int(std::min(std::ceil(*quota - 1e-6), 1e6)), 1, cores);
}

}  // namespace tailor::internal
