#include "tailor/formats/image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"
#include "tailor/formats/codecs.hpp"

namespace tailor::internal {
namespace {

constexpr std::array<std::uint8_t, 8> kPngMagic = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::array<std::uint8_t, 3> kJpegMagic = {0xff, 0xd8, 0xff};

bool begins_with(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

struct Codec {
  Image (*decode)(std::span<const std::uint8_t> bytes, const std::string& source);
  ImageSize (*size)(std::span<const std::uint8_t> bytes, const std::string& source);
};

Codec codec_of(std::span<const std::uint8_t> bytes, const std::string& source) {
  if (begins_with(bytes, kPngMagic)) return {decode_png, png_size};
  if (begins_with(bytes, kJpegMagic)) return {decode_jpeg, jpeg_size};
  throw bad_input(fmt::format("{} is neither a PNG nor a JPEG image", source));
}

std::uint8_t over_white(unsigned value, unsigned alpha) {
  return std::uint8_t((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

// ITU-R BT.601 luma in 16-bit fixed point, the same bytes as Pillow's convert("L").
std::uint8_t luma(const std::uint8_t* rgb) {
  return std::uint8_t((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
}

// The last channel of 2 or 4 is alpha.
Image without_alpha(const Image& image) {
  const std::size_t from = std::size_t(image.channels);
  const std::size_t to = from - 1;
  Image opaque{image.height, image.width, int(to), {}};
  opaque.pixels.resize(image.pixels.size() / from * to);
  for (std::size_t i = 0; i < opaque.pixels.size(); ++i) {
    const std::uint8_t* pixel = image.pixels.data() + i / to * from;
    opaque.pixels[i] = over_white(pixel[i % to], pixel[to]);
  }
  return opaque;
}

Image to_gray(const Image& rgb) {
  Image gray{rgb.height, rgb.width, 1, std::vector<std::uint8_t>(rgb.pixels.size() / 3)};
  for (std::size_t i = 0; i < gray.pixels.size(); ++i) gray.pixels[i] = luma(&rgb.pixels[3 * i]);
  return gray;
}

Image to_rgb(const Image& gray) {
  Image rgb{gray.height, gray.width, 3, std::vector<std::uint8_t>(gray.pixels.size() * 3)};
  for (std::size_t i = 0; i < rgb.pixels.size(); ++i) rgb.pixels[i] = gray.pixels[i / 3];
  return rgb;
}

}  // namespace

bool append(std::vector<std::uint8_t>& bytes, const std::uint8_t* data, std::size_t count) {
  try {
    bytes.insert(bytes.end(), data, data + count);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void check_image_size(std::uint64_t width, std::uint64_t height, const std::string& source) {
  if (width * height > kMostPixels) {
    throw bad_input(fmt::format("{} is an image of {} pixels, more than {}: shrink it", source,
                                picture_size(width, height), grouped(double(kMostPixels))));
  }
}

ImageSize size_of_image(std::span<const std::uint8_t> bytes, const std::string& source) {
  return codec_of(bytes, source).size(bytes, source);
}

Image decode_image(std::span<const std::uint8_t> bytes, int channels, const std::string& source) {
  if (channels != 1 && channels != 3) {
    throw bad_input(
        fmt::format("cannot read {} with {} channels: ask for 1 or 3", source, channels));
  }
  Image image = codec_of(bytes, source).decode(bytes, source);
  if (image.channels == 2 || image.channels == 4) image = without_alpha(image);
  if (image.channels == 3 && channels == 1) return to_gray(image);
  if (image.channels == 1 && channels == 3) return to_rgb(image);
  return image;
}

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

}  // namespace tailor::internal
