#include <gtest/gtest.h>

#include <cstdlib>

#include "tailor/core/error.hpp"
#include "tailor/formats/image.hpp"

namespace tailor::internal {
namespace {

// Saturated stripes one pixel wide would smear into each other if colour were halved.
Image stripes(int height, int width, int channels) {
  Image image{height, width, channels, {}};
  for (int i = 0; i < height * width; ++i) {
    const bool odd = i % width % 2 == 1;
    for (int c = 0; c < channels; ++c) image.pixels.push_back(odd == (c == 0) ? 220 : 30);
  }
  return image;
}

int largest_difference(const Image& a, const Image& b) {
  int largest = a.pixels.size() == b.pixels.size() ? 0 : 999;
  for (std::size_t i = 0; i < a.pixels.size() && largest < 999; ++i) {
    largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  }
  return largest;
}

TEST(Jpeg, ReadsBackNearlyEqualWithColourAtFullResolution) {
  for (const int channels : {1, 3}) {
    for (const auto& [height, width] : {std::pair(1, 1), std::pair(17, 33), std::pair(200, 301)}) {
      const Image image = stripes(height, width, channels);
      const Image back = decode_image(encode_jpeg(image, 98), channels, "x");
      EXPECT_EQ(back.height, height);
      EXPECT_LE(largest_difference(back, image), 12) << height << "x" << width << "x" << channels;
    }
  }
}

TEST(Jpeg, QualityBuysBytes) {
  const Image image = stripes(64, 64, 3);
  EXPECT_LT(encode_jpeg(image, 10).size(), encode_jpeg(image, 95).size());
  EXPECT_EQ(encode_jpeg(image, 80), encode_jpeg(image, 80));
}

TEST(Jpeg, RefusesWhatTheFormatCannotHold) {
  EXPECT_THROW(encode_jpeg(stripes(4, 4, 3), 0), Error);
  EXPECT_THROW(encode_jpeg(stripes(4, 4, 3), 101), Error);
  EXPECT_THROW(encode_jpeg(stripes(4, 4, 4), 90), Error);
  EXPECT_THROW(encode_jpeg(stripes(1, 65'501, 1), 90), Error);
  Image torn = stripes(4, 4, 3);
  torn.pixels.pop_back();
  EXPECT_THROW(encode_jpeg(torn, 90), Error);
}

}  // namespace
}  // namespace tailor::internal
