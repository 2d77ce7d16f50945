#include <gtest/gtest.h>

#include "tailor/nn/lower/pass_names.hpp"
#include "tailor/nn/test_nets.hpp"

namespace tailor::internal {
namespace {

struct Planned {
  std::size_t bytes, apart;
};

Planned planned(Phase phase) {
  const Spec spec = test::air_net(16, {1, 28, 28});
  Engine engine(1);
  const PlanSite site{engine, 16, phase, Precision::kF32};
  Program program;
  program.table = param_table(spec);
  build(test::chosen(spec, site), site, program);
  if (site.trains()) program.regions = draw_regions(program.steps, {});
  plan_memory(program, site);
  const std::size_t on_paper = program.memory_bytes(engine);
  for (const Step& step : program.steps) EXPECT_EQ(step.output->data.data(), nullptr) << step.name;
  program.take_memory(engine);
  EXPECT_EQ(program.memory_bytes(engine), on_paper);
  for (const Step& step : program.steps) EXPECT_NE(step.output->data.data(), nullptr) << step.name;
  return {program.arena.bytes(), program.arena.bytes_apart()};
}

TEST(PlanMemory, LetsOperationsShareWhatTheyDoNotNeedTogether) {
  const Planned training = planned(Phase::kTraining);
  const Planned inference = planned(Phase::kInference);
  const Planned inspection = planned(Phase::kInspection);
  EXPECT_LT(training.bytes, training.apart);
  EXPECT_LT(inference.bytes, inspection.bytes);  // which keeps what every operation puts out
  EXPECT_LT(inspection.bytes, training.bytes);
}

}  // namespace
}  // namespace tailor::internal
