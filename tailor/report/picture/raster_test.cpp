#include "tailor/report/picture/raster.hpp"

#include <gtest/gtest.h>

namespace tailor::internal {
namespace {

constexpr Rgb kBlack = {0, 0, 0};

// How much ink lies on the white canvas, in pixels.
double ink(const Canvas& canvas) {
  double sum = 0;
  for (const Rgb& pixel : canvas.pixels()) sum += (255 - pixel[0]) / 255.0;
  return sum;
}

TEST(Raster, DiscsCoverTheirArea) {
  for (const float radius : {0.8f, 1.5f, 4.f, 11.f}) {
    Canvas drawn(40, 40), stamped(40, 40);
    drawn.disc(20.3f, 19.6f, radius, kBlack);
    DiscStamp(radius, 256).draw(stamped, 20.3f, 19.6f, kBlack, {0, 0, 40, 40});
    const double area = 3.14159265 * radius * radius;
    EXPECT_NEAR(ink(drawn), area, 0.15 * area + 0.2) << radius;
    EXPECT_NEAR(ink(stamped), ink(drawn), 0.05 * area + 0.2) << radius;
  }
}

TEST(Raster, MixingEndsAtBothColours) {
  const Rgb a = {1, 100, 255}, b = {254, 7, 0};
  EXPECT_EQ(mixed(a, b, 0), a);
  EXPECT_EQ(mixed(a, b, 256), b);
  EXPECT_EQ(mixed(kBlack, kWhite, 128), (Rgb{128, 128, 128}));
}

TEST(Raster, NothingIsDrawnOutsideCanvasOrClip) {
  Canvas canvas(10, 8);
  canvas.fill({-5, -5, 7, 6}, kBlack);
  EXPECT_EQ(ink(canvas), 2);
  canvas.disc(-1000, 1000, 3, kBlack);
  const DiscStamp stamp(3, 256);
  stamp.draw(canvas, -2, 100, kBlack, {0, 0, 10, 8});
  EXPECT_EQ(ink(canvas), 2);
  stamp.draw(canvas, 7, 5, kBlack, {7, 0, 3, 8});
  stamp.draw(canvas, -1e-9f, -1e-9f, kWhite, {0, 0, 10, 8});
  EXPECT_EQ(canvas.at(6, 5), kWhite);
  EXPECT_EQ(canvas.at(7, 5), kBlack);
}

}  // namespace
}  // namespace tailor::internal
