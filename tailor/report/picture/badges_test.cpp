#include "tailor/report/picture/badges.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tailor::internal {
namespace {

TEST(Badges, StandWhereTheClassIsDensest) {
  // Class 3: 20 points right, 30 left, and nothing between; class 7: one point.
  std::vector<std::int16_t> screen;
  std::vector<Label> labels;
  for (int i = 0; i < 50; ++i) {
    screen.push_back(std::int16_t(i < 20 ? 20'000 + 30 * i : -20'000 + 30 * i));
    screen.push_back(std::int16_t(-8'000 + 20 * i));
    labels.push_back(3);
  }
  screen.insert(screen.end(), {1'000, 32'767});
  labels.push_back(7);
  const auto anchors = densest_places(screen, 2, labels);
  ASSERT_EQ(anchors.size(), 2u);
  EXPECT_EQ(anchors[0].label, 3);
  EXPECT_NEAR(anchors[0].at[0], (-20'000 + 30 * 34.5) / 32'767, 1e-4);
  EXPECT_NEAR(anchors[0].at[1], (-8'000 + 20 * 34.5) / 32'767, 1e-4);
  EXPECT_EQ(anchors[1].label, 7);
  EXPECT_EQ(anchors[1].at[1], 1);
}

TEST(Badges, MoveApartInsideTheSquare) {
  const Box square{100, 50, 200, 200};
  std::vector<BadgePlace> badges;
  for (int i = 0; i < 10; ++i) badges.push_back({i, 105, 55});
  badges.push_back({10, 250, 200});
  move_apart(badges, 10, square);
  for (std::size_t a = 0; a < badges.size(); ++a) {
    EXPECT_GE(badges[a].x, 110);
    EXPECT_LE(badges[a].y, 240);
    for (std::size_t b = 0; b < a; ++b) {
      EXPECT_GE(std::hypot(badges[a].x - badges[b].x, badges[a].y - badges[b].y), 20) << a << b;
    }
  }
  EXPECT_EQ(badges[10].x, 250);
}

}  // namespace
}  // namespace tailor::internal
