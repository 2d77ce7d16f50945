#include "tailor/data/sprite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

using testing::ElementsAre;

// Images of 1 x 2 gray pixels: image i is {10 i + 1, 10 i + 2}.
Dataset tiny(std::vector<Label> labels, int classes) {
  Dataset set;
  set.shape = {.channels = 1, .height = 1, .width = 2};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    set.pixels.push_back(std::uint8_t(10 * i + 1));
    set.pixels.push_back(std::uint8_t(10 * i + 2));
  }
  set.labels = std::move(labels);
  for (int c = 0; c < classes; ++c) set.class_names.push_back(std::to_string(c));
  return set;
}

TEST(Sprite, ShowsTheFirstImagesOfEveryClassInDataOrder) {
  const Sprite sprite = class_sprite(tiny({1, 0, 1, 1, 1, 1}, 2), 2, 2);
  EXPECT_EQ(sprite.height, 4);
  EXPECT_EQ(sprite.width, 4);
  EXPECT_THAT(sprite.pixels, ElementsAre(11, 12, 0, 0,  //
                                         0, 0, 0, 0,    //
                                         1, 2, 21, 22,  //
                                         31, 32, 41, 42));
}

TEST(Sprite, PutsGivenRowsInAGridAndLeavesTheRestBlank) {
  const Sprite sprite = grid_sprite(tiny({0, 0, 0, 0}, 1), {3, 0, 2}, 2);
  EXPECT_EQ(sprite.height, 2);
  EXPECT_THAT(sprite.pixels, ElementsAre(31, 32, 1, 2, 21, 22, 0, 0));
}

TEST(Sprite, KeepsColoursTogether) {
  Dataset set;
  set.shape = {.channels = 3, .height = 2, .width = 1};
  set.pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  set.labels = {0, 0};
  set.class_names = {"0"};
  const Sprite sprite = grid_sprite(set, {0, 1}, 2);
  EXPECT_EQ(sprite.channels, 3);
  EXPECT_THAT(sprite.pixels, ElementsAre(1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12));
}

TEST(Sprite, RefusesEmptyAndEnormousGrids) {
  const Dataset set = tiny({0, 0}, 1);
  EXPECT_THROW(class_sprite(set, 0, 30), Error);
  EXPECT_THROW(class_sprite(set, 3, 0), Error);
  EXPECT_THROW(class_sprite(set, 2'000'000'000, 2'000'000'000), Error);
  EXPECT_THROW(grid_sprite(set, {}, 3), Error);
  EXPECT_THROW(grid_sprite(set, {0}, -1), Error);
}

}  // namespace
}  // namespace tailor::internal
