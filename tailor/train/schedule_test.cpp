#include "tailor/train/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tailor::internal {
namespace {

TrainOptions with_schedule(const std::string& schedule) {
  TrainOptions options;
  options.schedule = schedule;
  options.learning_rate = 0.1;
  return options;
}

TEST(Schedule, ConstantNeverChanges) {
  const TrainOptions options = with_schedule("constant");
  EXPECT_EQ(learning_rate(options, 0, 10, 100), 0.1);
  EXPECT_EQ(learning_rate(options, 99, 10, 100), 0.1);
}

TEST(Schedule, StepDropsAtTheFirstStepOfAnEpoch) {
  TrainOptions options = with_schedule("step");
  options.step_epochs = 2;
  options.step_factor = 0.5;
  EXPECT_EQ(learning_rate(options, 19, 10, 100), 0.1);
  EXPECT_EQ(learning_rate(options, 20, 10, 100), 0.05);
  EXPECT_EQ(learning_rate(options, 39, 10, 100), 0.05);
  EXPECT_EQ(learning_rate(options, 40, 10, 100), 0.025);
}

TEST(Schedule, CosineIsKerasCosineDecay) {
  TrainOptions options = with_schedule("cosine");
  options.final_rate = 0.2;
  EXPECT_DOUBLE_EQ(learning_rate(options, 0, 10, 100), 0.1);
  // keras.optimizers.schedules.CosineDecay(0.1, 100, alpha=0.2)(step)
  EXPECT_NEAR(learning_rate(options, 25, 10, 100), 0.08828427, 1e-8);
  EXPECT_NEAR(learning_rate(options, 50, 10, 100), 0.06, 1e-12);
  EXPECT_NEAR(learning_rate(options, 100, 10, 100), 0.02, 1e-12);
}

TEST(Schedule, OneCycleRisesToItsPeakAndFallsToItsEnd) {
  TrainOptions options = with_schedule("one_cycle");
  options.warmup = 0.25;
  options.final_rate = 0.01;
  const std::int64_t total = 101;  // last step 100, peak at 25
  EXPECT_NEAR(learning_rate(options, 0, 10, total), 0.1 / 25, 1e-12);
  EXPECT_NEAR(learning_rate(options, 25, 10, total), 0.1, 1e-12);
  EXPECT_NEAR(learning_rate(options, 100, 10, total), 0.001, 1e-12);
  for (std::int64_t step = 0; step < 100; ++step) {
    const double change =
        learning_rate(options, step + 1, 10, total) - learning_rate(options, step, 10, total);
    EXPECT_EQ(change > 0, step < 25) << step;
  }
}

TEST(Schedule, OneCycleStandsShortTrainingsAndAnyWarmup) {
  TrainOptions options = with_schedule("one_cycle");
  for (const double warmup : {0.0, 0.3, 1.0}) {
    options.warmup = warmup;
    for (const std::int64_t total : {1, 2, 3}) {
      for (std::int64_t step = 0; step < total; ++step) {
        const double rate = learning_rate(options, step, 1, total);
        EXPECT_TRUE(rate >= 0 && rate <= 0.1) << warmup << " " << step << " of " << total;
      }
    }
  }
  options.warmup = 1;
  EXPECT_DOUBLE_EQ(learning_rate(options, 2, 1, 3), 0.1);
}

}  // namespace
}  // namespace tailor::internal
