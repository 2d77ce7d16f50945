// Buffer's memory in programs that look for overruns, in place of core/buffer.cpp: pages of its own
// for each, between two that nobody may touch. A step over the border ends the program, be it in
// assembler or in another library, where AddressSanitizer sees nothing. The bytes end at the second
// border, or begin at the first where the environment has TAILOR_GUARD=first.
#include "tailor/core/memory/buffer.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>

namespace tailor::internal {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kPage = 4096;
constexpr char kUntouched = 0x5a;

std::size_t rounded_up(std::size_t bytes, std::size_t to) {
  return (bytes + to - 1) / to * to;
}

// The first of its pages; then come a border, the pages with the bytes, and a border.
struct Place {
  std::size_t bytes;
  std::size_t pages_bytes;

  char* pages() { return reinterpret_cast<char*>(this) + 2 * kPage; }
  char* end() { return pages() + pages_bytes; }
};

Place& place_of(char* data) {
  return *reinterpret_cast<Place*>(data - reinterpret_cast<std::size_t>(data) % kPage - 2 * kPage);
}

bool begins_at_border() {
  const char* wish = std::getenv("TAILOR_GUARD");
  return wish != nullptr && std::string_view(wish) == "first";
}

void check_untouched(const char* first, const char* last) {
  if (std::all_of(first, last, [](char c) { return c == kUntouched; })) return;
  std::fputs("somebody wrote beside a Buffer's bytes\n", stderr);
  std::abort();
}

}  // namespace

void* Buffer::allocate(std::size_t bytes) {
  const std::size_t lines = rounded_up(std::max<std::size_t>(bytes, 1), kLine);
  const std::size_t pages = rounded_up(lines, kPage);
  void* all = ::mmap(nullptr, pages + 3 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  auto* first = static_cast<char*>(all);
  if (::mprotect(first, kPage, PROT_READ | PROT_WRITE) != 0 ||
      ::mprotect(first + 2 * kPage, pages, PROT_READ | PROT_WRITE) != 0) {
    throw std::bad_alloc();
  }
  auto& place = *new (all) Place{bytes, pages};
  char* data = begins_at_border() ? place.pages() : place.end() - lines;
  std::fill(place.pages(), place.end(), kUntouched);
  std::fill_n(data, bytes, '\0');
  return data;
}

void Buffer::release(void* memory) {
  if (memory == nullptr) return;
  auto* data = static_cast<char*>(memory);
  Place& place = place_of(data);
  check_untouched(place.pages(), data);
  check_untouched(data + place.bytes, place.end());
  ::munmap(&place, place.pages_bytes + 3 * kPage);
}

}  // namespace tailor::internal
