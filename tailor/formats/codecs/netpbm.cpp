// PBM, PGM and PPM, plain and raw (netpbm's manual pages pbm(5), pgm(5), ppm(5)): the first image.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tailor/core/error.hpp"
#include "tailor/formats/codecs/codecs.hpp"

namespace tailor::internal {
namespace {

struct NetpbmHeader {
  PictureHeader picture;
  bool plain = false;   // numbers as text
  bool bitmap = false;  // one bit each, 1 is black
  unsigned most = 1;    // what white is
  std::size_t end = 0;  // where the pixels begin
};

bool is_blank(std::uint8_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// A whole number behind blanks and comments, at most 9 digits; nullopt where there is none.
std::optional<unsigned> next_number(std::span<const std::uint8_t> bytes, std::size_t& at) {
  for (; at < bytes.size(); ++at) {
    if (bytes[at] == '#') {
      while (at + 1 < bytes.size() && bytes[at] != '\n' && bytes[at] != '\r') ++at;
    } else if (!is_blank(bytes[at])) {
      break;
    }
  }
  unsigned number = 0;
  const std::size_t begin = at;
  while (at < bytes.size() && at - begin < 9 && bytes[at] >= '0' && bytes[at] <= '9') {
    number = number * 10 + unsigned(bytes[at++] - '0');
  }
  if (at == begin) return std::nullopt;
  return number;
}

Error broken_netpbm(const std::string& source) {
  return bad_input(fmt::format("{} is a broken or cut short PNM image", source));
}

NetpbmHeader read_netpbm(std::span<const std::uint8_t> bytes, const std::string& source) {
  const int kind = bytes[1] - '0';  // 1 to 6
  NetpbmHeader header;
  header.plain = kind <= 3;
  header.bitmap = kind == 1 || kind == 4;
  header.picture.gray = kind != 3 && kind != 6;
  header.end = 2;
  const auto width = next_number(bytes, header.end), height = next_number(bytes, header.end);
  const auto most = header.bitmap ? 1 : next_number(bytes, header.end);
  if (!width || !height || !most) throw broken_netpbm(source);
  if (*most < 1 || *most > 65535) {
    throw bad_input(fmt::format("{} is a PNM image whose largest value is {}; it is 1 to 65535",
                                source, *most));
  }
  if (!header.plain) ++header.end;  // one blank
  header.picture.width = int(*width);
  header.picture.height = int(*height);
  header.most = *most;
  return header;
}

PictureHeader netpbm_header(std::span<const std::uint8_t> bytes, const std::string& source) {
  return read_netpbm(bytes, source).picture;
}

std::uint8_t to_byte(unsigned value, unsigned most) {
  return std::uint8_t((std::min(value, most) * 255 + most / 2) / most);
}

// A digit of a plain bitmap, which need not be parted from the next; 2 where there is none.
unsigned next_bit(std::span<const std::uint8_t> bytes, std::size_t& at) {
  while (at < bytes.size() && is_blank(bytes[at])) ++at;
  if (at == bytes.size() || (bytes[at] != '0' && bytes[at] != '1')) return 2;
  return bytes[at++] - '0';
}

void read_plain(std::span<const std::uint8_t> bytes, const NetpbmHeader& header,
                const std::string& source, Image& image) {
  std::size_t at = header.end;
  for (std::uint8_t& pixel : image.pixels) {
    if (header.bitmap) {
      const unsigned bit = next_bit(bytes, at);
      if (bit > 1) throw broken_netpbm(source);
      pixel = bit == 1 ? 0 : 255;
      continue;
    }
    const auto value = next_number(bytes, at);
    if (!value) throw broken_netpbm(source);
    pixel = to_byte(*value, header.most);
  }
}

void read_bits(std::span<const std::uint8_t> bytes, Image& image) {
  const auto width = std::size_t(image.width);
  const std::size_t row_bytes = (width + 7) / 8;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const std::size_t x = i % width;
    const unsigned byte = bytes[i / width * row_bytes + x / 8];
    image.pixels[i] = (byte >> (7 - x % 8) & 1) != 0 ? 0 : 255;
  }
}

void read_raw(std::span<const std::uint8_t> bytes, unsigned most, Image& image) {
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const unsigned value = most < 256 ? bytes[i] : unsigned(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    image.pixels[i] = to_byte(value, most);
  }
}

// Of the pixels as stored, at least.
std::uint64_t least_bytes(const NetpbmHeader& header) {
  const auto width = std::uint64_t(header.picture.width);
  const auto height = std::uint64_t(header.picture.height);
  const std::uint64_t values = width * height * (header.picture.gray ? 1 : 3);
  if (header.plain) return header.bitmap ? values : 2 * values - 1;
  if (header.bitmap) return (width + 7) / 8 * height;
  return header.most < 256 ? values : 2 * values;
}

PictureHeader decode_netpbm(std::span<const std::uint8_t> bytes, const std::string& source,
                            Image& image) {
  const NetpbmHeader header = read_netpbm(bytes, source);
  check_image_size(std::uint64_t(header.picture.width), std::uint64_t(header.picture.height),
                   source);
  if (header.end > bytes.size() || bytes.size() - header.end < least_bytes(header)) {
    throw broken_netpbm(source);  // before memory is taken for pixels that are not there
  }
  shape_image(image, std::uint64_t(header.picture.width), std::uint64_t(header.picture.height),
              header.picture.gray ? 1 : 3, source);
  if (header.plain) {
    read_plain(bytes, header, source, image);
  } else if (header.bitmap) {
    read_bits(bytes.subspan(header.end), image);
  } else {
    read_raw(bytes.subspan(header.end), header.most, image);
  }
  return header.picture;
}

}  // namespace

const Codec kNetpbm = {netpbm_header, decode_netpbm};

}  // namespace tailor::internal
