#include "tailor/embed/portraits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tailor::internal {
namespace {

std::vector<std::uint32_t> points_of(const ClassPortrait& portrait) {
  std::vector<std::uint32_t> points;
  for (const ClassStanding& s : portrait.ranking) points.push_back(s.point);
  return points;
}

TEST(ClassPortraits, RankFromTypicalToUnusualWithinTheClass) {
  // On a line; class 0 at 0 1 2 10 and class 1 at 3 4.
  const std::vector<float> projected = {10, 3, 1, 0, 4, 2};
  const std::vector<Label> labels = {0, 1, 0, 0, 1, 0};
  Engine engine(2);
  const auto portraits =
      class_portraits(std::vector<std::uint8_t>(6), projected, labels, 2, engine);
  ASSERT_EQ(portraits.size(), 2u);
  EXPECT_THAT(points_of(portraits[0]), testing::ElementsAre(2, 5, 3, 0));
  EXPECT_FLOAT_EQ(portraits[0].ranking[0].score, (1 + 1 + 9) / 3.f);
  EXPECT_FLOAT_EQ(portraits[0].ranking[3].score, (8 + 9 + 10) / 3.f);
  EXPECT_THAT(points_of(portraits[1]), testing::ElementsAre(1, 4));  // as typical: by number
}

TEST(ClassPortraits, LookAtTheTenNearestOnly) {
  std::vector<float> projected(11, 5.f);
  projected.push_back(1000);
  Engine engine(1);
  const auto portraits =
      class_portraits(std::vector<std::uint8_t>(12), projected, std::vector<Label>(12), 1, engine);
  EXPECT_EQ(portraits[0].ranking[10].score, 0);
  EXPECT_EQ(portraits[0].ranking[11].score, 995);
}

TEST(ClassPortraits, ShowTheRoundedMean) {
  const std::vector<std::uint8_t> images = {0, 255, 1, 255, 9, 9, 1, 254};
  const std::vector<Label> labels = {0, 0, 1, 0};
  Engine engine(1);
  const auto portraits = class_portraits(images, std::vector<float>(4), labels, 2, engine);
  EXPECT_THAT(portraits[0].mean, testing::ElementsAre(1, 255));
  EXPECT_THAT(portraits[1].mean, testing::ElementsAre(9, 9));
}

TEST(ClassPortraits, KnowClassesOfOneAndOfNone) {
  const std::vector<std::uint8_t> images = {7, 8};
  Engine engine(1);
  const auto portraits =
      class_portraits(images, std::vector<float>(4), std::vector<Label>{2, 0}, 3, engine);
  ASSERT_EQ(portraits.size(), 3u);
  EXPECT_THAT(points_of(portraits[2]), testing::ElementsAre(0));
  EXPECT_TRUE(portraits[1].ranking.empty());
  EXPECT_EQ(portraits[1].label, 1);
  EXPECT_THAT(portraits[1].mean, testing::ElementsAre(0));
}

}  // namespace
}  // namespace tailor::internal
