#include "tailor/measure/breakdown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tailor::internal {
namespace {

using ::testing::ElementsAre;

TEST(BreakdownKinds, FollowTheLayerAndThePhase) {
  const std::string first = "layers.2";
  EXPECT_EQ(kind_of("layers.2 conv2d forward", first), "first conv");
  EXPECT_EQ(kind_of("layers.2 conv2d prepare_backward", first), "first conv");
  EXPECT_EQ(kind_of("layers.2 conv2d load", first), "weights load");
  EXPECT_EQ(kind_of("layers.20 conv2d forward", first), "conv forward");
  EXPECT_EQ(kind_of("layers.4 conv2d backward_data", first), "conv backward_data");
  EXPECT_EQ(kind_of("layers.4 conv2d backward_weights", first), "conv backward_weights");
  EXPECT_EQ(kind_of("layers.4 conv2d prepare_backward", first), "conv prepare_backward");
  EXPECT_EQ(kind_of("layers.4 conv2d + max_pooling2d forward", first), "conv forward");
  EXPECT_EQ(kind_of("layers.3.body.1 conv2d forward", first), "conv forward");
  EXPECT_EQ(kind_of("layers.8 dense backward_data", first), "dense");
  EXPECT_EQ(kind_of("layers.9 dense load", first), "weights load");
  EXPECT_EQ(kind_of("layers.2 batch_normalization prepare_backward", first), "normalisation");
  EXPECT_EQ(kind_of("layers.3 max_pooling2d backward_data", first), "pooling");
  EXPECT_EQ(kind_of("layers.3 global_average_pooling2d forward", first), "pooling");
  EXPECT_EQ(kind_of("optimizer", first), "optimizer");
  EXPECT_EQ(kind_of("gather batch", first), "input");
  EXPECT_EQ(kind_of("input", first), "input");
  EXPECT_EQ(kind_of("loss", first), "rest");
  EXPECT_EQ(kind_of("layers.7 dropout forward", first), "rest");
}

TEST(Breakdown, SortsAndSumsAndGroupsWithoutLosingAnything) {
  Breakdown b;
  b.step.seconds = 16;
  b.entries = {{"input", "tailor", 1},
               {"layers.1 conv2d forward", "jit", 2},
               {"layers.3 conv2d forward", "jit", 8},
               {"layers.5 conv2d forward", "jit", 3},
               {"loss", "tailor", 1}};
  arrange(b);
  EXPECT_EQ(b.entries.front().operation, "layers.3 conv2d forward");
  EXPECT_EQ(b.entries.back().operation, "loss");
  EXPECT_DOUBLE_EQ(b.sum_seconds, 15);
  EXPECT_DOUBLE_EQ(b.gap(), 1.0 / 16);
  std::vector<std::string> kinds;
  double sum = 0;
  for (const KindShare& kind : b.kinds) {
    kinds.push_back(kind.kind);
    sum += kind.seconds;
  }
  EXPECT_THAT(kinds, ElementsAre("conv forward", "first conv", "input", "rest"));
  EXPECT_DOUBLE_EQ(b.kinds.front().seconds, 11);
  EXPECT_DOUBLE_EQ(sum, b.sum_seconds);
}

// Counts its calls as seconds, so that nothing here depends on a clock.
class Counted : public Profiled {
 public:
  void operator()() override {
    if (profiling_) ++profiled_;
    ++(profiling_ ? all_profiled_ : plain_);
  }
  void profile(bool on) override {
    profiling_ = on;
    profiled_ = 0;
  }
  std::vector<PlanEntry> entries() const override {
    return {{"loss", "tailor", 2.0 * profiled_}, {"input", "tailor", 3.0 * profiled_}};
  }
  int plain() const { return plain_; }
  int all_profiled() const { return all_profiled_; }

 private:
  bool profiling_ = false;
  int profiled_ = 0, all_profiled_ = 0, plain_ = 0;
};

TEST(Breakdown, IsOfOneCallWhateverTheNumberOfRounds) {
  Counted work;
  const StopFlag stop;
  const Breakdown b = measure_breakdown(work, {4, 0, 0}, stop);
  EXPECT_EQ(work.all_profiled(), 4);
  EXPECT_EQ(work.plain(), 6);  // two to warm up
  EXPECT_EQ(b.step.rounds, 4);
  EXPECT_EQ(b.profiled_step.rounds, 4);
  ASSERT_EQ(b.entries.size(), 2u);
  EXPECT_EQ(b.entries[0].operation, "input");
  EXPECT_DOUBLE_EQ(b.entries[0].seconds, 3);
  EXPECT_DOUBLE_EQ(b.sum_seconds, 5);
}

TEST(Breakdown, OfStoppedWorkIsEmpty) {
  Counted work;
  StopFlag stop;
  stop.request();
  EXPECT_EQ(measure_breakdown(work, {4, 0, 0}, stop).step.rounds, 0);
}

}  // namespace
}  // namespace tailor::internal
