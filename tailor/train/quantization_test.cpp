#include "tailor/train/quantization.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tailor/nn/test_nets.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

TEST(BestRange, IsTheLargestValueWhereAllAreEquallyLikely) {
  const std::vector<std::int64_t> uniform(2048, 100);
  EXPECT_NEAR(best_range(uniform, 6, 255), 6, 0.1);
}

TEST(BestRange, CutsARareGiantOff) {
  std::vector<std::int64_t> histogram(2048);
  for (std::size_t i = 0; i < 64; ++i) histogram[i] = 1'000'000;
  histogram.back() = 1;
  const float range = best_range(histogram, 32, 127);
  EXPECT_GE(range, 1);
  EXPECT_LT(range, 4);
  // Rounded to 65,535 levels, the many lose nothing, and the giant may stay.
  EXPECT_GT(best_range(histogram, 32, 65535), 30);
}

TEST(BestRange, IsARangeEvenWhereEverythingIsZero) {
  EXPECT_EQ(best_range(std::vector<std::int64_t>(2048), 0, 255), 1);
}

TEST(Quantization, GivesEveryLayerTheRangeOfWhatItPutsOut) {
  Spec spec = test::seed_net(8);
  Params params = init_params(spec, 1);
  const test::RandomBatch batch(spec.input, 70);  // more than the plan takes at a time
  Dataset set{spec.input, batch.bytes, batch.labels, {"a"}, {}};
  Engine engine(1);
  const ActivationRanges before = measure_ranges(spec, params, engine, all_rows(set));
  Plan plan(spec, engine, 1, Phase::kInspection, Precision::kF32);
  for (const ActivationInfo& info : plan.activations()) {
    ASSERT_TRUE(before.contains(layer_of(info.layer))) << info.layer;
  }
  // Twice as large weights and biases in one layer are twice as large a range there.
  for (const TensorInfo& info : params.table.weights) {
    if (!info.name.starts_with("layers.4.")) continue;
    for (float& w : params.tensor(info, params.weights)) w *= 2;
  }
  const ActivationRanges after = measure_ranges(spec, params, engine, all_rows(set));
  EXPECT_EQ(after.at("layers.2"), before.at("layers.2"));
  EXPECT_NEAR(after.at("layers.4") / before.at("layers.4"), 2, 1e-3);
}

TEST(Quantization, RefusesANetThatPutsOutWhatIsNoNumber) {
  const Spec spec = test::seed_net(8);
  Params params = init_params(spec, 1);
  for (float& w : params.weights.floats()) w *= 1e38f;
  const test::RandomBatch batch(spec.input, 3);
  const Dataset set{spec.input, batch.bytes, batch.labels, {"a"}, {}};
  Engine engine(1);
  EXPECT_THAT(refusal_of([&] { measure_ranges(spec, params, engine, all_rows(set)); }),
              testing::HasSubstr("puts out what is no number for image 0"));
}

TEST(Quantization, LetsANetAnswerInBytesAsInF32NeedsVnni) {
  Spec spec = test::seed_net(8);
  Params params = init_params(spec, 1);
  const test::RandomBatch batch(spec.input, 300);
  Dataset set{spec.input, batch.bytes, batch.labels, std::vector<std::string>(10, "a"), {}};
  Engine engine(1);
  params.ranges = measure_ranges(spec, params, engine, all_rows(set));
  const auto f32 = predict(spec, params, engine, Precision::kF32, all_rows(set));
  const auto int8 = predict(spec, params, engine, Precision::kInt8, all_rows(set));
  double difference = 0;
  for (std::size_t i = 0; i < f32.size(); ++i) {
    difference = std::max(difference, double(std::abs(f32[i] - int8[i])));
  }
  EXPECT_LT(difference, 0.02);
  EXPECT_GT(difference, 0);
}

}  // namespace
}  // namespace tailor::internal
