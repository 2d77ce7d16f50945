#include "tailor/data/augment/draws.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

namespace tailor::internal {
namespace {

constexpr Shape kShape{3, 28, 20};
constexpr std::uint32_t kRows = 4000;

AugmentOptions everything() {
  AugmentOptions options;
  options.flip = "random";
  options.translate = 3;
  options.crop = 0.4;
  options.rotate = 20;
  options.zoom = 0.3;
  options.brightness = 0.4;
  options.contrast = 0.3;
  options.saturation = 0.2;
  options.hue = 0.1;
  options.cutout = 8;
  options.erase = 0.5;
  options.mixup = 0.4;
  options.cutmix = 1;
  return options;
}

// Mean of what every row draws in epoch 2.
double mean_of(const AugmentOptions& options, const std::function<double(const Change&)>& value) {
  double sum = 0;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    sum += value(draw_change(options, kShape, 7, 2, row));
  }
  return sum / kRows;
}

bool inside(const Rectangle& r) {
  return r.top >= 0 && r.left >= 0 && r.top + r.height <= kShape.height &&
         r.left + r.width <= kShape.width;
}

TEST(AugmentDraws, StayInTheirRanges) {
  const AugmentOptions options = everything();
  std::set<int> down, right;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const Change change = draw_change(options, kShape, 7, 2, row);
    down.insert(change.down);
    right.insert(change.right);
    EXPECT_LE(std::abs(change.degrees), 20);
    EXPECT_LE(std::abs(change.scale - 1), 0.3);
    EXPECT_LE(std::abs(change.brightness - 1), 0.4);
    EXPECT_LE(std::abs(change.contrast - 1), 0.3);
    EXPECT_LE(std::abs(change.saturation - 1), 0.2);
    EXPECT_LE(std::abs(change.hue), 0.1);
    EXPECT_TRUE(inside(change.crop) && inside(change.erased));
    if (!change.crop.empty()) {
      EXPECT_GT(change.crop.height * change.crop.width, 0.4 * 28 * 20 * 0.85);  // whole pixels
    }
    EXPECT_EQ(change.cutout.height, 8);
    EXPECT_TRUE(inside({change.cutout.top + 4, change.cutout.left + 4, 1, 1}));  // its middle
    const Mixture mixture = draw_mixture(options, kShape, 7, 2, row);
    EXPECT_GE(mixture.share, 0);
    EXPECT_LE(mixture.share, 1);
    EXPECT_TRUE(mixture.pasted.empty() || inside(mixture.pasted));
  }
  EXPECT_EQ(down, (std::set<int>{-3, -2, -1, 0, 1, 2, 3}));
  EXPECT_EQ(right, down);
}

TEST(AugmentDraws, AreEvenlySpread) {
  const AugmentOptions options = everything();
  const double error = 4 / std::sqrt(double(kRows));  // four deviations of a share of a half
  EXPECT_NEAR(mean_of(options, [](const Change& c) { return c.mirrored; }), 0.5, error / 2);
  EXPECT_NEAR(mean_of(options, [](const Change& c) { return c.degrees; }), 0, error * 12);
  EXPECT_NEAR(mean_of(options, [](const Change& c) { return c.down; }), 0, error * 2);
  EXPECT_NEAR(mean_of(options, [](const Change& c) { return !c.erased.empty(); }), 0.5, error / 2);
  EXPECT_NEAR(mean_of(options, [](const Change& c) { return c.brightness; }), 1, error * 0.24);
}

TEST(AugmentDraws, ShareAsTheBetaDistributionDoes) {
  for (const double alpha : {0.2, 1.0, 2.0}) {
    AugmentOptions options;
    options.mixup = alpha;
    double sum = 0, squares = 0;
    for (std::uint32_t row = 0; row < kRows; ++row) {
      const double share = draw_mixture(options, kShape, 3, 0, row).share;
      sum += share;
      squares += share * share;
    }
    const double mean = sum / kRows, variance = squares / kRows - mean * mean;
    EXPECT_NEAR(mean, 0.5, 0.03) << alpha;
    EXPECT_NEAR(variance, 1 / (4 * (2 * alpha + 1)), 0.01) << alpha;
  }
}

TEST(AugmentDraws, PasteAsMuchAsTheLabelSays) {
  AugmentOptions options;
  options.cutmix = 1;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const Mixture mixture = draw_mixture(options, kShape, 3, 0, row);
    const Rectangle& pasted = mixture.pasted;
    const int pixels = pasted.empty() ? 0 : pasted.height * pasted.width;
    EXPECT_DOUBLE_EQ(mixture.share, 1 - pixels / (28.0 * 20));
  }
}

TEST(AugmentDraws, AlternateSidesFromEpochToEpoch) {
  AugmentOptions options;
  options.flip = "alternating";
  int mirrored = 0;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const auto seen = [&](std::uint32_t epoch) {
      return draw_change(options, kShape, 7, epoch, row).mirrored;
    };
    mirrored += seen(0);
    EXPECT_NE(seen(0), seen(1));
    EXPECT_EQ(seen(0), seen(2));
    EXPECT_NE(seen(8), seen(9));
  }
  EXPECT_NEAR(mirrored / double(kRows), 0.5, 0.04);
}

// So that an ablation compares what it says it does.
TEST(AugmentDraws, OfOneKindDoNotChangeTheOthers) {
  AugmentOptions fewer = everything();
  fewer.crop = 1;
  fewer.rotate = 0;
  fewer.cutout = 0;
  for (std::uint32_t row = 0; row < 100; ++row) {
    const Change all = draw_change(everything(), kShape, 7, 2, row);
    const Change some = draw_change(fewer, kShape, 7, 2, row);
    EXPECT_EQ(all.mirrored, some.mirrored);
    EXPECT_EQ(all.down, some.down);
    EXPECT_EQ(all.scale, some.scale);
    EXPECT_EQ(all.hue, some.hue);
    EXPECT_EQ(all.erased, some.erased);
  }
}

TEST(AugmentDraws, DifferBySeedEpochAndRow) {
  const AugmentOptions options = everything();
  const double base = draw_change(options, kShape, 7, 2, 5).degrees;
  EXPECT_EQ(draw_change(options, kShape, 7, 2, 5).degrees, base);
  EXPECT_NE(draw_change(options, kShape, 8, 2, 5).degrees, base);
  EXPECT_NE(draw_change(options, kShape, 7, 3, 5).degrees, base);
  EXPECT_NE(draw_change(options, kShape, 7, 2, 6).degrees, base);
}

TEST(AugmentDraws, ChangeNothingWhereNothingIsAskedFor) {
  const Change change = draw_change({}, kShape, 7, 2, 5);
  EXPECT_TRUE(change.crop.empty() && change.cutout.empty() && change.erased.empty());
  EXPECT_FALSE(change.mirrored);
  EXPECT_EQ(change.down, 0);
  EXPECT_EQ(change.scale, 1);
  EXPECT_EQ(change.brightness, 1);
  EXPECT_EQ(draw_mixture({}, kShape, 7, 2, 5).share, 1);
}

}  // namespace
}  // namespace tailor::internal
