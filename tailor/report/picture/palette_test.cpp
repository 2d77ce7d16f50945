#include "tailor/report/picture/palette.hpp"

#include <gtest/gtest.h>

#include <cmath>
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

// Björn Ottosson's OKLab (2020), where distances are about as large as they look.
std::array<double, 3> oklab(const Rgb& colour) {
  std::array<double, 3> linear{};
  for (std::size_t c = 0; c < 3; ++c) {
    const double s = colour[c] / 255.0;
    linear[c] = s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
  }
  const auto [r, g, b] = linear;
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

TEST(Palette, AnyTwoColoursAreEasyToTell) {
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < i; ++j) {
      const auto a = oklab(class_colour(i)), b = oklab(class_colour(j));
      EXPECT_GT(std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]), 0.15) << i << " and " << j;
    }
  }
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
