#include "tailor/data/augment/augmenter.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tailor::internal {
namespace {

using Bytes = std::vector<std::uint8_t>;

Dataset noise(int count) {
  Dataset set;
  set.shape = {3, 8, 6};
  set.class_names = {"a", "b", "c"};
  Bytes pixels;
  std::uint32_t state = 5;
  for (int i = 0; i < count; ++i) {
    set.labels.push_back(Label(i % 3));
    for (std::size_t k = 0; k < set.shape.size(); ++k) {
      state = 1664525 * state + 1013904223;
      pixels.push_back(std::uint8_t(state >> 24));
    }
  }
  set.pixels = std::move(pixels);
  return set;
}

struct Seen {
  Bytes pixels;
  std::vector<MixedLabel> labels;
};

Seen seen(const AugmentOptions& options, const Dataset& set, int threads, std::size_t first,
          std::size_t count) {
  const std::vector<std::uint32_t> batch = {4, 0, 3, 7, 1};
  Seen out{Bytes(count * set.shape.size()), std::vector<MixedLabel>(count)};
  Team team(threads);
  Augmenter augmenter(options, set.shape, 11, threads);
  augmenter.images(set, batch, first, count, 3, team, out.pixels, out.labels);
  return out;
}

AugmentOptions everything() {
  AugmentOptions options;
  options.flip = "alternating";
  options.translate = 2;
  options.fill = "reflect";
  options.crop = 0.5;
  options.rotate = 30;
  options.zoom = 0.2;
  options.brightness = options.contrast = options.saturation = 0.5;
  options.hue = 0.2;
  options.cutout = 2;
  options.erase = 0.5;
  options.mixup = 0.5;
  options.cutmix = 0.5;
  return options;
}

TEST(Augmenter, MakesTheSameForAnyNumberOfThreads) {
  const Dataset set = noise(8);
  const Seen one = seen(everything(), set, 1, 0, 5), three = seen(everything(), set, 3, 0, 5);
  EXPECT_EQ(one.pixels, three.pixels);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(one.labels[i].share, three.labels[i].share);
}

TEST(Augmenter, MakesTheSameOfAShareOfABatch) {
  const Dataset set = noise(8);
  const Seen all = seen(everything(), set, 2, 0, 5), last = seen(everything(), set, 2, 3, 2);
  EXPECT_TRUE(std::ranges::equal(last.pixels, std::span(all.pixels).subspan(3 * set.shape.size())));
  EXPECT_EQ(last.labels[1].other, set.labels[4]);  // the last one's next is the first
}

TEST(Augmenter, LeavesTheSetAlone) {
  const Dataset set = noise(8);
  const Bytes before(set.pixels.begin(), set.pixels.end());
  seen(everything(), set, 2, 0, 5);
  EXPECT_TRUE(std::ranges::equal(before, set.pixels));
}

TEST(Augmenter, MixesTheNextImageAsItIsSeenItself) {
  const Dataset set = noise(8);
  AugmentOptions options;
  options.mixup = 1;
  const Seen mixed = seen(options, set, 1, 0, 5);
  const auto image = set.image(4), next = set.image(0);
  const double share = mixed.labels[0].share;
  EXPECT_EQ(mixed.labels[0].other, set.labels[0]);
  for (std::size_t k = 0; k < image.size(); ++k) {
    EXPECT_NEAR(mixed.pixels[k], share * image[k] + (1 - share) * next[k], 0.51);
  }
}

TEST(Augmenter, GivesImagesAsTheyAreWhereNothingIsAskedFor) {
  const Dataset set = noise(8);
  EXPECT_FALSE(augments({}));
  EXPECT_TRUE(augments(everything()));
  AugmentOptions filled;
  filled.fill = "edge";
  EXPECT_FALSE(augments(filled));
  const Seen same = seen({}, set, 1, 0, 5);
  EXPECT_TRUE(std::ranges::equal(std::span(same.pixels).first(set.shape.size()), set.image(4)));
}

}  // namespace
}  // namespace tailor::internal
