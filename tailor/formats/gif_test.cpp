#include "tailor/formats/gif.hpp"

#include <gtest/gtest.h>

#include "tailor/core/error.hpp"
#include "tailor/formats/test_gif.hpp"

namespace tailor::internal {
namespace {

GifOptions options_of(int width, int height, std::size_t colours) {
  GifOptions options{.width = width, .height = height, .palette = {}, .loop = true};
  for (std::size_t i = 0; i < colours; ++i) {
    options.palette.push_back({std::uint8_t(i), std::uint8_t(i * 7), std::uint8_t(255 - i)});
  }
  return options;
}

// Noise, of which every later frame replaces a share.
std::vector<GifFrame> noise(const GifOptions& options, std::size_t count) {
  std::uint32_t state = 5;
  const auto next = [&] { return (state = state * 1664525 + 1013904223) >> 8; };
  std::vector<GifFrame> frames(count);
  frames[0].pixels.resize(std::size_t(options.width * options.height));
  for (std::size_t k = 0; k < count; ++k) {
    if (k > 0) frames[k].pixels = frames[k - 1].pixels;
    for (std::uint8_t& pixel : frames[k].pixels) {
      if (k == 0 || next() % 3 == 0) pixel = std::uint8_t(next() % options.palette.size());
    }
    frames[k].delay_ms = int(40 + 10 * k);
  }
  return frames;
}

TEST(Gif, ShowsEveryFrameAsDrawn) {
  for (const std::size_t colours : {2, 3, 64, 127, 255}) {
    for (const auto& [width, height] : {std::pair(97, 61), std::pair(1, 1), std::pair(300, 3)}) {
      const GifOptions options = options_of(width, height, colours);
      const auto frames = noise(options, 4);
      const ReadGif gif = read_gif(encode_gif(frames, options));
      ASSERT_EQ(gif.frames.size(), frames.size());
      EXPECT_EQ(gif.width, width);
      EXPECT_EQ(gif.height, height);
      EXPECT_TRUE(gif.loops_forever);
      for (std::size_t k = 0; k < frames.size(); ++k) {
        EXPECT_EQ(gif.frames[k].pixels, frames[k].pixels) << colours << " colours, frame " << k;
        EXPECT_EQ(gif.frames[k].delay_ms, frames[k].delay_ms);
      }
      for (std::size_t i = 0; i < colours; ++i) EXPECT_EQ(gif.palette[i], options.palette[i]);
    }
  }
}

TEST(Gif, StoresOnlyTheRectangleThatChanged) {
  const GifOptions options = options_of(100, 80, 4);
  std::vector<GifFrame> frames(3, {std::vector<std::uint8_t>(8000), 40});
  frames[1].pixels[10 * 100 + 20] = frames[1].pixels[12 * 100 + 23] = 1;
  frames[2] = frames[1];
  const ReadGif gif = read_gif(encode_gif(frames, options));
  EXPECT_EQ(gif.stored, (std::vector<int>{8000, 3 * 4, 1}));
  EXPECT_EQ(gif.frames[1].pixels, frames[1].pixels);
  EXPECT_EQ(gif.frames[2].pixels, frames[2].pixels);
}

TEST(Gif, KeepsDelaysThatBrowsersPlay) {
  const GifOptions options = options_of(2, 2, 2);
  const std::vector<std::uint8_t> pixels(4);
  const ReadGif gif = read_gif(encode_gif({{pixels, 0}, {pixels, 44}, {pixels, 46}}, options));
  EXPECT_EQ(gif.frames[0].delay_ms, 20);
  EXPECT_EQ(gif.frames[1].delay_ms, 40);
  EXPECT_EQ(gif.frames[2].delay_ms, 50);
}

TEST(Gif, RefusesWhatTheFormatCannotHold) {
  const GifFrame frame{std::vector<std::uint8_t>(4), 40};
  EXPECT_THROW(encode_gif({}, options_of(2, 2, 2)), Error);
  EXPECT_THROW(encode_gif({frame}, options_of(2, 3, 2)), Error);
  EXPECT_THROW(encode_gif({frame}, options_of(0, 2, 2)), Error);
  EXPECT_THROW(encode_gif({frame}, options_of(70'000, 2, 2)), Error);
  EXPECT_THROW(encode_gif({frame}, options_of(2, 2, 1)), Error);
  EXPECT_THROW(encode_gif({frame}, options_of(2, 2, 256)), Error);
  const GifFrame outside{{0, 1, 2, 0}, 40};
  EXPECT_THROW(encode_gif({outside}, options_of(2, 2, 2)), Error);
}

}  // namespace
}  // namespace tailor::internal
