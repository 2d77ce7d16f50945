// Replaces the global operator new and delete, every variant, by ones that count. Part of our
// programs, not of the library: its users' operator new is theirs.
#include <cstddef>
#include <cstdlib>
#include <new>

#include "tailor/core/memory/allocations.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {

constexpr std::size_t kDefault = alignof(std::max_align_t);

void* try_once(std::size_t bytes, std::size_t alignment) {
  const std::size_t at_least_one = bytes == 0 ? 1 : bytes;
  if (alignment <= kDefault) return std::malloc(at_least_one);
  void* p = nullptr;
  return ::posix_memalign(&p, alignment, at_least_one) == 0 ? p : nullptr;
}

// Asks the new-handler for memory until there is some, as the standard wants. The handler may throw
// bad_alloc, and so does this when there is none.
void* allocate(std::size_t bytes, std::size_t alignment = kDefault) {
  tailor::internal::count_allocation(bytes);
  while (true) {
    if (void* p = try_once(bytes, alignment)) return p;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void* allocate_or_null(std::size_t bytes, std::size_t alignment = kDefault) noexcept {
  try {
    return allocate(bytes, alignment);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

using Alignment = std::align_val_t;
using NoThrow = std::nothrow_t;

void* operator new(std::size_t n) {
  return allocate(n);
}
void* operator new[](std::size_t n) {
  return allocate(n);
}
void* operator new(std::size_t n, Alignment a) {
  return allocate(n, std::size_t(a));
}
void* operator new[](std::size_t n, Alignment a) {
  return allocate(n, std::size_t(a));
}
void* operator new(std::size_t n, const NoThrow&) noexcept {
  return allocate_or_null(n);
}
void* operator new[](std::size_t n, const NoThrow&) noexcept {
  return allocate_or_null(n);
}
void* operator new(std::size_t n, Alignment a, const NoThrow&) noexcept {
  return allocate_or_null(n, std::size_t(a));
}
void* operator new[](std::size_t n, Alignment a, const NoThrow&) noexcept {
  return allocate_or_null(n, std::size_t(a));
}

void operator delete(void* p) noexcept {
  std::free(p);
}
void operator delete[](void* p) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete(void* p, Alignment) noexcept {
  std::free(p);
}
void operator delete[](void* p, Alignment) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t, Alignment) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::size_t, Alignment) noexcept {
  std::free(p);
}
void operator delete(void* p, const NoThrow&) noexcept {
  std::free(p);
}
void operator delete[](void* p, const NoThrow&) noexcept {
  std::free(p);
}
void operator delete(void* p, Alignment, const NoThrow&) noexcept {
  std::free(p);
}
void operator delete[](void* p, Alignment, const NoThrow&) noexcept {
  std::free(p);
}
#endif
