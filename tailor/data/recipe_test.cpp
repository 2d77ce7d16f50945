#include "tailor/data/recipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <map>
#include <sstream>

#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

using testing::ElementsAre;

constexpr Colour kBackground = {200, 100, 50};
const std::string kGolden = TAILOR_SOURCE_DIR "/tests/golden/";

std::uint32_t crc_of(const Image& image) {
  return std::uint32_t(crc32(0, image.pixels.data(), uInt(image.pixels.size())));
}

Image noise(std::uint32_t seed, int height, int width, int channels) {
  Image image{height, width, channels, {}};
  std::uint32_t state = seed;
  for (int i = 0; i < height * width * channels; ++i) {
    state = 1664525 * state + 1013904223;
    image.pixels.push_back(std::uint8_t(state >> 24));
  }
  return image;
}

Filter filter_of(const std::string& name) {
  return name == "box" ? Filter::kBox : name == "bicubic" ? Filter::kBicubic : Filter::kBilinear;
}

Fit fit_of(const std::string& name) {
  return name == "pad" ? Fit::kPad : name == "crop" ? Fit::kCrop : Fit::kStretch;
}

// tools/golden/resize.py. A side of the old picture that came out as 0 pixels has no line.
TEST(Recipe, ResizesToTheBytesOfPillow) {
  std::istringstream lines(read_text(kGolden + "resize.txt"));
  std::string fit, filter, crc;
  int channels = 0, height = 0, width = 0, lines_read = 0;
  std::uint32_t number = 0;
  for (Shape to; lines >> number >> fit >> filter >> channels >> height >> width >> to.height >>
                 to.width >> crc;
       ++lines_read) {
    to.channels = channels;
    Recipe recipe{.shape = to, .fit = fit_of(fit), .filter = filter_of(filter)};
    recipe.background = channels == 1 ? Colour{123, 123, 123} : kBackground;
    Image image = noise(number, height, width, channels), out;
    prepare(recipe, image, out);
    ASSERT_EQ(out.pixels.size(), to.size());
    EXPECT_EQ(crc_of(out), std::stoul(crc, nullptr, 16))
        << fit << ' ' << filter << ' ' << channels << ": " << height << 'x' << width << " to "
        << to.height << 'x' << to.width;
  }
  EXPECT_GT(lines_read, 1200);
}

// tools/golden/pictures.py. The pictures' own sizes: nothing is resized.
TEST(Recipe, ReadsEveryFormatAndModeAsPillow) {
  std::istringstream lines(read_text(kGolden + "pictures/expected.txt"));
  std::string name, crc;
  int lines_read = 0;
  for (Shape shape; lines >> name >> shape.channels >> shape.height >> shape.width >> crc;
       ++lines_read) {
    const Recipe recipe{.shape = shape, .fit = Fit::kStretch, .background = kBackground};
    const std::vector<std::uint8_t> bytes = read_file(kGolden + "pictures/" + name);
    const ImageHeader header = read_header(bytes, true, name);
    EXPECT_EQ(header.height, shape.height) << name;
    EXPECT_EQ(header.width, shape.width) << name;
    const Image image = prepared(recipe, bytes, name);
    EXPECT_EQ(crc_of(image), std::stoul(crc, nullptr, 16)) << name << ' ' << shape.channels;
  }
  EXPECT_GT(lines_read, 150);
}

TEST(Recipe, KnowsWhichPicturesAreGray) {
  for (const auto& [name, gray] : std::map<std::string, bool>{{"gray.png", true},
                                                              {"gray_alpha.png", true},
                                                              {"one_bit.png", true},
                                                              {"rgb.png", false},
                                                              {"palette.png", false},
                                                              {"gray.jpg", true},
                                                              {"rgb.jpg", false},
                                                              {"cmyk.jpg", false},
                                                              {"gray.tif", true},
                                                              {"rgb.tif", false},
                                                              {"gray.pgm", true},
                                                              {"rgb.ppm", false}}) {
    EXPECT_EQ(read_header(read_file(kGolden + "pictures/" + name), true, name).gray, gray) << name;
  }
}

TEST(Recipe, PutsASmallPictureInTheMiddleOfItsBackground) {
  Image image{1, 2, 1, {10, 20}}, out;
  const Recipe recipe{.shape = {1, 3, 2}, .background = {9, 9, 9}};
  prepare(recipe, image, out);
  EXPECT_THAT(out.pixels, ElementsAre(9, 9, 10, 20, 9, 9));
}

TEST(Recipe, TurnsAPictureOnlyWhereAsked) {
  const std::vector<std::uint8_t> bytes = read_file(kGolden + "pictures/turned6.jpg");
  EXPECT_EQ(read_header(bytes, true, "x").height, 30);
  EXPECT_EQ(read_header(bytes, false, "x").height, 21);
}

}  // namespace
}  // namespace tailor::internal
