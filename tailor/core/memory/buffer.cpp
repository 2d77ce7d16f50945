#include "tailor/core/memory/buffer.hpp"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#include <sys/sysinfo.h>
#endif

namespace tailor::internal {

namespace {

constexpr std::size_t kLine = 64;
// From half a huge page on, a whole one is worth its memory: with pages of 4 KiB the seed net's
// step took 1.18 times as long (docs/decisions.md).
constexpr std::size_t kHugePage = std::size_t(2) << 20;

// Whether it is more memory than the machine has in all, swap counted. Some systems promise that as
// well, and end the process once it is written.
bool exceeds_machine([[maybe_unused]] std::size_t bytes) {
#if defined(__linux__)
  struct sysinfo machine = {};
  if (sysinfo(&machine) == 0) {
    return bytes / machine.mem_unit > machine.totalram + machine.totalswap;
  }
#endif
  return bytes > std::size_t(std::numeric_limits<std::ptrdiff_t>::max()) - kHugePage;
}

std::size_t rounded_up(std::size_t bytes, std::size_t to) {
  return (bytes + to - 1) / to * to;
}

}  // namespace

void* Buffer::allocate(std::size_t bytes) {
  if (bytes >= kHugePage && exceeds_machine(bytes)) throw std::bad_alloc();
  const std::size_t alignment = bytes >= kHugePage / 2 ? kHugePage : kLine;
  const std::size_t size = rounded_up(bytes == 0 ? 1 : bytes, alignment);
  void* p = std::aligned_alloc(alignment, size);
  if (p == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  if (alignment == kHugePage) madvise(p, size, MADV_HUGEPAGE);  // a wish: may be refused
#endif
  std::memset(p, 0, size);
  return p;
}

void Buffer::release(void* memory) {
  std::free(memory);
}

}  // namespace tailor::internal
