// Pictures <-> bytes, through the system's libraries.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tailor::internal {

struct Image {
  int height = 0;
  int width = 0;
  int channels = 1;                  // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha
  std::vector<std::uint8_t> pixels;  // rows from the top, channels last
};

struct ImageSize {
  int height = 0;
  int width = 0;
};

// Gray or RGB; 8 bit; deterministic bytes.
std::vector<std::uint8_t> encode_png(const Image& image);

// `quality` 1 to 100 as libjpeg's; colour at full resolution; deterministic bytes.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);

using Colour = std::array<std::uint8_t, 3>;  // red, green, blue
inline constexpr Colour kWhiteColour = {255, 255, 255};

// What a file shows, by its first bytes and not by its name: PNG, JPEG, WebP, TIFF (its first
// page), GIF (its first frame), BMP, PBM, PGM or PPM. In its own channels, 8 bits each: palettes
// expanded, 16 bits scaled to 8 as round(v / 257), CMYK to RGB by Pillow's formula, color profiles
// and gamma passed over. Turned as its EXIF orientation says where `upright`. Into `image`, whose
// memory is used again. Throws bad_input naming `source` for anything else, for broken and cut
// short files, and for more than kMostPixels before any is allocated.
void decode_picture(std::span<const std::uint8_t> bytes, bool upright, const std::string& source,
                    Image& image);

// Over a background where it has alpha, as Pillow's alpha_composite does; then gray or RGB as
// asked, gray being the luma of Pillow's convert("L"). `channels` is 1 or 3.
void convert_image(Image& image, int channels, const Colour& background);

// decode_picture() upright, and convert_image() over white. Throws bad_input for other channels.
Image decode_image(std::span<const std::uint8_t> bytes, int channels, const std::string& source);

// What the first bytes of a file say, without a look at the pixels.
struct ImageHeader {
  int height = 0;  // upright or as stored, as asked
  int width = 0;
  bool gray = false;  // has no colours
};
// Throws bad_input as decode_picture() does, and where the header ends beyond `bytes`.
ImageHeader read_header(std::span<const std::uint8_t> bytes, bool upright,
                        const std::string& source);

// The picture that `orientation`, 1 to 8 as EXIF counts, stands for: Pillow's exif_transpose.
void turn_upright(Image& image, int orientation);

std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace tailor::internal
