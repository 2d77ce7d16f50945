#include "tailor/report/picture/trajectory.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tailor::internal {
namespace {

using Screen = std::vector<std::int16_t>;

TEST(Trajectory, FillsTheScreenAndKeepsProportions) {
  EXPECT_EQ(screen_coordinates({0, 0, {10, 1, 14, 2, 12, 1.5f}}, 2),
            (Screen{-32767, -8192, 32767, 8192, 0, 0}));
  EXPECT_EQ(screen_coordinates({0, 0, {-1e-4f, 0, 1e-4f, 1e-4f, 0, 1e-4f}}, 3),
            (Screen{-32767, 0, 0, 32767, 0, 0}));
}

TEST(Trajectory, OnePlaceIsTheMiddle) {
  EXPECT_EQ(screen_coordinates({0, 0, {7, 8, 7, 8}}, 2), (Screen{0, 0, 0, 0}));
}

TEST(Trajectory, TakesAnyNumber) {
  EXPECT_EQ(screen_coordinates({0, 0, {NAN, 3e38f, 1, -3e38f, INFINITY, 0}}, 2),
            (Screen{0, 32767, 0, -32767, 0, 0}));
  EXPECT_EQ(screen_coordinates({0, 0, {NAN, NAN}}, 2), (Screen{0, 0}));
  EXPECT_EQ(screen_coordinates({0, 0, {0, 0, 1e-45f, 0}}, 2), (Screen{-32767, 0, 32767, 0}));
}

}  // namespace
}  // namespace tailor::internal
