#include "tailor/core/memory/allocations.hpp"

namespace tailor::internal {
namespace {

thread_local AllocationCount count;
thread_local int library_depth = 0;

}  // namespace

AllocationCount allocations_on_this_thread() {
  return count;
}

void count_allocation(std::size_t bytes) {
  const bool library = library_depth > 0;
  ++(library ? count.library : count.ours);
  (library ? count.library_bytes : count.our_bytes) += bytes;
}

LibraryCall::LibraryCall() {
  ++library_depth;
}
LibraryCall::~LibraryCall() {
  --library_depth;
}

}  // namespace tailor::internal
