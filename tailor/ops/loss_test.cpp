#include "tailor/ops/loss.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace tailor::internal {
namespace {

constexpr int kImages = 3, kClasses = 4;
constexpr std::array<std::array<float, kClasses>, kImages> kLogits = {
    {{1.5F, -0.5F, 0.25F, 2}, {0, 0, 3, -1}, {-2, 1, 1, 0.5F}}};

struct Result {
  LossSum sum;
  std::vector<float> gradient;
};

Result loss_of(const Targets& targets) {
  Tensor logits({kClasses, 1, 1}, kImages, Layout::kBlocked, Precision::kF32, 8, true);
  logits.data = Buffer(logits.size() * sizeof(float));
  logits.diff = Buffer(logits.size() * sizeof(float));
  for (std::size_t n = 0; n < kImages; ++n) {
    std::ranges::copy(kLogits[n], logits.data.floats().subspan(n * 8).begin());
  }
  Result result{softmax_cross_entropy(logits, targets, kImages), {}};
  for (std::size_t n = 0; n < kImages; ++n) {
    const auto row = logits.diff.floats().subspan(n * 8, 8);
    result.gradient.insert(result.gradient.end(), row.begin(), row.begin() + kClasses);
    for (const float padded : row.subspan(kClasses)) EXPECT_EQ(padded, 0);
  }
  return result;
}

const std::vector<Label> kLabels = {3, 2, 0}, kOthers = {0, 2, 1};

TEST(Loss, OfMixedImagesIsThatOfBothLabelsByTheirShares) {
  for (const double smoothing : {0.0, 0.2}) {
    const Result own = loss_of({kLabels, smoothing}), other = loss_of({kOthers, smoothing});
    const std::vector<MixedLabel> mixed = {
        {kOthers[0], 0.25F}, {kOthers[1], 0.25F}, {kOthers[2], 0.25F}};
    const Result both = loss_of({kLabels, smoothing, mixed});
    EXPECT_NEAR(both.sum.loss, 0.25 * own.sum.loss + 0.75 * other.sum.loss, 1e-12);
    for (std::size_t i = 0; i < both.gradient.size(); ++i) {
      EXPECT_NEAR(both.gradient[i], 0.25F * own.gradient[i] + 0.75F * other.gradient[i], 1e-7);
    }
    EXPECT_EQ(both.sum.correct, other.sum.correct);
  }
}

TEST(Loss, OfSharesOfOneIsTheSameBytes) {
  const Result plain = loss_of({kLabels, 0.1});
  const std::vector<MixedLabel> mixed(kImages);
  const Result same = loss_of({kLabels, 0.1, mixed});
  EXPECT_EQ(same.sum.loss, plain.sum.loss);
  EXPECT_EQ(same.gradient, plain.gradient);
}

// The losses are torch.nn.functional.cross_entropy(z, y, reduction="none")'s. Keras's
// class_weight divides by images and not by weights.
TEST(Loss, CountsClassesAsTheirWeightsSay) {
  const Result plain = loss_of({kLabels});
  const std::vector<double> weights = {2, 5, 0.5, 3};
  const Result weighted = loss_of({kLabels, 0, {}, weights});
  for (std::size_t n = 0; n < kImages; ++n) {
    for (std::size_t k = 0; k < kClasses; ++k) {
      const std::size_t i = n * kClasses + k;
      EXPECT_FLOAT_EQ(weighted.gradient[i], float(weights[kLabels[n]]) * plain.gradient[i]);
    }
  }
  const double expected =
      3 * 0.621860395306458 + 0.5 * 0.11144277919673311 + 2 * 3.9769408509958355;
  EXPECT_NEAR(weighted.sum.loss, expected, 1e-6);
  EXPECT_EQ(weighted.sum.correct, plain.sum.correct);
}

TEST(Loss, OfAMixedImageWeighsBothClasses) {
  const std::vector<double> weights = {2, 5, 0.5, 3};
  const std::vector<MixedLabel> mixed = {{0, 0.75F}, {2, 0.75F}, {1, 0.75F}};
  const Result plain = loss_of({kLabels, 0, mixed}),
               weighted = loss_of({kLabels, 0, mixed, weights});
  for (std::size_t n = 0; n < kImages; ++n) {
    const double weight = 0.75 * weights[kLabels[n]] + 0.25 * weights[mixed[n].other];
    EXPECT_FLOAT_EQ(weighted.gradient[n * kClasses], float(weight) * plain.gradient[n * kClasses]);
  }
}

}  // namespace
}  // namespace tailor::internal
