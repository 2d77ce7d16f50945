#include "tailor/measure/timing.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace tailor::internal {
namespace {

TEST(Quantile, FallsBetweenTwoValues) {
  EXPECT_DOUBLE_EQ(quantile({3, 1, 2}, 0.5), 2);
  EXPECT_DOUBLE_EQ(quantile({4, 1}, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile({5}, 0.99), 5);
  EXPECT_DOUBLE_EQ(quantile({}, 0.5), 0);
}

TEST(Timing, OfRoundsIsTheirMedianWhateverOneOfThemSays) {
  const Timing timing = summarize({2, 2, 1000, 2, 1});
  EXPECT_DOUBLE_EQ(timing.seconds, 2);
  EXPECT_DOUBLE_EQ(timing.spread, 0);
  EXPECT_EQ(timing.rounds, 5);
  EXPECT_DOUBLE_EQ(summarize({1, 2, 3, 4, 5}).spread, 2.0 / 3);
  EXPECT_EQ(summarize({}).seconds, 0);
}

TEST(Timing, RunsEveryRoundOfTheSameNumberOfCalls) {
  const StopFlag stop;
  int calls = 0;
  const auto work = [&] { ++calls; };
  time_round(work, 12);
  EXPECT_EQ(calls, 12);
  calls = 0;
  // Slower than a round is meant to be: one call a round, and two calls to warm up.
  const auto slow = [&] {
    ++calls;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  const Timing timing = time_calls(slow, {5, 1e-6, 0}, stop);
  EXPECT_EQ(calls, 7);
  EXPECT_EQ(timing.rounds, 5);
  EXPECT_GE(timing.seconds, 2e-3);
}

TEST(Timing, OfStoppedWorkIsNothing) {
  StopFlag stop;
  stop.request();
  int calls = 0;
  EXPECT_EQ(time_calls([&] { ++calls; }, {1000, 1, 1000}, stop).rounds, 0);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace tailor::internal
