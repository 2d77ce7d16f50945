#include "tailor/report/charts/axis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tailor::internal {
namespace {

TEST(Axis, OrdersNumbersAndKeepsThemInside) {
  const Axis axis = make_axis({std::int64_t(8), std::int64_t(64), 36.0});
  EXPECT_LT(axis.positions[0], axis.positions[2]);
  EXPECT_LT(axis.positions[2], axis.positions[1]);
  EXPECT_NEAR(axis.positions[2], 0.5, 1e-12);
  EXPECT_GT(axis.positions[0], 0);
  EXPECT_LT(axis.positions[1], 1);
  ASSERT_EQ(axis.ticks.size(), 3u);  // few enough to be the ticks themselves
  EXPECT_EQ(axis.ticks[0].text, "8");
  EXPECT_EQ(axis.ticks[2].text, "64");
}

TEST(Axis, PutsRoundTicksUnderDrawnNumbers) {
  const Axis axis = make_axis({0.2113374, 0.4412345, 0.5987321});
  ASSERT_EQ(axis.ticks.size(), 3u);
  EXPECT_EQ(axis.ticks[0].text, "0.3");
  EXPECT_EQ(axis.ticks[2].text, "0.5");
}

TEST(Axis, SpacesDecadesEvenly) {
  const Axis axis = make_axis({0.0000523456, 0.5987654321, 0.0031415926});
  ASSERT_EQ(axis.ticks.size(), 4u);
  EXPECT_NEAR(axis.ticks[1].at - axis.ticks[0].at, axis.ticks[2].at - axis.ticks[1].at, 1e-9);
  EXPECT_EQ(axis.ticks[0].text, "0.0001");
}

TEST(Axis, TakesLogarithmsWhereTheyLieMoreEvenly) {
  const Axis powers =
      make_axis({std::int64_t(8), std::int64_t(16), std::int64_t(32), std::int64_t(64)});
  EXPECT_NEAR(powers.positions[1] - powers.positions[0], powers.positions[3] - powers.positions[2],
              1e-9);
  const Axis steps = make_axis({0.1, 0.2, 0.3, 0.4, 0.5, 0.6});
  EXPECT_NEAR(steps.positions[1] - steps.positions[0], steps.positions[5] - steps.positions[4],
              1e-9);
  EXPECT_LT(make_axis({-4.0, 400.0, 0.0}).positions[2], 0.1);  // no logarithm of these
}

TEST(Axis, GivesTextsAPlaceEach) {
  const Axis axis = make_axis({std::string("sgd"), std::string("adam"), std::string("sgd"), true});
  EXPECT_EQ(axis.ticks.size(), 3u);
  EXPECT_EQ(axis.ticks[0].text, "adam");
  EXPECT_EQ(axis.positions[0], axis.positions[2]);
  EXPECT_NE(axis.positions[0], axis.positions[1]);
}

TEST(Axis, OrdersNumbersAmongTexts) {
  const Axis axis = make_axis({std::int64_t(10), std::string("none"), std::int64_t(9)});
  EXPECT_LT(axis.positions[2], axis.positions[0]);
  EXPECT_LT(axis.positions[0], axis.positions[1]);
}

TEST(Axis, CentresASingleValue) {
  const Axis axis = make_axis({0.4, 0.4});
  EXPECT_EQ(axis.positions, (std::vector<double>{0.5, 0.5}));
  ASSERT_EQ(axis.ticks.size(), 1u);
  EXPECT_EQ(axis.ticks[0].text, "0.4");
}

TEST(RoundLimits, HoldTheValuesAndRespectTheBounds) {
  const Limits limits = round_limits({0.77, 0.996}, 0, 1);
  EXPECT_DOUBLE_EQ(limits.step, 0.05);
  EXPECT_DOUBLE_EQ(limits.low, 0.75);
  EXPECT_DOUBLE_EQ(limits.high, 1);
}

TEST(RoundLimits, PassOverValuesThatAreNoNumbers) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Limits limits = round_limits({nan, 0.2, 0.7, nan}, 0, 1);
  EXPECT_LE(limits.low, 0.2);
  EXPECT_GE(limits.high, 0.7);
  EXPECT_TRUE(std::isfinite(round_limits({nan}, 0, 1).high));
}

TEST(RoundLimits, GiveEqualValuesRoom) {
  const Limits limits = round_limits({0.9, 0.9}, 0, 1);
  EXPECT_LT(limits.low, 0.9);
  EXPECT_GT(limits.high, 0.9);
}

TEST(RoundLimits, SpanNoLessThanAsked) {
  const Limits limits = round_limits({0.9, 0.9001}, 0, 1, 0.02);
  EXPECT_GE(limits.high - limits.low, 0.02 - 1e-12);
  EXPECT_LE(limits.low, 0.9);
  EXPECT_GE(limits.high, 0.9001);
}

TEST(RoundLimits, ChooseDigitsThatTellTicksApart) {
  EXPECT_EQ(digits_for(20), 0);
  EXPECT_EQ(digits_for(1), 0);
  EXPECT_EQ(digits_for(0.5), 1);
  EXPECT_EQ(digits_for(0.002), 3);
}

}  // namespace
}  // namespace tailor::internal
