#include "tailor/report/axis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tailor {
namespace {

TEST(Axis, OrdersNumbersAndKeepsThemInside) {
  const Axis axis = make_axis({std::int64_t(8), std::int64_t(64), 36.0});
  EXPECT_LT(axis.positions[0], axis.positions[2]);
  EXPECT_LT(axis.positions[2], axis.positions[1]);
  EXPECT_NEAR(axis.positions[2], 0.5, 1e-12);
  EXPECT_GT(axis.positions[0], 0);
  EXPECT_LT(axis.positions[1], 1);
  ASSERT_EQ(axis.ticks.size(), 3u);
  EXPECT_EQ(axis.ticks[0].text, "20");
  EXPECT_EQ(axis.ticks[2].text, "60");
}

TEST(Axis, SpacesDecadesEvenly) {
  const Axis axis = make_axis({1e-4, 1e-1, 1e-2});
  ASSERT_EQ(axis.ticks.size(), 4u);
  EXPECT_NEAR(axis.ticks[1].at - axis.ticks[0].at, axis.ticks[3].at - axis.ticks[2].at, 1e-9);
  EXPECT_EQ(axis.ticks[0].text, "0.0001");
  EXPECT_NEAR(axis.positions[2], axis.ticks[2].at, 1e-9);
}

TEST(Axis, GivesTextsAPlaceEach) {
  const Axis axis = make_axis({std::string("sgd"), std::string("adam"), std::string("sgd"), true});
  EXPECT_EQ(axis.ticks.size(), 3u);
  EXPECT_EQ(axis.ticks[0].text, "adam");
  EXPECT_EQ(axis.positions[0], axis.positions[2]);
  EXPECT_NE(axis.positions[0], axis.positions[1]);
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

TEST(RoundLimits, ChooseDigitsThatTellTicksApart) {
  EXPECT_EQ(digits_for(20), 0);
  EXPECT_EQ(digits_for(1), 0);
  EXPECT_EQ(digits_for(0.5), 1);
  EXPECT_EQ(digits_for(0.002), 3);
}

}  // namespace
}  // namespace tailor
