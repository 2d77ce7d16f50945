// Counts heap allocations, so that "a training step allocates nothing" is measured rather than
// believed: programs that have counting_new.cpp count what goes through operator new on the calling
// thread, elsewhere the counts stay 0. malloc called directly is not seen, Buffer included.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tailor::internal {

// False under AddressSanitizer and ThreadSanitizer, which bring their own operator new: the counts
// stay 0.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kCountsAllocations = false;
#else
inline constexpr bool kCountsAllocations = true;
#endif

struct AllocationCount {
  std::uint64_t ours = 0;       // made by Tailor's own code
  std::uint64_t library = 0;    // made while a LibraryCall was alive
  std::uint64_t our_bytes = 0;  // as asked for, before malloc rounds up
  std::uint64_t library_bytes = 0;
};

inline AllocationCount operator-(const AllocationCount& a, const AllocationCount& b) {
  return {a.ours - b.ours, a.library - b.library, a.our_bytes - b.our_bytes,
          a.library_bytes - b.library_bytes};
}

// Since the thread began; subtract two readings.
AllocationCount allocations_on_this_thread();

// For operator new alone.
void count_allocation(std::size_t bytes);

// While alive, this thread's allocations count as the library's (oneDNN's execute). Nests.
class LibraryCall {
 public:
  LibraryCall();
  ~LibraryCall();
  LibraryCall(const LibraryCall&) = delete;
  LibraryCall& operator=(const LibraryCall&) = delete;
};

}  // namespace tailor::internal
