#include "tailor/measure/op_bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tailor::internal {
namespace {

using ::testing::ElementsAre;

constexpr TimingRules kOnce = {1, 0, 0};

OpCase case_named(const std::string& name, int batch) {
  for (const OpCase& c : op_bench_cases(batch)) {
    if (c.name == name) return c;
  }
  ADD_FAILURE() << "no case " << name;
  return {};
}

std::vector<OpTiming> time_once(const std::string& name, int batch) {
  Engine engine(1);
  const StopFlag stop;
  return time_op(case_named(name, batch), engine, Precision::kF32, kOnce, stop);
}

std::vector<std::string> phases(const std::vector<OpTiming>& timings) {
  std::vector<std::string> names;
  for (const OpTiming& t : timings) names.push_back(name_of(t.phase));
  return names;
}

TEST(OpBench, NamesEveryCaseOnce) {
  std::set<std::string> names;
  const auto cases = op_bench_cases(128);
  for (const OpCase& c : cases) {
    names.insert(c.name);
    EXPECT_EQ(c.batch, 128);
  }
  EXPECT_EQ(names.size(), cases.size());
  EXPECT_TRUE(names.contains("conv3x3 32->64@14"));
  EXPECT_TRUE(names.contains("dense 3136->128"));
}

TEST(OpBench, TimesEveryPhaseATrainingStepRuns) {
  EXPECT_THAT(
      phases(time_once("conv3x3 32->32@14", 2)),
      ElementsAre("load", "forward", "prepare_backward", "backward_weights", "backward_data"));
  EXPECT_THAT(phases(time_once("conv3x3 1->16@28", 2)),
              ElementsAre("load", "forward", "prepare_backward", "backward_weights"));
  EXPECT_THAT(phases(time_once("dense 128->10", 2)),
              ElementsAre("load", "forward", "backward_weights", "backward_data"));
  EXPECT_THAT(phases(time_once("max_pool2x2 64@14", 2)), ElementsAre("forward", "backward_data"));
  EXPECT_THAT(phases(time_once("dropout 64@7", 2)), ElementsAre("forward", "backward_data"));
}

TEST(OpBench, CountsTheDirectAlgorithmsWork) {
  for (const OpTiming& t : time_once("conv3x3/2 32->64@28", 3)) {
    const bool multiplies = t.phase != OpPhase::kLoad && t.phase != OpPhase::kPrepareBackward;
    EXPECT_EQ(t.flop, multiplies ? 2.0 * 3 * 64 * 14 * 14 * 32 * 9 : 0) << name_of(t.phase);
  }
  for (const OpTiming& t : time_once("max_pool2x2 64@14", 3)) {
    EXPECT_EQ(t.flop, 0);
    const double src = 4.0 * 3 * 64 * 14 * 14;  // and a quarter of it for dst
    EXPECT_EQ(t.bytes, t.phase == OpPhase::kForward ? src * 5 / 4 : src * 6 / 4)
        << name_of(t.phase);
  }
}

TEST(OpBench, RunsEveryCaseOnAFastKernel) {
  Engine engine(2);
  const StopFlag stop;
  for (const OpCase& c : op_bench_cases(2)) {
    const auto timings = time_op(c, engine, parse_precision("auto"), kOnce, stop);
    const bool pools = c.name.find("+pool ") != std::string::npos;
    if (!pools) {
      EXPECT_GE(timings.size(), 2u) << c.name;
    }
    for (const OpTiming& t : timings) {
      EXPECT_EQ(t.implementation.find("ref"), std::string::npos) << c.name << t.implementation;
      EXPECT_NE(t.implementation, "") << c.name << " " << name_of(t.phase);
      EXPECT_EQ(t.timing.rounds, 1);
      EXPECT_GT(t.bytes, 0) << c.name << " " << name_of(t.phase);
    }
  }
}

TEST(OpBench, PoolsInsideAConvolutionOnlyWhereAPlanDoes) {
  Engine engine(1);
  const StopFlag stop;
  const OpCase c = case_named("conv3x3+pool 32->64@14", 2);
  const auto& config = std::get<ConvConfig>(c.config);
  for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
    if (precision == Precision::kBf16 && !cpu_info().native_bf16) continue;
    const std::vector<OpTiming> timings = time_op(c, engine, precision, kOnce, stop);
    EXPECT_EQ(timings.empty(), !conv_pools(config, {.src = c.src, .precision = precision}));
    for (const OpTiming& t : timings) {
      if (t.flop > 0) {
        EXPECT_EQ(t.flop, 2.0 * 2 * 64 * 14 * 14 * 32 * 9) << name_of(t.phase);
      }
    }
  }
}

TEST(OpBench, EndsWhereItIsAskedTo) {
  Engine engine(1);
  StopFlag stop;
  stop.request();
  EXPECT_TRUE(
      time_op(case_named("dense 128->10", 1), engine, Precision::kF32, kOnce, stop).empty());
}

}  // namespace
}  // namespace tailor::internal
