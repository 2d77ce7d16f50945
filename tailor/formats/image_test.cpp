#include "tailor/formats/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

const std::string kFolder = TAILOR_SOURCE_DIR "/tests/golden/images/";

Image sample(int height, int width, int channels) {
  Image image{height, width, channels, Bytes(std::size_t(height * width * channels))};
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = std::uint8_t(i * 37);
  return image;
}

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

std::string refusal(const Bytes& bytes) {
  const std::string message = refusal_of([&] { decode_image(bytes, 1, "photo"); });
  EXPECT_THAT(message, testing::AnyOf("", HasSubstr("photo")));
  return message;
}

int largest_difference(const Bytes& pixels, const std::string& hex) {
  EXPECT_EQ(pixels.size() * 2, hex.size());
  int largest = 0;
  for (std::size_t i = 0; i < pixels.size() && 2 * i + 1 < hex.size(); ++i) {
    const int wanted = int(std::strtol(hex.substr(2 * i, 2).c_str(), nullptr, 16));
    largest = std::max(largest, std::abs(pixels[i] - wanted));
  }
  return largest;
}

TEST(Image, ReadsEveryKindOfFileAsPillowAndTheStandardDo) {
  std::istringstream expected(read_text(kFolder + "expected.txt"));
  std::string name, hex;
  Image wanted;
  int lines = 0;
  for (; expected >> name >> wanted.channels >> wanted.height >> wanted.width >> hex; ++lines) {
    const Image image = decode_image(read_file(kFolder + name), wanted.channels, name);
    EXPECT_EQ(image.channels, wanted.channels) << name;
    EXPECT_EQ(image.height, wanted.height) << name;
    EXPECT_EQ(image.width, wanted.width) << name;
    // JPEG decoders may differ by rounding.
    EXPECT_LE(largest_difference(image.pixels, hex), name.ends_with(".jpg") ? 3 : 0) << name;
  }
  EXPECT_EQ(lines, 26);
}

TEST(Image, PngReadsBackEqual) {
  for (const int channels : {1, 3}) {
    const Image image = sample(5, 7, channels);
    const Image back = decode_image(encode_png(image), channels, "x");
    EXPECT_EQ(back.pixels, image.pixels);
    EXPECT_EQ(back.height, 5);
    EXPECT_EQ(back.width, 7);
  }
}

TEST(Image, PngBytesAreTheSameEveryTime) {
  EXPECT_EQ(encode_png(sample(50, 60, 3)), encode_png(sample(50, 60, 3)));
}

TEST(Image, RefusesToWriteWhatIsNoImage) {
  EXPECT_THROW(encode_png(sample(0, 7, 1)), Error);
  EXPECT_THROW(encode_png(sample(5, 7, 2)), Error);
  EXPECT_THROW(encode_png({5, 7, 1, Bytes(34)}), Error);
}

TEST(Image, RefusesEveryPrefixOfAFile) {
  for (const char* name : {"rgb.png", "interlaced.png", "palette_transparent.png", "rgb.jpg",
                           "progressive.jpg", "gray.jpg"}) {
    const Bytes bytes = read_file(kFolder + name);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      EXPECT_NE(refusal({bytes.begin(), bytes.begin() + std::ptrdiff_t(n)}), "")
          << name << " cut to " << n;
    }
  }
}

TEST(Image, SurvivesEveryFlippedByte) {
  for (const char* name :
       {"rgba.png", "gray16.png", "palette_transparent.png", "rgb.jpg", "progressive.jpg"}) {
    const Bytes bytes = read_file(kFolder + name);
    int refused = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      Bytes broken = bytes;
      broken[i] ^= 0x55;
      refused += refusal(broken) != "";
    }
    EXPECT_GT(refused, 0) << name;
  }
}

TEST(Image, RefusesWhatIsNoPicture) {
  EXPECT_THAT(refusal({}), HasSubstr("is an empty file"));
  EXPECT_THAT(refusal(bytes_of("%PDF-1.7")), HasSubstr("is no picture that Tailor reads"));
  EXPECT_THROW(decode_image(encode_png(sample(2, 2, 1)), 2, "x"), Error);
}

TEST(Image, NamesTheWayToConvertWhatPhonesWrite) {
  EXPECT_THAT(refusal(bytes_of(std::string_view("\0\0\0\x18"
                                                "ftypheic",
                                                12))),
              HasSubstr("heif-convert"));
  EXPECT_THAT(refusal(bytes_of(std::string_view("\0\0\0\x20"
                                                "ftypavif",
                                                12))),
              HasSubstr("avifdec"));
}

// Every prefix and every changed byte of small files of each format: refused or read, in a moment,
// and nothing beyond the file is looked at (the asan preset sees to that).
TEST(Image, SurvivesBrokenFilesOfEveryFormat) {
  for (const char* name : {"gray.tif", "tiff_lzw.tif", "one_bit.tif", "rgb.webp", "animated.webp",
                           "transparent.gif", "interlaced.gif", "palette.bmp", "runs.bmp",
                           "masks565.bmp", "plain.pgm", "one_bit.pbm", "turned6.jpg"}) {
    const Bytes bytes = read_file(std::string(TAILOR_SOURCE_DIR "/tests/golden/pictures/") + name);
    ASSERT_EQ(refusal(bytes), "") << name;
    int refused = 0;
    const std::size_t step = 1 + bytes.size() / 400;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      refused += refusal({bytes.begin(), bytes.begin() + std::ptrdiff_t(i)}) != "";
      for (const std::uint8_t change : {0x55, 0xff, 0x80}) {
        Bytes broken = bytes;
        broken[i] ^= change;
        refusal(broken);
      }
    }
    EXPECT_GT(refused, 5) << name;
  }
}

TEST(Image, RefusesHugeSizesBeforeReadingPixels) {
  // 40000 x 40000, with the header's checksum to match.
  const Bytes png = {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00,
                     0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x9c, 0x40, 0x00, 0x00,
                     0x9c, 0x40, 0x08, 0x00, 0x00, 0x00, 0x00, 0x74, 0x67, 0x51, 0xd9,
                     0x00, 0x00, 0x00, 0x00, 0x49, 0x44, 0x41, 0x54};
  EXPECT_THAT(refusal(png), HasSubstr("more than 89,478,485"));
  Bytes jpeg = read_file(kFolder + "gray.jpg");
  const Bytes start_of_frame = {0xff, 0xc0};
  const auto frame =
      std::search(jpeg.begin(), jpeg.end(), start_of_frame.begin(), start_of_frame.end());
  ASSERT_NE(frame, jpeg.end());
  for (int i = 5; i <= 8; ++i) frame[i] = 0xf0;  // height and width: 61680
  EXPECT_THAT(refusal(jpeg), HasSubstr("more than 89,478,485"));
}

// Bytes in front of the marker of the quantization table, as some cameras leave them.
TEST(Image, AJpegWithStrayBytesBetweenItsSegmentsIsRead) {
  const Bytes good = read_file(kFolder + "rgb.jpg");
  const Bytes table = {0xff, 0xdb};
  const auto at = std::search(good.begin(), good.end(), table.begin(), table.end());
  ASSERT_NE(at, good.end());
  for (const Bytes& stray : {Bytes{0}, Bytes(100, 0), Bytes{1, 2, 3}, Bytes{0xff, 0xff}}) {
    Bytes bytes = good;
    bytes.insert(bytes.begin() + (at - good.begin()), stray.begin(), stray.end());
    EXPECT_EQ(decode_image(bytes, 3, "x").pixels, decode_image(good, 3, "x").pixels);
  }
  Bytes cut = good;
  cut.insert(cut.begin() + (at - good.begin()), 0);
  cut.resize(cut.size() * 3 / 4);
  EXPECT_THAT(refusal(cut), HasSubstr("broken JPEG"));
}

TEST(Image, AJpegOfScansWithoutEndIsRefused) {
  Bytes bytes = read_file(kFolder + "progressive.jpg");
  const Bytes scan_marker = {0xff, 0xda}, end_marker = {0xff, 0xd9};
  const auto scan = std::search(bytes.begin(), bytes.end(), scan_marker.begin(), scan_marker.end());
  const auto next = std::search(scan + 2, bytes.end(), scan_marker.begin(), scan_marker.end());
  ASSERT_NE(next, bytes.end());
  bytes.resize(bytes.size() - end_marker.size());
  const Bytes last(
      std::find_end(bytes.begin(), bytes.end(), scan_marker.begin(), scan_marker.end()),
      bytes.end());
  for (int i = 0; i < 200; ++i) bytes.insert(bytes.end(), last.begin(), last.end());
  bytes.insert(bytes.end(), end_marker.begin(), end_marker.end());
  EXPECT_THAT(refusal(bytes), HasSubstr("broken JPEG"));
}

TEST(Image, ItsSizeIsKnownWithoutItsPixels) {
  for (const char* name : {"rgb.png", "rgb.jpg", "progressive.jpg", "gray16.png"}) {
    Bytes bytes = read_file(kFolder + name);
    const Image image = decode_image(bytes, 3, name);
    bytes.resize(bytes.size() - 20);
    const ImageHeader size = read_header(bytes, true, name);
    EXPECT_EQ(size.height, image.height) << name;
    EXPECT_EQ(size.width, image.width) << name;
  }
}

TEST(Base64, GivesTheVectorsOfRfc4648) {
  EXPECT_EQ(base64({}), "");
  EXPECT_EQ(base64(bytes_of("f")), "Zg==");
  EXPECT_EQ(base64(bytes_of("fo")), "Zm8=");
  EXPECT_EQ(base64(bytes_of("foo")), "Zm9v");
  EXPECT_EQ(base64(bytes_of("foob")), "Zm9vYg==");
  EXPECT_EQ(base64(bytes_of("fooba")), "Zm9vYmE=");
  EXPECT_EQ(base64(bytes_of("foobar")), "Zm9vYmFy");
  EXPECT_EQ(base64(Bytes{0xfb, 0xff, 0xfe}), "+//+");
}

}  // namespace
}  // namespace tailor::internal
