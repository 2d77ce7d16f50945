#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tailor/core/random/rng.hpp"
#include "tailor/ops/op.hpp"
#include "tailor/ops/own/values.hpp"

namespace tailor::internal {
namespace {

constexpr Shape kShape = {16, 9, 7};  // whole blocks of channels: no lane is padded
constexpr int kImages = 37;

struct Statistics {
  double mean = 0, variance = 0;
};

// Of channel 0, in double precision, of values as the tensor holds them.
Statistics exact(const std::vector<float>& values) {
  Statistics s;
  for (const float v : values) s.mean += v;
  s.mean /= double(values.size());
  for (const float v : values) s.variance += (v - s.mean) * (v - s.mean);
  s.variance /= double(values.size());
  return s;
}

// What a training step measures of values around `offset` with this deviation, and what it is.
void compare_far_from_zero(double offset, double deviation, Precision precision) {
  Engine engine(2);
  Tensor src(kShape, kImages, Layout::kBlocked, precision, engine.lanes(), false);
  Tensor dst(kShape, kImages, Layout::kBlocked, precision, engine.lanes(), false);
  const auto op = make_op(BatchNormConfig{.momentum = 0}, {engine, src, dst, true, false, false});
  const Buffer scratch = bind_alone(*op, engine);
  const Rng rng(3, Purpose::kDraw, 0);
  std::vector<float> of_first_channel;
  for (std::size_t i = 0; i < src.size(); ++i) {
    const auto value = float(offset + deviation * rng.normal(i));
    if (precision == Precision::kF32) {
      simd::values<float>(src.data)[i] = value;
    } else {
      simd::from_float(value, simd::values<simd::Bf16>(src.data)[i]);
    }
    const std::size_t block =
        i / (src.plane() * std::size_t(src.lanes)) % std::size_t(src.blocks());
    if (block != 0 || i % std::size_t(src.lanes) != 0) continue;
    of_first_channel.push_back(precision == Precision::kF32
                                   ? value
                                   : simd::to_float(simd::values<simd::Bf16>(src.data)[i]));
  }
  std::vector<float> gamma(16, 1), beta(16, 0), mean(16), variance(16);
  const StepContext step{.params = {gamma, beta, {}, {}}, .mean = mean, .variance = variance};
  op->load(step.params);
  op->forward(step);
  const Statistics want = exact(of_first_channel);
  EXPECT_NEAR(mean[0], want.mean, 1e-6 * std::abs(offset) + 1e-6);
  EXPECT_NEAR(variance[0], want.variance, 1e-4 * want.variance) << offset;
}

TEST(BatchNorm, MeasuresValuesFarFromZeroInF32) {
  for (const double offset : {0.0, 1000.0, -1000.0, 30000.0}) {
    compare_far_from_zero(offset, 1, Precision::kF32);
  }
  compare_far_from_zero(1e6, 100, Precision::kF32);
}

TEST(BatchNorm, MeasuresValuesFarFromZeroNeedsBf16) {
  for (const double offset : {0.0, 1000.0, -1000.0}) {
    compare_far_from_zero(offset, 20, Precision::kBf16);
  }
}

}  // namespace
}  // namespace tailor::internal
