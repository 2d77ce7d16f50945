#include "tailor/measure/kernel_comparison.hpp"

#include <gtest/gtest.h>

namespace tailor::internal {
namespace {

constexpr TimingRules kOnce = {1, 0, 0};

KernelTimes compare(const ConvConfig& config, const Shape& src, const StopFlag& stop = StopFlag()) {
  Engine engine(1);
  return compare_kernels({"conv", config, src, 2}, engine, Precision::kF32, 2, kOnce, stop);
}

TEST(KernelComparison, TunesWhatHasTwoKindsOfKernels) {
  for (const bool pools : {false, true}) {
    const ConvConfig three{.filters = 16, .pad = {1, 1, 1, 1}, .relu = true, .pools = pools};
    for (const Shape& src : {Shape{16, 8, 8}, Shape{1, 8, 8}}) {
      const KernelTimes times = compare(three, src);
      EXPECT_TRUE(times.differ);
      EXPECT_GT(times.own, 0);
      EXPECT_GT(times.library, 0);
    }
    const ConvConfig five{.filters = 16,
                          .kernel_h = 5,
                          .kernel_w = 5,
                          .pad = {2, 2, 2, 2},
                          .relu = true,
                          .pools = pools};
    EXPECT_FALSE(compare(five, {16, 8, 8}).differ);
  }
}

// Wider than the library takes in.
TEST(KernelComparison, TunesWithZerosApartWhereAPlanHasThemSo) {
  const ConvConfig wide{.filters = 16, .pad = {2, 2, 2, 2}};
  EXPECT_TRUE(compare(wide, {16, 8, 8}).differ);
}

TEST(KernelComparison, EndsWhereItIsAskedTo) {
  StopFlag stop;
  stop.request();
  EXPECT_FALSE(compare({.filters = 16, .pad = {1, 1, 1, 1}}, {16, 8, 8}, stop).differ);
}

TEST(KernelComparison, TakesNoiseForNoReason) {
  EXPECT_FALSE(clearly_faster(0.99, 1));
  EXPECT_TRUE(clearly_faster(0.96, 1));
  EXPECT_FALSE(clearly_faster(1, 1));
}

}  // namespace
}  // namespace tailor::internal
