#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/nn/test_nets.hpp"

namespace tailor::internal {
namespace {

using test::odd_nets;
using test::RandomBatch;
using test::seed_net;

// The largest magnitudes over a batch: enough for tests.
ActivationRanges largest_values(const Spec& spec, Engine& engine, const Params& params,
                                const RandomBatch& batch) {
  Plan plan(spec, engine, int(batch.images.size()), Phase::kInspection, Precision::kF32);
  plan.load(params);
  plan.forward(batch.images);
  ActivationRanges ranges;
  const std::vector<ActivationInfo> list = plan.activations();
  for (std::size_t which = 0; which < list.size(); ++which) {
    float& range = ranges[layer_of(list[which].layer)] = 1e-3f;
    std::vector<float> values(list[which].shape.size());
    for (int i = 0; i < plan.batch(); ++i) {
      plan.activation(which, i, values);
      for (const float v : values) range = std::max(range, std::abs(v));
    }
  }
  return ranges;
}

std::vector<float> inference_logits(const Spec& spec, Engine& engine, const Params& params,
                                    const RandomBatch& batch, Precision precision) {
  Plan plan(spec, engine, int(batch.images.size()), Phase::kInference, precision);
  EXPECT_EQ(plan.reference_kernels(), 0);
  plan.load(params);
  plan.fill_arena(0xff);
  plan.forward(batch.images);
  const auto logits = plan.logits();
  return {logits.begin(), logits.end()};
}

// Running statistics that a training might have left.
Params trained_params(const Spec& spec) {
  Params params = init_params(spec, 1);
  const Rng rng(4, Purpose::kDraw, 0);
  for (const TensorInfo& info : params.table.state) {
    const bool variance = info.name.ends_with("moving_variance");
    const std::span<float> values = params.tensor(info, params.state);
    for (std::size_t i = 0; i < info.size; ++i) {
      values[i] = float(variance ? 0.1 + rng.uniform(info.offset + i) : 0.1 * rng.normal(i));
    }
  }
  return params;
}

TEST(Int8Plan, PredictsInBytesAboutAsInF32NeedsVnni) {
  for (const Spec& spec : odd_nets()) {
    for (const int threads : {1, 2}) {
      Engine engine(threads);
      Params params = trained_params(spec);
      const RandomBatch batch(spec.input, 7);
      params.ranges = largest_values(spec, engine, params, batch);
      const auto f32 = inference_logits(spec, engine, params, batch, Precision::kF32);
      const auto int8 = inference_logits(spec, engine, params, batch, Precision::kInt8);
      double difference = 0, norm = 0;
      for (std::size_t i = 0; i < f32.size(); ++i) {
        difference += double(f32[i] - int8[i]) * double(f32[i] - int8[i]);
        norm += double(f32[i]) * double(f32[i]);
      }
      EXPECT_LT(std::sqrt(difference / norm), 0.03) << summary(spec) << difference / norm;
      EXPECT_GT(difference, 0) << summary(spec);
    }
  }
}

TEST(Int8Plan, KeepsTheNamedNetsInBytesFromEndToEndNeedsVnni) {
  Engine engine(1);
  for (const char* name : {"seed", "air"}) {
    for (const int kernels : {1, 5, 16, 17, 32, 40}) {
      for (const int batch : {1, 3, 128}) {
        ModelOptions options;
        options.name = name;
        options.kernels = kernels;
        const Spec spec = make_spec(options, {1, 28, 28}, 10);
        const Plan plan(spec, engine, batch, Phase::kInference, Precision::kInt8);
        EXPECT_EQ(plan.reference_kernels(), 0) << name << " " << kernels;
        for (const ActivationInfo& info : plan.activations()) {  // none "to int8" or "from int8"
          EXPECT_EQ(info.layer.find("int8"), std::string::npos) << name << ": " << info.layer;
        }
      }
    }
  }
}

TEST(Int8Plan, NamesTheLayerWithoutAnInt8RangeNeedsVnni) {
  const Spec spec = seed_net(16);
  Engine engine(1);
  Params params = init_params(spec, 1);
  params.ranges = {{"layers.2", 1.f}};
  Plan plan(spec, engine, 2, Phase::kInference, Precision::kInt8);
  try {
    plan.load(params);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_NE(std::string(error.what()).find("layers.4"), std::string::npos) << error.what();
  }
}

TEST(Int8Plan, RefusesInt8ToTrainAndWithoutVnni) {
  Engine engine(1);
  const Spec spec = seed_net(16);
  EXPECT_THROW(Plan(spec, engine, 2, Phase::kTraining, Precision::kInt8), Error);
  if (cpu_info().vnni) {
    EXPECT_NO_THROW(Plan(spec, engine, 2, Phase::kInference, Precision::kInt8));
  } else {
    EXPECT_THROW(Plan(spec, engine, 2, Phase::kInference, Precision::kInt8), Error);
  }
}

}  // namespace
}  // namespace tailor::internal
