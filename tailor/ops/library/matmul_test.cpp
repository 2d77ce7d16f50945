#include "tailor/ops/library/matmul.hpp"

#include <gtest/gtest.h>
#include <omp.h>

#include <vector>

#include "tailor/core/random/rng.hpp"

namespace tailor::internal {
namespace {

std::vector<float> random_numbers(std::size_t count, std::uint32_t stream) {
  const Rng rng(1, Purpose::kDraw, stream);
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = float(rng.normal(i));
  return numbers;
}

TEST(Matmul, MultipliesOddSizesInsideLongerRows) {
  constexpr std::int64_t kRows = 19, kColumns = 37, kInner = 53, kLda = 57, kLdb = 60, kLdo = 41;
  const auto a = random_numbers(kRows * kLda, 1);
  const auto b = random_numbers(kColumns * kLdb, 2);
  std::vector<float> out(kRows * kLdo, -7);
  multiply_transposed(a.data(), kLda, b.data(), kLdb, out.data(), kLdo, kRows, kColumns, kInner);
  for (std::int64_t r = 0; r < kRows; ++r) {
    for (std::int64_t c = 0; c < kLdo; ++c) {
      double sum = 0;
      for (std::int64_t i = 0; i < kInner && c < kColumns; ++i)
        sum += double(a[std::size_t(r * kLda + i)]) * double(b[std::size_t(c * kLdb + i)]);
      const float expected = c < kColumns ? float(sum) : -7;  // beyond the row nothing is written
      EXPECT_NEAR(out[std::size_t(r * kLdo + c)], expected, 1e-4);
    }
  }
}

TEST(Matmul, IsTheSameForEveryNumberOfThreadsAndLeavesIt) {
  constexpr std::int64_t kRows = 8, kColumns = 8, kInner = 20000;  // long sums tempt to split them
  const auto a = random_numbers(kRows * kInner, 3);
  const auto b = random_numbers(kColumns * kInner, 4);
  std::vector<float> first;
  for (const int threads : {1, 3}) {
    omp_set_num_threads(threads);
    std::vector<float> out(kRows * kColumns);
    multiply_transposed(a.data(), kInner, b.data(), kInner, out.data(), kColumns, kRows, kColumns,
                        kInner);
    EXPECT_EQ(omp_get_max_threads(), threads);
    if (threads == 1) first = out;
    EXPECT_EQ(out, first);
  }
}

}  // namespace
}  // namespace tailor::internal
