#include "tailor/core/sizes.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace tailor::internal {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

TEST(Sizes, ProductsAreExactUpToTheirLimit) {
  EXPECT_EQ(product_up_to(100, std::vector<int>{}), 1u);
  EXPECT_EQ(product_up_to(100, std::vector<int>{4, 5, 5}), 100u);
  EXPECT_EQ(product_up_to(100, std::vector<int>{4, 0, 5}), 0u);
}

TEST(Sizes, WhatIsMoreThanALimitIsOneMoreHoweverMuchItIs) {
  EXPECT_EQ(product_up_to(100, std::vector<int>{101}), 101u);
  EXPECT_EQ(product_up_to(100, std::vector<std::int64_t>{kLargest, kLargest, kLargest}), 101u);
  // 2^33 times 2^31: 2^64, which is 0 in 64 bits.
  EXPECT_EQ(
      product_up_to(1000, std::vector<std::int64_t>{std::int64_t(1) << 33, std::int64_t(1) << 31}),
      1001u);
  EXPECT_EQ(product_up_to(1000, std::vector<int>{-1, -1}), 1001u);
}

}  // namespace
}  // namespace tailor::internal
