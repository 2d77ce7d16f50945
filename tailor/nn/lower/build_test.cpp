#include <gtest/gtest.h>

#include "tailor/nn/lower/pass_names.hpp"

namespace tailor::internal {
namespace {

const Spec kSpec{{3, 6, 6},
                 10,
                 {{Conv2D{.filters = 5, .padding = "same"}},
                  {Residual{{{BatchNormalization{}}, {GELU{}}}}},
                  {Flatten{}},
                  {Dense{10}}}};

std::unique_ptr<Program> built(Engine& engine, Phase phase) {
  const PlanSite site{engine, 2, phase, Precision::kF32};
  auto program = std::make_unique<Program>();
  program->table = param_table(kSpec);
  build(test::chosen(kSpec, site), site, *program);
  return program;
}

TEST(Build, GivesEveryOperationItsParameters) {
  Engine engine(1);
  const auto program = built(engine, Phase::kTraining);
  const auto& steps = program->steps;
  ASSERT_EQ(steps.size(), 6u);
  EXPECT_EQ(steps[0].kernel->name, "layers.0.kernel");
  EXPECT_EQ(steps[1].name, "layers.1 fork");
  EXPECT_EQ(steps[2].kernel->name, "layers.1.body.0.gamma");
  EXPECT_EQ(steps[2].bias->name, "layers.1.body.0.beta");
  EXPECT_EQ(steps[2].variance->name, "layers.1.body.0.moving_variance");
  EXPECT_EQ(steps[3].kernel, nullptr);
  EXPECT_EQ(steps[5].bias->name, "layers.3.bias");
  EXPECT_EQ(program->logits().shape, (Shape{10, 1, 1}));
}

TEST(Build, MakesGradientsBehindTheFirstWeightsOfATrainingPlan) {
  Engine engine(1);
  const auto training = built(engine, Phase::kTraining);
  EXPECT_FALSE(training->input().has_diff());
  for (const Step& step : training->steps) EXPECT_TRUE(step.backward) << step.name;
  EXPECT_FALSE(training->steps.front().differentiates_data);
  const auto inference = built(engine, Phase::kInference);
  for (const Step& step : inference->steps) EXPECT_FALSE(step.backward) << step.name;
}

}  // namespace
}  // namespace tailor::internal
