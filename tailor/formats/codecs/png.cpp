#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "tailor/core/error.hpp"
#include "tailor/formats/codecs/codecs.hpp"
#include "tailor/formats/exif.hpp"

namespace tailor::internal {
namespace {

// Lives outside the functions that setjmp, so that a longjmp never skips its destructor.
struct PngReader {
  PngReader() = default;
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }

  png_structp png = nullptr;
  png_infop info = nullptr;
  std::span<const std::uint8_t> rest;
  char message[128] = "";
};

struct PngWriter {
  PngWriter() = default;
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png, &info); }

  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<std::uint8_t> bytes;
  char message[128] = "";
};

template <typename Owner>
void remember_error(png_structp png, png_const_charp text) {
  auto* owner = static_cast<Owner*>(png_get_error_ptr(png));
  std::snprintf(owner->message, sizeof owner->message, "%s", text);
  png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

void take_bytes(png_structp png, png_bytep out, std::size_t count) {
  auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
  if (count > reader->rest.size()) png_error(png, "the file is cut short");
  std::memcpy(out, reader->rest.data(), count);
  reader->rest = reader->rest.subspan(count);
}

void give_bytes(png_structp png, png_bytep data, std::size_t count) {
  auto* writer = static_cast<PngWriter*>(png_get_io_ptr(png));
  if (!append(writer->bytes, data, count)) png_error(png, "out of memory");
}

// Texts, profiles and the like unpack to as much as eight megabytes each, and no pixel needs them.
constexpr png_byte kNotNeeded[] = "iCCP\0iTXt\0tEXt\0zTXt\0sPLT\0hIST\0pCAL\0sCAL";
constexpr int kNotNeededCount = int(sizeof kNotNeeded / 5);

// The functions named try_... are left by longjmp on errors, and then return false.
bool try_read_header(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, kNotNeeded, kNotNeededCount);
  png_set_read_fn(reader.png, &reader, take_bytes);
  png_read_info(reader.png, reader.info);
  return true;
}

bool try_set_transforms(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_expand(reader.png);  // palette, 1 to 4 bits, and transparent colors as alpha
  png_set_scale_16(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool try_read_rows(PngReader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, reader.info);  // notes may stand behind the pixels
  return true;
}

bool try_write(PngWriter& writer, const Image& image, png_bytepp rows) {
  if (setjmp(png_jmpbuf(writer.png)) != 0) return false;
  png_set_write_fn(writer.png, &writer, give_bytes, nullptr);
  png_set_IHDR(writer.png, writer.info, png_uint_32(image.width), png_uint_32(image.height), 8,
               image.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(writer.png, 6);
  png_write_info(writer.png, writer.info);
  png_write_image(writer.png, rows);
  png_write_end(writer.png, nullptr);
  return true;
}

Error broken_png(const PngReader& reader, const std::string& source) {
  throw_if_of_memory(reader.message);
  return bad_input(fmt::format("{} is a broken PNG: {}", source, reader.message));
}

// Reads all that stands before the pixels.
void open_png(PngReader& reader, std::span<const std::uint8_t> bytes, const std::string& source) {
  reader.rest = bytes;
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, remember_error<PngReader>,
                                      ignore_warning);
  if (reader.png != nullptr) reader.info = png_create_info_struct(reader.png);
  if (reader.info == nullptr) throw failure("cannot start libpng: out of memory");
  if (!try_read_header(reader)) throw broken_png(reader, source);
}

std::vector<png_bytep> row_pointers(std::uint8_t* pixels, std::size_t height,
                                    std::size_t row_bytes) {
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < height; ++y) rows[y] = pixels + y * row_bytes;
  return rows;
}

PictureHeader header_so_far(const PngReader& reader) {
  PictureHeader header;
  header.height = int(png_get_image_height(reader.png, reader.info));  // 31 bits in the file
  header.width = int(png_get_image_width(reader.png, reader.info));
  header.gray = (png_get_color_type(reader.png, reader.info) & PNG_COLOR_MASK_COLOR) == 0;
  png_bytep exif = nullptr;
  png_uint_32 size = 0;
  if (png_get_eXIf_1(reader.png, reader.info, &size, &exif) != 0) {
    header.orientation = exif_orientation({exif, size});
  }
  return header;
}

PictureHeader png_header(std::span<const std::uint8_t> bytes, const std::string& source) {
  PngReader reader;
  open_png(reader, bytes, source);
  return header_so_far(reader);
}

PictureHeader decode_png(std::span<const std::uint8_t> bytes, const std::string& source,
                         Image& image) {
  PngReader reader;
  open_png(reader, bytes, source);
  const PictureHeader header = header_so_far(reader);
  check_image_size(std::uint64_t(header.width), std::uint64_t(header.height), source);
  if (!try_set_transforms(reader)) throw broken_png(reader, source);
  shape_image(image, std::uint64_t(header.width), std::uint64_t(header.height),
              png_get_channels(reader.png, reader.info), source);
  const std::size_t row_bytes = png_get_rowbytes(reader.png, reader.info);
  auto rows = row_pointers(image.pixels.data(), std::size_t(image.height), row_bytes);
  if (!try_read_rows(reader, rows.data())) throw broken_png(reader, source);
  return header_so_far(reader);
}

}  // namespace

const Codec kPng = {png_header, decode_png};

std::vector<std::uint8_t> encode_png(const Image& image) {
  const std::size_t row_bytes = std::size_t(image.width) * std::size_t(image.channels);
  if (image.width < 1 || image.height < 1 || (image.channels != 1 && image.channels != 3) ||
      image.pixels.size() != row_bytes * std::size_t(image.height)) {
    throw bad_input(fmt::format("cannot write a {}x{}x{} image of {} bytes as PNG", image.height,
                                image.width, image.channels, image.pixels.size()));
  }
  PngWriter writer;
  writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, remember_error<PngWriter>,
                                       ignore_warning);
  if (writer.png != nullptr) writer.info = png_create_info_struct(writer.png);
  if (writer.info == nullptr) throw failure("cannot start libpng: out of memory");
  // libpng's writer takes rows it may change, and only changes them if asked to.
  auto* pixels = const_cast<std::uint8_t*>(image.pixels.data());
  auto rows = row_pointers(pixels, std::size_t(image.height), row_bytes);
  if (!try_write(writer, image, rows.data())) {
    throw failure(fmt::format("cannot write a PNG: {}", writer.message));  // no memory
  }
  return std::move(writer.bytes);
}

}  // namespace tailor::internal
