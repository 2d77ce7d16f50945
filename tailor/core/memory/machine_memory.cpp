#include "tailor/core/memory/machine_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "tailor/core/control_groups.hpp"

namespace tailor::internal {
namespace {

// "max" and what is no number are no limit.
void read_limit(const std::filesystem::path& file, std::uint64_t& least) {
  std::ifstream in(file);
  std::uint64_t bytes = 0;
  if (in >> bytes && bytes > 0) least = std::min(least, bytes);
}

}  // namespace

std::uint64_t memory_of_groups(const std::string& membership, const std::filesystem::path& mount) {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  over_control_groups(
      membership, mount, "memory",
      [&](const std::filesystem::path& group) { read_limit(group / "memory.max", least); },
      [&](const std::filesystem::path& group) {
        read_limit(group / "memory.limit_in_bytes", least);
      });
  return least;
}

std::uint64_t machine_memory() {
  const auto pages = std::uint64_t(sysconf(_SC_PHYS_PAGES));
  const auto page = std::uint64_t(sysconf(_SC_PAGESIZE));
  return std::min(pages * page, memory_of_groups(own_control_groups(), "/sys/fs/cgroup"));
}

}  // namespace tailor::internal
