// Windows bitmaps: headers of 12, 40 and more bytes, 1 to 32 bits a pixel, masks, runs of 4 and 8
// bits (Microsoft's BITMAPINFOHEADER, BITMAPV5HEADER, "Bitmap Compression").
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/formats/codecs/codecs.hpp"

namespace tailor::internal {
namespace {

using Bytes = std::span<const std::uint8_t>;

enum class Packing { kPlain = 0, kRuns8 = 1, kRuns4 = 2, kMasks = 3, kMasksWithAlpha = 6 };

struct BmpHeader {
  PictureHeader picture;
  bool from_top = false;
  int bits = 24;
  Packing packing = Packing::kPlain;
  std::array<std::uint32_t, 4> masks = {};  // of red, green, blue, alpha; 0: all bits are 0
  std::size_t palette = 0, entries = 0, entry_bytes = 4;
  std::size_t pixels = 0;  // where they begin
};

Error broken_bmp(const std::string& source) {
  return bad_input(fmt::format("{} is a broken or cut short BMP image", source));
}

// Little-endian; beyond the end is broken.
std::uint32_t number_at(Bytes bytes, std::size_t at, std::size_t size, const std::string& source) {
  if (at > bytes.size() || size > bytes.size() - at) throw broken_bmp(source);
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number |= std::uint32_t(bytes[at + i]) << 8 * i;
  return number;
}

// A mask stands for 8 bits where it is one run of ones.
bool is_run(std::uint32_t mask) {
  return mask == 0 || std::has_single_bit((mask >> std::countr_zero(mask)) + std::uint64_t(1));
}

void read_masks(Bytes bytes, std::uint32_t header_bytes, const std::string& source,
                BmpHeader& header) {
  if (header.packing == Packing::kPlain) {
    header.masks = header.bits == 16
                       ? std::array<std::uint32_t, 4>{0x7c00, 0x03e0, 0x001f, 0}
                       : std::array<std::uint32_t, 4>{0xff0000, 0x00ff00, 0x0000ff, 0};
    return;
  }
  // Behind a header of 40 bytes, inside of a longer one: the same place.
  const bool alpha = header.packing == Packing::kMasksWithAlpha || header_bytes >= 56;
  for (std::size_t i = 0; i < (alpha ? 4u : 3u); ++i) {
    header.masks[i] = number_at(bytes, 54 + 4 * i, 4, source);
    if (!is_run(header.masks[i])) throw broken_bmp(source);
  }
}

BmpHeader read_bmp(Bytes bytes, const std::string& source) {
  const auto number = [&](std::size_t at, std::size_t size) {
    return number_at(bytes, at, size, source);
  };
  BmpHeader header;
  header.pixels = number(10, 4);
  const std::uint32_t header_bytes = number(14, 4);
  const bool old = header_bytes == 12;
  if (!old && header_bytes < 40) throw broken_bmp(source);
  const auto width = std::int64_t(old ? number(18, 2) : number(18, 4));
  const auto height = old ? std::int64_t(number(20, 2)) : std::int64_t(std::int32_t(number(22, 4)));
  header.from_top = height < 0;
  header.picture.width = int(std::min<std::int64_t>(width, kMostPixels + 1));
  header.picture.height = int(std::min<std::int64_t>(std::abs(height), kMostPixels + 1));
  header.bits = int(old ? number(24, 2) : number(28, 2));
  const std::uint32_t packing = old ? 0 : number(30, 4);
  if (packing > 3 && packing != 6) {
    throw bad_input(fmt::format("{} is a BMP image of a kind that is not read ({}): save it as PNG",
                                source, packing));
  }
  header.packing = Packing(packing);
  const bool runs = packing == 1 || packing == 2, masks = packing == 3 || packing == 6;
  constexpr int kKnown[] = {1, 4, 8, 16, 24, 32};
  if (std::ranges::find(kKnown, header.bits) == std::end(kKnown) ||
      (runs && header.bits != (packing == 1 ? 8 : 4)) || (runs && header.from_top) ||
      (masks && header.bits != 16 && header.bits != 32)) {
    throw broken_bmp(source);
  }
  if (header.bits <= 8) {
    const std::uint32_t used = old ? 0 : number(46, 4);
    const std::uint32_t all = 1u << header.bits;
    header.palette = 14 + std::size_t(header_bytes);
    header.entries = used == 0 || used > all ? all : used;
    header.entry_bytes = old ? 3 : 4;
  } else if (header.bits != 24) {
    read_masks(bytes, header_bytes, source, header);
  }
  return header;
}

PictureHeader bmp_header(Bytes bytes, const std::string& source) {
  return read_bmp(bytes, source).picture;
}

// Places in the palette, rows from below, of the file's own runs. What no run reaches stays 0.
std::vector<std::uint8_t> unpack_runs(Bytes bytes, const BmpHeader& header,
                                      const std::string& source) {
  const auto width = std::size_t(header.picture.width);
  const auto height = std::size_t(header.picture.height);
  const bool nibbles = header.packing == Packing::kRuns4;
  std::vector<std::uint8_t> places(width * height);
  std::size_t at = header.pixels, x = 0, y = 0;
  const auto put = [&](std::uint8_t place) {
    if (x < width && y < height) places[y * width + x] = place;
    ++x;
  };
  const auto half = [](std::uint8_t byte, std::size_t i) {
    return std::uint8_t(i % 2 == 0 ? byte >> 4 : byte & 15);
  };
  while (y < height) {
    const std::uint32_t count = number_at(bytes, at, 1, source);
    const auto value = std::uint8_t(number_at(bytes, at + 1, 1, source));
    at += 2;
    if (count > 0) {
      for (std::size_t i = 0; i < count; ++i) put(nibbles ? half(value, i) : value);
    } else if (value == 0) {  // end of the row
      x = 0;
      ++y;
    } else if (value == 1) {  // end of the picture
      break;
    } else if (value == 2) {  // a step to the right and up
      x += number_at(bytes, at, 1, source);
      y += number_at(bytes, at + 1, 1, source);
      at += 2;
    } else {  // so many places as they are
      for (std::size_t i = 0; i < value; ++i) {
        const auto byte = std::uint8_t(number_at(bytes, at + (nibbles ? i / 2 : i), 1, source));
        put(nibbles ? half(byte, i) : byte);
      }
      const std::size_t stored = nibbles ? (value + 1u) / 2 : value;
      at += (stored + 1) / 2 * 2;
    }
  }
  return places;
}

std::uint8_t masked(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 0;
  const std::uint64_t most = mask >> std::countr_zero(mask);
  return std::uint8_t(((pixel & mask) >> std::countr_zero(mask)) * std::uint64_t(255) / most);
}

class BmpPixels {
 public:
  BmpPixels(Bytes bytes, const BmpHeader& header, const std::string& source)
      : bytes_(bytes), header_(header), source_(source) {
    const auto width = std::size_t(header.picture.width);
    row_bytes_ = (width * std::size_t(header.bits) + 31) / 32 * 4;
    if (header.packing == Packing::kRuns4 || header.packing == Packing::kRuns8) {
      places_ = unpack_runs(bytes, header, source);
    } else {
      const std::size_t needed = row_bytes_ * std::size_t(header.picture.height);
      if (header.pixels > bytes.size() || needed > bytes.size() - header.pixels) {
        throw broken_bmp(source);
      }
    }
  }

  // Row `y` from the top.
  void put_row(std::size_t y, int channels, std::uint8_t* to) const {
    const auto height = std::size_t(header_.picture.height);
    const std::size_t row = header_.from_top ? y : height - 1 - y;
    const auto width = std::size_t(header_.picture.width);
    for (std::size_t x = 0; x < width; ++x, to += channels) {
      if (header_.bits <= 8) {
        put_entry(place_at(row, x), to);
      } else if (header_.bits == 24) {
        const std::uint8_t* pixel = &bytes_[header_.pixels + row * row_bytes_ + 3 * x];
        std::reverse_copy(pixel, pixel + 3, to);
      } else {
        const std::size_t size = std::size_t(header_.bits) / 8;
        const std::uint32_t pixel =
            number_at(bytes_, header_.pixels + row * row_bytes_ + size * x, size, source_);
        for (int c = 0; c < channels; ++c) {
          to[c] = masked(pixel, header_.masks[std::size_t(c)]);
        }
      }
    }
  }

 private:
  std::size_t place_at(std::size_t row, std::size_t x) const {
    if (!places_.empty()) return places_[row * std::size_t(header_.picture.width) + x];
    const auto bits = std::size_t(header_.bits);
    const unsigned byte = bytes_[header_.pixels + row * row_bytes_ + x * bits / 8];
    return byte >> (8 - bits - x * bits % 8) & ((1u << bits) - 1);
  }
  void put_entry(std::size_t place, std::uint8_t* to) const {
    if (place >= header_.entries) throw broken_bmp(source_);
    const std::uint32_t colour =
        number_at(bytes_, header_.palette + place * header_.entry_bytes, 3, source_);
    for (int c = 0; c < 3; ++c) to[c] = std::uint8_t(colour >> (16 - 8 * c));
  }

  Bytes bytes_;
  const BmpHeader& header_;
  const std::string& source_;
  std::size_t row_bytes_ = 0;
  std::vector<std::uint8_t> places_;  // of runs
};

PictureHeader decode_bmp(Bytes bytes, const std::string& source, Image& image) {
  const BmpHeader header = read_bmp(bytes, source);
  check_image_size(std::uint64_t(header.picture.width), std::uint64_t(header.picture.height),
                   source);
  const BmpPixels pixels(bytes, header, source);
  const int channels = header.masks[3] != 0 ? 4 : 3;
  shape_image(image, std::uint64_t(header.picture.width), std::uint64_t(header.picture.height),
              channels, source);
  const std::size_t row = std::size_t(image.width) * std::size_t(channels);
  for (std::size_t y = 0; y < std::size_t(image.height); ++y) {
    pixels.put_row(y, channels, &image.pixels[y * row]);
  }
  return header.picture;
}

}  // namespace

const Codec kBmp = {bmp_header, decode_bmp};

}  // namespace tailor::internal
