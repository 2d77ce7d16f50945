#include "tailor/data/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tailor::internal {
namespace {

using testing::ElementsAre;

// Six images of 1x2, of three classes; the first is image 10 of its file.
Dataset six_images() {
  Dataset set{{1, 1, 2}, {}, {0, 1, 2, 0, 1, 2}, {"a", "b", "c"}};
  for (std::uint8_t i = 0; i < 12; ++i) set.pixels.push_back(i);
  for (std::uint32_t i = 0; i < 6; ++i) set.origin.push_back(10 + i);
  return set;
}

TEST(Rows, ReadTheSetInTheirOwnOrder) {
  const Dataset set = six_images();
  const Rows rows{&set, {5, 0, 5}};
  EXPECT_EQ(rows.size(), 3u);
  EXPECT_THAT(labels_of(rows), ElementsAre(2, 0, 2));
  EXPECT_THAT(floats_of(rows), ElementsAre(10, 11, 0, 1, 10, 11));
  EXPECT_EQ(rows.number(0), 15u);
  EXPECT_EQ(rows.image(1).data(), set.pixels.data()) << "a copy";
}

TEST(Rows, AreAllOrASliceThatKeepsTheClasses) {
  const Dataset set = six_images();
  EXPECT_THAT(all_rows(set).indices, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(slice_of(set, 0, 1).indices, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(slice_of(set, 6, 1).indices, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(labels_of(slice_of(set, 3, 1)), testing::UnorderedElementsAre(0, 1, 2));
}

TEST(Rows, OfAnEmptySetAreNone) {
  const Dataset none{{1, 1, 2}, {}, {}, {"a"}};
  EXPECT_TRUE(all_rows(none).empty());
  EXPECT_TRUE(floats_of(all_rows(none)).empty());
}

}  // namespace
}  // namespace tailor::internal
