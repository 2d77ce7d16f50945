#include "tailor/measure/peak_memory.hpp"

#include <sys/resource.h>

namespace tailor::internal {

std::uint64_t peak_memory_bytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return std::uint64_t(usage.ru_maxrss) * 1024;  // Linux counts KiB
}

}  // namespace tailor::internal
