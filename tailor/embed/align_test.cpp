#include "tailor/embed/align.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tailor::internal {
namespace {

// A map and the same one turned by 2 radians, mirrored, three times as large, elsewhere.
TEST(AlignMap, FindsTheTurnAndTheMirror) {
  const std::vector<float> other = {0, 0, 4, 0, 0, 1, 5, 2, -3, 1};
  Embedding map;
  map.points = 5;
  for (std::size_t i = 0; i < other.size(); i += 2) {
    const double x = -other[i], y = other[i + 1];
    const double turned_x = std::cos(2) * x - std::sin(2) * y;
    const double turned_y = std::sin(2) * x + std::cos(2) * y;
    map.frames.resize(1);
    map.frames[0].coordinates.push_back(float(3 * turned_x));
    map.frames[0].coordinates.push_back(float(3 * turned_y));
  }
  align_map(map, other);
  for (std::size_t i = 0; i < other.size(); ++i) {
    EXPECT_NEAR(map.coordinates()[i], 3 * other[i], 1e-5) << i;
  }
}

// x becomes y, y becomes z, z becomes x.
TEST(AlignMap, TurnsAllFramesAlikeInSpace) {
  Embedding map;
  map.dimensions = 3;
  map.points = 4;
  map.frames = {{0, 0, {0, 0, 1, 0, 2, 0, 3, 0, 0, 1, 1, 1}},
                {1, 0, {0, 0, 2, 0, 4, 0, 6, 0, 0, 2, 2, 2}}};
  align_map(map, std::vector<float>{2, 0, 0, 0, 0, 4, 0, 6, 0, 2, 2, 2});
  const std::vector<float> first = {1, 0, 0, 0, 0, 2, 0, 3, 0, 1, 1, 1};
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_NEAR(map.frames[0].coordinates[i], first[i], 1e-5) << i;
    EXPECT_NEAR(map.frames[1].coordinates[i], 2 * first[i], 1e-5) << i;
  }
}

TEST(AlignMap, SurvivesPointsThatAreAllTheSame) {
  Embedding map;
  map.points = 2;
  map.frames = {{0, 0, {1, 1, 1, 1}}};
  align_map(map, std::vector<float>{0, 0, 0, 0});
  for (const float value : map.coordinates()) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace tailor::internal
