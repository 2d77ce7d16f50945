// A table of kernels in force: which layers of a plan it changes, and that results stay.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tailor/nn/lowering.hpp"
#include "tailor/nn/test_nets.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {
namespace {

using test::air_net;
using test::precisions;
using test::RandomBatch;
using test::seed_net;

std::map<std::string, std::string> implementations(const Spec& spec, Precision precision,
                                                   const KernelChoices& choices) {
  Engine engine(1, nullptr, &choices);
  const Plan plan(spec, engine, 2, Phase::kTraining, precision);
  EXPECT_EQ(plan.reference_kernels(), 0);
  std::map<std::string, std::string> by_operation;
  for (const PlanEntry& entry : plan.entries()) {
    by_operation[entry.operation] = entry.implementation;
  }
  return by_operation;
}

std::vector<std::string> keys_of(const Spec& spec, Precision precision) {
  Engine engine(1);
  std::vector<std::string> keys;
  for (const OpCase& c : weighted_operations(spec, engine, 2, precision)) keys.push_back(c.name);
  return keys;
}

TEST(PlanChoices, NamesEveryConvolutionAndDenseLayerOnce) {
  EXPECT_EQ(
      keys_of(seed_net(16), Precision::kF32),
      (std::vector<std::string>{"conv 3x3 1->16 @12x12 pool f32", "conv 3x3 16->32 @6x6 pool f32",
                                "dense 32->10 f32", "dense 32->32 @3x3 f32"}));
  const auto air = keys_of(air_net(8), Precision::kF32);
  EXPECT_EQ(air.size(), 6u);
  EXPECT_EQ(air.front(), "conv 3x3 1->8 @12x12 f32");
}

TEST(PlanChoices, AnEntrySwitchesItsLayerAndNoOther) {
  const Spec spec = seed_net(16);
  for (const Precision precision : precisions()) {
    if (precision == Precision::kBf16 && best_target() != Target::kAvx512Bf16) continue;
    const auto rule = implementations(spec, precision, {});
    ASSERT_TRUE(rule.contains("layers.4 conv2d + max_pooling2d forward"));
    KernelChoices choices;
    choices.operations["conv 3x3 16->32 @6x6 pool " + to_string(precision)] = Kernels::kLibrary;
    const auto chosen = implementations(spec, precision, choices);
    EXPECT_FALSE(chosen.contains("layers.4 conv2d + max_pooling2d forward"));
    ASSERT_TRUE(chosen.contains("layers.4 conv2d forward"));
    EXPECT_NE(chosen.at("layers.4 conv2d forward"),
              rule.at("layers.4 conv2d + max_pooling2d forward"));
    for (const char* other : {"layers.2 conv2d + max_pooling2d forward", "layers.8 dense forward",
                              "layers.9 dense forward"}) {
      ASSERT_TRUE(chosen.contains(other)) << other;
      EXPECT_EQ(chosen.at(other), rule.at(other)) << other;
    }
  }
}

// Logits, or gradients. Biases are not 0: between zeros around an image a ReLU would stand on its
// kink, where Winograd's last digit decides.
std::vector<float> results(const Spec& spec, Phase phase, const KernelChoices& choices) {
  Engine engine(2, nullptr, &choices);
  Params params = init_params(spec, 1);
  for (const TensorInfo& t : params.table.weights) {
    if (t.name.ends_with(".bias")) std::fill_n(&params.weights.floats()[t.offset], t.size, 0.1f);
  }
  const RandomBatch batch(spec.input, 4, 100);
  Plan plan(spec, engine, 4, phase, Precision::kF32);
  EXPECT_EQ(plan.reference_kernels(), 0);
  plan.load(params);
  plan.forward(batch.images, params, {1, 0, batch.rows});
  if (phase == Phase::kInference) {
    return {plan.logits().begin(), plan.logits().end()};
  }
  std::vector<float> out(params.weights.floats().size());
  plan.backward({batch.labels}, out);
  return out;
}

TEST(PlanChoices, ChangeNoResult) {
  KernelChoices library;
  library.otherwise = Kernels::kLibrary;
  std::vector<Spec> nets = test::odd_nets();
  nets.push_back(seed_net(16));
  nets.push_back(air_net(16));
  for (const Spec& spec : nets) {
    for (const Phase phase : {Phase::kTraining, Phase::kInference}) {
      const auto own = results(spec, phase, {});
      const auto theirs = results(spec, phase, library);
      double difference = 0, norm = 0;
      for (std::size_t i = 0; i < own.size(); ++i) {
        difference += (own[i] - theirs[i]) * (own[i] - theirs[i]);
        norm += own[i] * own[i];
      }
      EXPECT_LT(difference, 1e-6 * norm);
    }
  }
}

}  // namespace
}  // namespace tailor::internal
