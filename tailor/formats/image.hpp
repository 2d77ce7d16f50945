// PNG and JPEG <-> bytes, through libpng and libjpeg.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tailor::internal {

struct Image {
  int height = 0;
  int width = 0;
  int channels = 1;                  // 1 gray, 3 RGB
  std::vector<std::uint8_t> pixels;  // rows from the top, channels last
};

std::vector<std::uint8_t> encode_png(const Image& image);  // 8 bit, deterministic bytes

// `quality` 1 to 100 as libjpeg's; colour at full resolution; deterministic bytes.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);

// By content (PNG or JPEG magic), samples as stored (no gamma, no EXIF rotation), converted to 1 or
// 3 channels as asked (alpha over white, palette expanded, 16 bit scaled to 8, gray = BT.601 luma
// as Pillow's). Throws bad_input naming `source` for anything else, for broken and cut short files,
// and before allocating for sizes of more than kMostPixels.
Image decode_image(std::span<const std::uint8_t> bytes, int channels, const std::string& source);

// What the header says, without a look at the pixels. Throws bad_input as decode_image does.
struct ImageSize {
  int height = 0;
  int width = 0;
};
ImageSize size_of_image(std::span<const std::uint8_t> bytes, const std::string& source);

std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace tailor::internal
