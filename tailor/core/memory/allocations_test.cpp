#include "tailor/core/memory/allocations.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace tailor::internal {
namespace {

struct alignas(256) Wide {
  char bytes[256];
};

class Allocations : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!kCountsAllocations) GTEST_SKIP() << "the sanitizer has its own operator new";
  }
};

// Calls operator new itself: a compiler may leave out what a new-expression and its delete would
// do.
void allocate_once(std::size_t bytes) {
  ::operator delete(::operator new(bytes));
}

TEST_F(Allocations, CountOneForEveryAllocation) {
  const auto before = allocations_on_this_thread();
  for (int i = 0; i < 3; ++i) allocate_once(100);
  const auto after = allocations_on_this_thread();
  EXPECT_EQ(after.ours - before.ours, 3u);
  EXPECT_EQ(after.library, before.library);
}

TEST_F(Allocations, CountEveryVariantOfNew) {
  const auto before = allocations_on_this_thread();
  const std::align_val_t wide{128};
  ::operator delete[](::operator new[](8));
  ::operator delete(::operator new(8, std::nothrow), std::nothrow);
  ::operator delete[](::operator new[](8, std::nothrow), std::nothrow);
  ::operator delete(::operator new(8, wide), wide);
  ::operator delete[](::operator new[](8, wide), wide);
  ::operator delete(::operator new(8, wide, std::nothrow), wide, std::nothrow);
  ::operator delete[](::operator new[](8, wide, std::nothrow), wide, std::nothrow);
  EXPECT_EQ(allocations_on_this_thread().ours - before.ours, 7u);
}

TEST_F(Allocations, InsideALibraryCallAreTheLibrarys) {
  const auto before = allocations_on_this_thread();
  {
    const LibraryCall outer;
    allocate_once(1);
    {
      const LibraryCall inner;
      allocate_once(1);
    }
    allocate_once(1);
  }
  allocate_once(1);
  const auto after = allocations_on_this_thread();
  EXPECT_EQ(after.library - before.library, 3u);
  EXPECT_EQ(after.ours - before.ours, 1u);
}

TEST_F(Allocations, CountTheBytesOfEachSide) {
  const auto before = allocations_on_this_thread();
  allocate_once(100);
  {
    const LibraryCall inner;
    allocate_once(7);
    allocate_once(20);
  }
  const AllocationCount made = allocations_on_this_thread() - before;
  EXPECT_EQ(made.ours, 1u);
  EXPECT_EQ(made.library, 2u);
  EXPECT_EQ(made.our_bytes, 100u);
  EXPECT_EQ(made.library_bytes, 27u);
}

TEST_F(Allocations, OfOtherThreadsAreTheirOwn) {
  std::uint64_t counted = 0;
  std::jthread other([&] {
    const auto before = allocations_on_this_thread();
    for (int i = 0; i < 5; ++i) allocate_once(10);
    counted = allocations_on_this_thread().ours - before.ours;
  });
  const auto before = allocations_on_this_thread();
  other.join();
  EXPECT_EQ(counted, 5u);
  EXPECT_EQ(allocations_on_this_thread().ours, before.ours);
}

TEST(OperatorNew, KeepsItsPromises) {
  const auto wide = std::make_unique<Wide>();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(wide.get()) % 256, 0u);
  void* empty = ::operator new(0);
  EXPECT_NE(empty, nullptr);
  ::operator delete(empty);
}

TEST_F(Allocations, TooLargeOnesThrowOrGiveNull) {
  volatile std::size_t huge = std::size_t{1} << 62;
  EXPECT_THROW(allocate_once(huge), std::bad_alloc);
  EXPECT_EQ(::operator new(huge, std::nothrow), nullptr);
}

}  // namespace
}  // namespace tailor::internal
