#include "tailor/formats/image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <string_view>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"
#include "tailor/formats/codecs/codecs.hpp"

namespace tailor::internal {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::string_view text_at(Bytes bytes, std::size_t from, std::size_t size) {
  if (bytes.size() < from + size) return {};
  return {reinterpret_cast<const char*>(bytes.data()) + from, size};
}

bool begins_with(Bytes bytes, std::string_view magic) {
  return text_at(bytes, 0, magic.size()) == magic;
}

// Pictures of phones, in the container of films: only recognised.
void refuse_film_containers(Bytes bytes, const std::string& source) {
  if (text_at(bytes, 4, 4) != "ftyp") return;
  const std::string_view brand = text_at(bytes, 8, 4);
  if (brand == "avif" || brand == "avis") {
    throw bad_input(fmt::format(
        "{} is an AVIF image, which Tailor does not read; make a PNG of it: avifdec IN.avif "
        "OUT.png (package libavif-bin)",
        source));
  }
  constexpr std::string_view kHeic[] = {"heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"};
  if (std::ranges::find(kHeic, brand) != std::end(kHeic)) {
    throw bad_input(
        fmt::format("{} is a HEIC image, which Tailor does not read; make a JPEG of it: "
                    "heif-convert IN.heic OUT.jpg (package libheif-examples)",
                    source));
  }
}

const Codec& codec_of(Bytes bytes, const std::string& source) {
  using namespace std::string_view_literals;
  if (begins_with(bytes, "\x89PNG\r\n\x1a\n"sv)) return kPng;
  if (begins_with(bytes, "\xff\xd8\xff"sv)) return kJpeg;
  if (begins_with(bytes, "RIFF"sv) && text_at(bytes, 8, 4) == "WEBP"sv) return kWebp;
  if (begins_with(bytes, "II*\0"sv) || begins_with(bytes, "MM\0*"sv)) return kTiff;
  if (begins_with(bytes, "GIF87a"sv) || begins_with(bytes, "GIF89a"sv)) return kGif;
  if (begins_with(bytes, "BM"sv)) return kBmp;
  if (begins_with(bytes, "P"sv) && bytes.size() > 1 && bytes[1] >= '1' && bytes[1] <= '6') {
    return kNetpbm;
  }
  refuse_film_containers(bytes, source);
  if (bytes.empty()) throw bad_input(fmt::format("{} is an empty file", source));
  throw bad_input(fmt::format(
      "{} is no picture that Tailor reads (PNG, JPEG, WebP, TIFF, GIF, BMP, PNM)", source));
}

// Pillow's AlphaComposite.c over an opaque background: 7 bits more than 8, then x / 255.
std::uint8_t over(unsigned value, unsigned alpha, unsigned background) {
  const unsigned blended = ((value * alpha + background * (255 - alpha)) << 7) + (0x80 << 7);
  return std::uint8_t((((blended >> 8) + blended) >> 8) >> 7);
}

// ITU-R BT.601 luma in 16-bit fixed point, the same bytes as Pillow's convert("L").
std::uint8_t luma(const std::uint8_t* rgb) {
  return std::uint8_t((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
}

// The three below write no byte before they have read it, so that all happens where the pixels are.

void to_gray(Image& image) {
  const std::size_t count = image.pixels.size() / 3;
  for (std::size_t i = 0; i < count; ++i) image.pixels[i] = luma(&image.pixels[3 * i]);
  image.pixels.resize(count);
  image.channels = 1;
}

// Colours behind gray make it RGB.
void to_rgb(Image& image) {
  std::size_t i = image.pixels.size() / std::size_t(image.channels);
  const std::size_t alpha = image.channels == 2;
  image.pixels.resize(i * (3 + alpha));
  while (i-- > 0) {
    const std::uint8_t gray = image.pixels[i * (1 + alpha)];
    const std::uint8_t opacity = image.pixels[i * (1 + alpha) + alpha];
    std::uint8_t* pixel = &image.pixels[i * (3 + alpha)];
    if (alpha != 0) pixel[3] = opacity;
    pixel[0] = pixel[1] = pixel[2] = gray;
  }
  image.channels = int(3 + alpha);
}

void put_on(Image& image, const Colour& background) {
  const auto from = std::size_t(image.channels);
  const std::size_t to = from - 1;
  const std::size_t count = image.pixels.size() / from;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* pixel = &image.pixels[i * from];
    const std::uint8_t alpha = pixel[to];
    for (std::size_t c = 0; c < to; ++c) {
      image.pixels[i * to + c] = over(pixel[c], alpha, background[c]);
    }
  }
  image.pixels.resize(count * to);
  image.channels = int(to);
}

bool is_turned(int orientation) {
  return orientation >= 5;
}

}  // namespace

void throw_if_of_memory(std::string_view message) {
  for (const std::string_view words : {"ut of memory", "nsufficient memory"}) {
    if (message.find(words) != std::string_view::npos) throw std::bad_alloc();
  }
}

bool append(std::vector<std::uint8_t>& bytes, const std::uint8_t* data, std::size_t count) {
  try {
    bytes.insert(bytes.end(), data, data + count);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void check_image_size(std::uint64_t width, std::uint64_t height, const std::string& source) {
  if (width == 0 || height == 0) {
    throw bad_input(
        fmt::format("{} is an image of {} pixels", source, picture_size(width, height)));
  }
  if (width > kMostPixels || height > kMostPixels || width * height > kMostPixels) {
    throw bad_input(fmt::format("{} is an image of {} pixels, more than {}: shrink it", source,
                                picture_size(width, height), grouped(double(kMostPixels))));
  }
}

void shape_image(Image& image, std::uint64_t width, std::uint64_t height, int channels,
                 const std::string& source) {
  check_image_size(width, height, source);
  image.width = int(width);
  image.height = int(height);
  image.channels = channels;
  image.pixels.resize(width * height * std::uint64_t(channels));
}

void turn_upright(Image& image, int orientation) {
  if (orientation <= 1 || orientation > 8) return;
  const auto height = std::size_t(image.height), width = std::size_t(image.width);
  const auto channels = std::size_t(image.channels);
  const bool turned = is_turned(orientation);
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const std::size_t rows = turned ? width : height, columns = turned ? height : width;
  std::vector<std::uint8_t> upright(image.pixels.size());
  std::uint8_t* to = upright.data();
  for (std::size_t y = 0; y < rows; ++y) {
    for (std::size_t x = 0; x < columns; ++x, to += channels) {
      std::size_t row = turned ? x : y, column = turned ? y : x;
      if (from_below) row = height - 1 - row;
      if (from_right) column = width - 1 - column;
      std::copy_n(&image.pixels[(row * width + column) * channels], channels, to);
    }
  }
  image.pixels = std::move(upright);
  if (turned) std::swap(image.height, image.width);
}

ImageHeader read_header(Bytes bytes, bool upright, const std::string& source) {
  const PictureHeader header = codec_of(bytes, source).header(bytes, source);
  ImageHeader shown{header.height, header.width, header.gray};
  if (upright && is_turned(header.orientation)) std::swap(shown.height, shown.width);
  return shown;
}

void decode_picture(Bytes bytes, bool upright, const std::string& source, Image& image) {
  const PictureHeader header = codec_of(bytes, source).decode(bytes, source, image);
  if (upright) turn_upright(image, header.orientation);
}

void convert_image(Image& image, int channels, const Colour& background) {
  // A coloured background behind gray is seen in colours, then in gray.
  const bool plain = background[0] == background[1] && background[1] == background[2];
  if (image.channels == 2 && !plain) to_rgb(image);
  if (image.channels == 2 || image.channels == 4) put_on(image, background);
  if (image.channels == 3 && channels == 1) to_gray(image);
  if (image.channels == 1 && channels == 3) to_rgb(image);
}

Image decode_image(Bytes bytes, int channels, const std::string& source) {
  if (channels != 1 && channels != 3) {
    throw bad_input(
        fmt::format("cannot read {} with {} channels: ask for 1 or 3", source, channels));
  }
  Image image;
  decode_picture(bytes, true, source, image);
  convert_image(image, channels, kWhiteColour);
  return image;
}

std::string base64(Bytes bytes) {
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
