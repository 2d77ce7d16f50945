#include "tailor/report/picture/palette.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tailor/report/picture/quantise.hpp"

namespace tailor::internal {
namespace {

TEST(Palette, InkIsReadable) {
  EXPECT_EQ(ink_on({255, 255, 255}), (Rgb{0, 0, 0}));
  EXPECT_EQ(ink_on({0, 0, 0}), (Rgb{255, 255, 255}));
  EXPECT_EQ(ink_on({0xbd, 0x1f, 0x01}), (Rgb{255, 255, 255}));
  EXPECT_EQ(ink_on({0xff, 0xa9, 0x0e}), (Rgb{0, 0, 0}));
}

TEST(Palette, ColoursOfAPictureStayWhatTheyAre) {
  const Quantiser quantiser(kClassColours);
  EXPECT_LE(quantiser.palette().size(), 127u);  // 7 bits with the one for "as before"
  Canvas canvas(int(kClassColours.size()) + 2, 1);
  for (int x = 0; x < 10; ++x) canvas.blend(x, 0, class_colour(x), 256);
  canvas.blend(10, 0, {0, 0, 0}, 256);
  const auto indices = quantiser.indices(canvas);
  for (int x = 0; x < canvas.width(); ++x) {
    EXPECT_EQ(quantiser.palette()[indices[std::size_t(x)]], canvas.at(x, 0)) << x;
  }
}

TEST(Palette, EverythingElseIsNear) {
  const Quantiser quantiser(kClassColours);
  Canvas canvas(256, 1);
  for (int x = 0; x < 256; ++x) canvas.blend(x, 0, mixed(kWhite, class_colour(4), x), 256);
  const auto indices = quantiser.indices(canvas);
  EXPECT_GE(std::set<int>(indices.begin(), indices.end()).size(), 5u);
  for (int x = 0; x < 256; ++x) {
    const Rgb& shown = quantiser.palette()[indices[std::size_t(x)]];
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(shown[c], canvas.at(x, 0)[c], 45) << x;
  }
}

}  // namespace
}  // namespace tailor::internal
