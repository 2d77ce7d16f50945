#include "tailor/report/picture/animation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/formats/test_gif.hpp"
#include "tailor/report/picture/palette.hpp"

namespace tailor::internal {
namespace {

// Three classes on a ring, which grow out of one heap.
class AnimationTest : public testing::Test {
 protected:
  AnimationTest() { map = made(2, 5); }

  Embedding made(int dimensions, int frames) {
    Embedding out;
    out.method = "t-SNE, perplexity 30";
    out.dimensions = dimensions;
    out.points = 90;
    for (int k = 0; k < frames; ++k) {
      MapFrame frame{k * 10, 5.0 - k, {}};
      for (int i = 0; i < 90; ++i) {
        for (int d = 0; d < dimensions; ++d) {
          const double ring = std::cos(2.1 * (i % 3) + d * 1.57);
          frame.coordinates.push_back(float(std::sin(i * 7.7 + d) + k * k * ring));
        }
      }
      out.frames.push_back(frame);
    }
    labels.resize(90);
    for (std::size_t i = 0; i < 90; ++i) labels[i] = Label(i % 3);
    return out;
  }

  Embedding map;
  std::vector<Label> labels;
  std::vector<std::string> names = {"<b>\"one\"</b>", "two\xff\t", "three"};
  AnimationOptions options{.size = 150, .title = "A test", .limit_bytes = 15'000'000};
};

std::size_t count(const Image& image, const Rgb& colour) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    found += std::equal(colour.begin(), colour.end(), image.pixels.begin() + std::ptrdiff_t(i));
  }
  return found;
}

TEST_F(AnimationTest, GoesFromTheFirstFrameToTheLastAndStands) {
  const ReadGif gif = read_gif(animated_map(map, labels, names, options));
  ASSERT_EQ(gif.frames.size(), 91u);
  EXPECT_TRUE(gif.loops_forever);
  EXPECT_GT(gif.width, options.size);
  EXPECT_GE(gif.frames.back().delay_ms, 3000);
  EXPECT_LE(gif.frames[45].delay_ms, 100);
  for (std::size_t k = 1; k < gif.frames.size(); ++k) {
    EXPECT_NE(gif.frames[k].pixels, gif.frames[k - 1].pixels) << k;
  }
}

TEST_F(AnimationTest, IsTheSameEveryTime) {
  EXPECT_EQ(animated_map(map, labels, names, options), animated_map(map, labels, names, options));
}

TEST_F(AnimationTest, LeavesFramesOutUntilItFits) {
  const auto whole = animated_map(map, labels, names, options);
  options.limit_bytes = whole.size() / 3;
  const auto less = animated_map(map, labels, names, options);
  EXPECT_LE(less.size(), options.limit_bytes);
  const ReadGif few = read_gif(less), all = read_gif(whole);
  EXPECT_GT(few.frames.size(), 10u);
  EXPECT_EQ(few.frames.front().pixels, all.frames.front().pixels);
  EXPECT_EQ(few.frames.back().pixels, all.frames.back().pixels);
  const auto time = [](const ReadGif& gif) {
    int sum = 0;
    for (const GifFrame& frame : gif.frames) sum += frame.delay_ms;
    return sum;
  };
  EXPECT_EQ(time(few), time(all));
  options.limit_bytes = 1;
  EXPECT_EQ(read_gif(animated_map(map, labels, names, options)).frames.size(), 2u);
}

TEST_F(AnimationTest, AMapWithoutAWayIsOneFrame) {
  map.frames.resize(1);
  EXPECT_EQ(read_gif(animated_map(map, labels, names, options)).frames.size(), 1u);
}

TEST_F(AnimationTest, SolidMapsTurn) {
  const Embedding solid = made(3, 1);
  const ReadGif gif = read_gif(animated_map(solid, labels, names, options));
  ASSERT_GT(gif.frames.size(), 40u);
  EXPECT_NE(gif.frames[10].pixels, gif.frames[20].pixels);
  EXPECT_LE(gif.frames.back().delay_ms, 300);
}

TEST_F(AnimationTest, TheStillShowsEveryClassInItsColour) {
  const Image still = still_map(map, labels, names, options, 2);
  EXPECT_EQ(still.channels, 3);
  EXPECT_EQ(still.width, 2 * still_map(map, labels, names, options, 1).width);
  for (int label = 0; label < 3; ++label) EXPECT_GT(count(still, class_colour(label)), 500u);
  EXPECT_EQ(count(still, class_colour(4)), 0u);
}

TEST_F(AnimationTest, ManyClassesAndOnePointAreDrawnToo) {
  names.assign(256, "class");
  labels[5] = 255;
  EXPECT_EQ(still_map(map, labels, names, options).channels, 3);
  Embedding one;
  one.points = 1;
  one.frames = {{0, 0, {0, 0}}};
  labels.resize(1);
  EXPECT_EQ(read_gif(animated_map(one, labels, names, options)).frames.size(), 1u);
}

TEST_F(AnimationTest, RefusesWhatDoesNotFitTogether) {
  const auto refused = [&](auto change) {
    Embedding wrong = map;
    AnimationOptions how = options;
    auto marks = labels;
    change(wrong, how, marks);
    EXPECT_THROW(animated_map(wrong, marks, names, how), Error);
  };
  refused([](Embedding& m, auto&, auto&) { m.frames.clear(); });
  refused([](Embedding& m, auto&, auto&) { m.frames[2].coordinates.pop_back(); });
  refused([](Embedding& m, auto&, auto&) { m.dimensions = 4; });
  refused([](Embedding& m, auto&, auto&) { m.points = 0; });
  refused([](auto&, auto& how, auto&) { how.size = 10; });
  refused([](auto&, auto&, auto& marks) { marks.pop_back(); });
  refused([](auto&, auto&, auto& marks) { marks[3] = 3; });
  EXPECT_THROW(still_map(map, labels, names, options, 5), Error);
}

}  // namespace
}  // namespace tailor::internal
