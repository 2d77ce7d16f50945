#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/formats/codecs/codecs.hpp"

namespace tailor::internal {
namespace {

// The file in memory, and what libtiff last complained about.
struct TiffMemory {
  std::span<const std::uint8_t> bytes;
  std::uint64_t at = 0;
  char message[160] = "broken or cut short";
};

TiffMemory& memory_of(thandle_t handle) {
  return *static_cast<TiffMemory*>(handle);
}

tmsize_t read_some(thandle_t handle, void* to, tmsize_t wanted) {
  TiffMemory& memory = memory_of(handle);
  const std::uint64_t left = memory.at < memory.bytes.size() ? memory.bytes.size() - memory.at : 0;
  const std::uint64_t count = std::min(left, std::uint64_t(std::max<tmsize_t>(wanted, 0)));
  std::memcpy(to, memory.bytes.data() + (count == 0 ? 0 : memory.at), count);
  memory.at += count;
  return tmsize_t(count);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  TiffMemory& memory = memory_of(handle);
  const std::uint64_t from =
      whence == SEEK_CUR ? memory.at : (whence == SEEK_END ? memory.bytes.size() : 0);
  return memory.at = from + offset;
}

int close_nothing(thandle_t) {
  return 0;
}

toff_t size_of_memory(thandle_t handle) {
  return memory_of(handle).bytes.size();
}

// Warnings are of tags that nobody needs.
int pass_over(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

__attribute__((format(printf, 4, 0))) int remember(TIFF*, void* memory, const char*,
                                                   const char* format, va_list words) {
  auto* owner = static_cast<TiffMemory*>(memory);
  std::vsnprintf(owner->message, sizeof owner->message, format, words);
  return 1;
}

using TiffFile = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

Error broken_tiff(const TiffMemory& memory, const std::string& source) {
  throw_if_of_memory(memory.message);
  return bad_input(fmt::format("{} is a broken TIFF image: {}", source, memory.message));
}

// Its first page. libtiff takes no more memory at once than the largest picture needs.
TiffFile open_tiff(TiffMemory& memory, const std::string& source) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  if (!options) throw failure("cannot start libtiff: out of memory");
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), tmsize_t(8 * kMostPixels));
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), pass_over, nullptr);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), remember, &memory);
  // "m": no mapping of the file, which is in memory already.
  TiffFile tiff(TIFFClientOpenExt("memory", "rm", &memory, read_some, write_nothing, seek,
                                  close_nothing, size_of_memory, nullptr, nullptr, options.get()),
                TIFFClose);
  if (!tiff) throw broken_tiff(memory, source);
  return tiff;
}

template <class Value>
Value tag(TIFF* tiff, std::uint32_t name, Value otherwise) {
  Value value = otherwise;
  return TIFFGetFieldDefaulted(tiff, name, &value) == 1 ? value : otherwise;
}

PictureHeader header_of(TIFF* tiff) {
  const auto side = [&](std::uint32_t name) {
    return int(std::min<std::uint32_t>(tag<std::uint32_t>(tiff, name, 0), kMostPixels + 1));
  };
  const auto photometric = tag<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  const auto orientation = tag<std::uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  return {side(TIFFTAG_IMAGELENGTH), side(TIFFTAG_IMAGEWIDTH),
          orientation >= 1 && orientation <= 8 ? int(orientation) : 1,
          photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE};
}

PictureHeader tiff_header(std::span<const std::uint8_t> bytes, const std::string& source) {
  TiffMemory memory{.bytes = bytes};
  return header_of(open_tiff(memory, source).get());
}

enum class Alpha { kNone, kPlain, kMultiplied };  // kMultiplied: into the colours

Alpha alpha_of(TIFF* tiff) {
  std::uint16_t count = 0;
  std::uint16_t* kinds = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) != 1 || count == 0) {
    return Alpha::kNone;
  }
  if (kinds[0] == EXTRASAMPLE_ASSOCALPHA) return Alpha::kMultiplied;
  return kinds[0] == EXTRASAMPLE_UNASSALPHA ? Alpha::kPlain : Alpha::kNone;
}

std::uint8_t without(unsigned alpha, unsigned value) {
  return alpha == 0 ? 0 : std::uint8_t(std::min(255u, (value * 255 + alpha / 2) / alpha));
}

// Colours that are multiplied by their alpha, the last channel, without it.
void divide_by_alpha(Image& image) {
  const auto channels = std::size_t(image.channels);
  for (std::size_t i = 0; i < image.pixels.size(); i += channels) {
    const std::uint8_t alpha = image.pixels[i + channels - 1];
    for (std::size_t c = 0; c + 1 < channels; ++c) {
      image.pixels[i + c] = without(alpha, image.pixels[i + c]);
    }
  }
}

// Whole rows of 8 or 16 bits of gray or RGB, and of alpha behind them. libtiff's own conversion
// would multiply by alpha and cut 16 bits to the upper 8.
bool is_plain(TIFF* tiff, const PictureHeader& header) {
  const auto photometric = tag<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  const auto bits = tag<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  const auto samples = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  const int colours = header.gray ? 1 : 3;
  return (header.gray || photometric == PHOTOMETRIC_RGB) && (bits == 8 || bits == 16) &&
         samples >= colours && samples <= colours + 1 && TIFFIsTiled(tiff) == 0 &&
         tag<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) ==
             PLANARCONFIG_CONTIG &&
         tag<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT) == SAMPLEFORMAT_UINT;
}

// False where the file is broken.
bool read_rows(TIFF* tiff, bool negative, Image& image, std::size_t samples) {
  const bool deep = tag<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 8) == 16;
  const auto width = std::size_t(image.width), channels = std::size_t(image.channels);
  std::vector<std::uint8_t> row(std::size_t(std::max<tmsize_t>(TIFFScanlineSize(tiff), 0)));
  if (row.size() < width * samples * (deep ? 2 : 1)) return false;
  std::uint8_t* to = image.pixels.data();
  for (int y = 0; y < image.height; ++y) {
    if (TIFFReadScanline(tiff, row.data(), std::uint32_t(y), 0) != 1) return false;
    for (std::size_t x = 0; x < width; ++x) {
      for (std::size_t c = 0; c < channels; ++c, ++to) {
        const std::size_t at = x * samples + c;
        std::uint16_t value = row[at];
        if (deep) {
          std::memcpy(&value, &row[2 * at], 2);  // libtiff has put it in this machine's order
          value = std::uint16_t((value + 128u) / 257);
        }
        *to = std::uint8_t(negative && c == 0 ? 255 - value : value);
      }
    }
  }
  return true;
}

PictureHeader decode_tiff(std::span<const std::uint8_t> bytes, const std::string& source,
                          Image& image) {
  TiffMemory memory{.bytes = bytes};
  const TiffFile tiff = open_tiff(memory, source);
  const PictureHeader header = header_of(tiff.get());
  check_image_size(std::uint64_t(header.width), std::uint64_t(header.height), source);
  const Alpha alpha = alpha_of(tiff.get());
  const int colours = header.gray ? 1 : 3;
  const auto shape = [&] {
    shape_image(image, std::uint64_t(header.width), std::uint64_t(header.height),
                colours + (alpha != Alpha::kNone), source);
  };
  if (is_plain(tiff.get(), header)) {
    shape();
    const bool negative =
        tag<std::uint16_t>(tiff.get(), TIFFTAG_PHOTOMETRIC, 0) == PHOTOMETRIC_MINISWHITE &&
        header.gray;
    const auto samples = tag<std::uint16_t>(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, 1);
    if (image.channels > samples || !read_rows(tiff.get(), negative, image, samples)) {
      throw broken_tiff(memory, source);
    }
    if (alpha == Alpha::kMultiplied) divide_by_alpha(image);
    return header;
  }
  char why[1024] = "";
  if (TIFFRGBAImageOK(tiff.get(), why) != 1) {
    throw bad_input(
        fmt::format("{} is a TIFF image of a kind that is not read ({}): save it with 8 "
                    "or 16 bits of gray or RGB",
                    source, why));
  }
  const std::size_t count = std::size_t(header.width) * std::size_t(header.height);
  std::vector<std::uint32_t> raster(count);
  // The rows as they are stored: turn_upright() knows all eight ways, libtiff four.
  TIFFSetField(tiff.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  if (TIFFReadRGBAImageOriented(tiff.get(), std::uint32_t(header.width),
                                std::uint32_t(header.height), raster.data(), ORIENTATION_TOPLEFT,
                                1) != 1) {
    throw broken_tiff(memory, source);
  }
  shape();
  std::uint8_t* to = image.pixels.data();
  for (const std::uint32_t pixel : raster) {
    *to++ = std::uint8_t(TIFFGetR(pixel));
    if (colours == 3) {
      *to++ = std::uint8_t(TIFFGetG(pixel));
      *to++ = std::uint8_t(TIFFGetB(pixel));
    }
    if (alpha != Alpha::kNone) *to++ = std::uint8_t(TIFFGetA(pixel));
  }
  if (alpha != Alpha::kNone) divide_by_alpha(image);
  return header;
}

}  // namespace

const Codec kTiff = {tiff_header, decode_tiff};

}  // namespace tailor::internal
