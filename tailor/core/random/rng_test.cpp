#include "tailor/core/random/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known-answer vectors that come with Random123 (kat_vectors, philox4x32 10).
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, ~std::uint64_t{0}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Rng, EverySeedPurposeStreamItemAndIndexDrawsItsOwnWords) {
  constexpr std::uint64_t kHigh = std::uint64_t{1} << 32;
  std::set<Words> seen;
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, kHigh}) {
    for (std::uint32_t purpose = 1; purpose <= 5; ++purpose) {
      for (const std::uint32_t stream : {0u, 1u, 5u}) {
        for (const std::uint64_t item : {std::uint64_t{0}, std::uint64_t{1}, kHigh, kHigh + 1}) {
          for (const std::uint32_t index : {0u, 1u, (1u << 28) - 1}) {
            seen.insert(Rng(seed, Purpose(purpose), stream).words(item, index));
          }
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), 3u * 5 * 3 * 4 * 3);
}

TEST(Rng, PutsItemStreamPurposeAndIndexWhereTheHeaderSays) {
  const Rng rng(77, Purpose::kAugment, 9);
  EXPECT_EQ(rng.words(0x100000002, 3), philox({2, 1, 9, 0x40000003}, 77));
}

TEST(Rng, RefusesAnIndexThatWouldRunIntoThePurpose) {
  EXPECT_THROW(Rng(0, Purpose::kDropout).words(0, 1u << 28), Error);
}

TEST(Rng, UniformIsEvenlySpreadOverZeroToOne) {
  const Rng rng(1, Purpose::kDraw);
  std::array<int, 10> bins{};
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform(std::uint64_t(i));
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    ++bins[std::size_t(u * 10)];
  }
  double chi_square = 0;
  for (const int count : bins) chi_square += std::pow(count - kDraws / 10, 2) / (kDraws / 10);
  EXPECT_LT(chi_square, 27.9);  // 99.9 % of nine degrees of freedom
}

TEST(Rng, NormalHasTheMomentsOfTheNormalDistribution) {
  const Rng rng(2, Purpose::kInit, 3);
  constexpr int kDraws = 200000;
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double z = rng.normal(std::uint64_t(i));
    ASSERT_TRUE(std::isfinite(z));
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.01);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.015);
  EXPECT_NEAR(fourth / kDraws, 3.0, 0.1);
}

TEST(Rng, PermutationHoldsEveryNumberOnce) {
  for (const std::uint32_t n : {0u, 1u, 2u, 1000u}) {
    auto order = Rng(3, Purpose::kShuffle).permutation(n);
    std::sort(order.begin(), order.end());
    std::vector<std::uint32_t> all(n);
    std::iota(all.begin(), all.end(), 0u);
    EXPECT_EQ(order, all);
  }
}

TEST(Rng, EveryPermutationIsEquallyLikely) {
  std::map<std::vector<std::uint32_t>, int> counts;
  constexpr int kDraws = 24000;
  for (std::uint32_t epoch = 0; epoch < kDraws; ++epoch) {
    ++counts[Rng(4, Purpose::kShuffle, epoch).permutation(4)];
  }
  ASSERT_EQ(counts.size(), 24u);
  double chi_square = 0;
  for (const auto& [order, count] : counts) chi_square += std::pow(count - 1000, 2) / 1000.0;
  EXPECT_LT(chi_square, 49.7);  // 99.9 % of 23 degrees of freedom
}

TEST(Rng, PermutationsOfDifferentEpochsDiffer) {
  EXPECT_NE(Rng(5, Purpose::kShuffle, 0).permutation(100),
            Rng(5, Purpose::kShuffle, 1).permutation(100));
  EXPECT_EQ(Rng(5, Purpose::kShuffle, 1).permutation(100),
            Rng(5, Purpose::kShuffle, 1).permutation(100));
}

TEST(Rng, FillsWithTheWordsOfOneItem) {
  const Rng rng(0x123456789abcdefULL, Purpose::kDropout, 9);
  std::vector<std::uint32_t> filled(203);
  rng.fill(1ULL << 33 | 5, filled);
  for (std::size_t i = 0; i < filled.size(); ++i) {
    EXPECT_EQ(filled[i], rng.words(1ULL << 33 | 5, std::uint32_t(i / 4))[i % 4]) << i;
  }
}

}  // namespace
}  // namespace tailor::internal
