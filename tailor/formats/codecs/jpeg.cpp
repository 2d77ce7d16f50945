#include <fmt/format.h>
// jpeglib.h needs FILE and size_t declared before it.
#include <cstddef>
#include <cstdio>
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on
#include <algorithm>
#include <array>
#include <csetjmp>
#include <memory>
#include <string_view>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/formats/codecs/codecs.hpp"
#include "tailor/formats/exif.hpp"

namespace tailor::internal {
namespace {

// Lives outside the functions that setjmp, so that a longjmp never skips its destructor.
struct JpegReader {
  JpegReader() = default;
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }

  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf on_error;
  char message[JMSG_LENGTH_MAX] = "";
};

struct JpegWriter {
  JpegWriter() = default;
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() { jpeg_destroy_compress(&jpeg); }

  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_destination_mgr destination{};
  std::array<std::uint8_t, 1 << 14> room;
  std::vector<std::uint8_t> bytes;
  std::jmp_buf on_error;
  char message[JMSG_LENGTH_MAX] = "";
};

template <typename Owner>
void leave(j_common_ptr jpeg) {
  auto* owner = static_cast<Owner*>(jpeg->client_data);
  jpeg->err->format_message(jpeg, owner->message);
  std::longjmp(owner->on_error, 1);
}

// Warnings, at level -1, are of two kinds: of bytes that nobody needs, which every viewer passes
// over, and of pixels that are missing or damaged, which libjpeg fills with gray.
void refuse_missing_pixels(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_TOO_MUCH_DATA:
      return;
    default:
      leave<JpegReader>(jpeg);
  }
}

// A few kilobytes of empty scans can keep a progressive decoder busy for hours; encoders write a
// dozen.
void refuse_endless_scans(j_common_ptr jpeg) {
  constexpr int kScanLimit = 100;
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kScanLimit) {
    auto* reader = static_cast<JpegReader*>(jpeg->client_data);
    std::snprintf(reader->message, sizeof reader->message, "more than %d scans", kScanLimit);
    std::longjmp(reader->on_error, 1);
  }
}

// The functions named try_... are left by longjmp on errors, and then return false.
bool try_read_header(JpegReader& reader, const std::uint8_t* data, std::size_t size) {
  reader.jpeg.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = leave<JpegReader>;
  reader.errors.emit_message = refuse_missing_pixels;
  reader.jpeg.client_data = &reader;
  if (setjmp(reader.on_error) != 0) return false;
  jpeg_create_decompress(&reader.jpeg);
  reader.progress.progress_monitor = refuse_endless_scans;
  reader.jpeg.progress = &reader.progress;
  jpeg_mem_src(&reader.jpeg, data, size);
  jpeg_save_markers(&reader.jpeg, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&reader.jpeg, TRUE);
  return true;
}

bool try_start(JpegReader& reader) {
  if (setjmp(reader.on_error) != 0) return false;
  reader.jpeg.out_color_space = reader.jpeg.num_components == 1   ? JCS_GRAYSCALE
                                : reader.jpeg.num_components == 4 ? JCS_CMYK
                                                                  : JCS_RGB;
  reader.jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&reader.jpeg);
  return true;
}

bool try_read_rows(JpegReader& reader, std::uint8_t* pixels, std::size_t row_bytes) {
  if (setjmp(reader.on_error) != 0) return false;
  while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
    JSAMPROW row = pixels + reader.jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&reader.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&reader.jpeg);
  return true;
}

void start_room(j_compress_ptr jpeg) {
  auto* writer = static_cast<JpegWriter*>(jpeg->client_data);
  writer->destination.next_output_byte = writer->room.data();
  writer->destination.free_in_buffer = writer->room.size();
}

void take_room(j_compress_ptr jpeg, std::size_t count) {
  auto* writer = static_cast<JpegWriter*>(jpeg->client_data);
  if (!append(writer->bytes, writer->room.data(), count)) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
}

// libjpeg asks for this when the room is full, whatever it says about how much is free.
boolean empty_room(j_compress_ptr jpeg) {
  take_room(jpeg, static_cast<JpegWriter*>(jpeg->client_data)->room.size());
  start_room(jpeg);
  return TRUE;
}

void finish_room(j_compress_ptr jpeg) {
  auto* writer = static_cast<JpegWriter*>(jpeg->client_data);
  take_room(jpeg, writer->room.size() - writer->destination.free_in_buffer);
}

void describe(jpeg_compress_struct& jpeg, const Image& image, int quality) {
  jpeg.image_width = JDIMENSION(image.width);
  jpeg.image_height = JDIMENSION(image.height);
  jpeg.input_components = image.channels;
  jpeg.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.dct_method = JDCT_ISLOW;  // integers: the float transform differs between machines
  jpeg.optimize_coding = TRUE;
  for (int c = 0; c < jpeg.num_components; ++c) {
    jpeg.comp_info[c].h_samp_factor = jpeg.comp_info[c].v_samp_factor = 1;
  }
}

bool try_write(JpegWriter& writer, const Image& image, int quality) {
  writer.jpeg.err = jpeg_std_error(&writer.errors);
  writer.errors.error_exit = leave<JpegWriter>;
  writer.jpeg.client_data = &writer;
  if (setjmp(writer.on_error) != 0) return false;
  jpeg_create_compress(&writer.jpeg);
  writer.destination.init_destination = start_room;
  writer.destination.empty_output_buffer = empty_room;
  writer.destination.term_destination = finish_room;
  writer.jpeg.dest = &writer.destination;
  describe(writer.jpeg, image, quality);
  jpeg_start_compress(&writer.jpeg, TRUE);
  const std::size_t row_bytes = std::size_t(image.width) * std::size_t(image.channels);
  while (writer.jpeg.next_scanline < writer.jpeg.image_height) {
    auto* row = const_cast<JSAMPROW>(image.pixels.data() + writer.jpeg.next_scanline * row_bytes);
    jpeg_write_scanlines(&writer.jpeg, &row, 1);
  }
  jpeg_finish_compress(&writer.jpeg);
  return true;
}

Error broken_jpeg(const JpegReader& reader, const std::string& source) {
  throw_if_of_memory(reader.message);
  return bad_input(fmt::format("{} is a broken JPEG: {}", source, reader.message));
}

// Of the first block of EXIF, as Pillow.
int orientation_of(const JpegReader& reader) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  for (const jpeg_marker_struct* m = reader.jpeg.marker_list; m != nullptr; m = m->next) {
    const std::string_view block(reinterpret_cast<const char*>(m->data), m->data_length);
    if (block.starts_with(kExif)) return exif_orientation({m->data, m->data_length});
  }
  return 1;
}

PictureHeader open_jpeg(JpegReader& reader, std::span<const std::uint8_t> bytes,
                        const std::string& source) {
  if (!try_read_header(reader, bytes.data(), bytes.size())) throw broken_jpeg(reader, source);
  return {int(reader.jpeg.image_height), int(reader.jpeg.image_width),  // 16 bits in the file
          orientation_of(reader), reader.jpeg.num_components == 1};
}

PictureHeader jpeg_header(std::span<const std::uint8_t> bytes, const std::string& source) {
  JpegReader reader;
  return open_jpeg(reader, bytes, source);
}

std::uint8_t times_over_255(unsigned a, unsigned b) {
  const unsigned product = a * b + 128;
  return std::uint8_t(((product >> 8) + product) >> 8);
}

// Pillow's Convert.c, of inks as Adobe writes them and so nearly everybody: 255 is none. A pixel is
// written where none is read any more.
void cmyk_to_rgb(Image& image) {
  const std::size_t count = image.pixels.size() / 4;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* inks = &image.pixels[4 * i];
    const int light = inks[3];
    for (std::size_t c = 0; c < 3; ++c) {
      const int left = light - times_over_255(255u - inks[c], unsigned(light));
      image.pixels[3 * i + c] = std::uint8_t(std::clamp(left, 0, 255));
    }
  }
  image.pixels.resize(3 * count);
  image.channels = 3;
}

PictureHeader decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& source,
                          Image& image) {
  JpegReader reader;
  const PictureHeader header = open_jpeg(reader, bytes, source);
  check_image_size(reader.jpeg.image_width, reader.jpeg.image_height, source);
  const int components = reader.jpeg.num_components;
  if (components != 1 && components != 3 && components != 4) {
    throw bad_input(
        fmt::format("{} is a JPEG of {} color components: save it as RGB", source, components));
  }
  if (!try_start(reader)) throw broken_jpeg(reader, source);
  shape_image(image, reader.jpeg.output_width, reader.jpeg.output_height,
              reader.jpeg.output_components, source);
  const std::size_t row_bytes = std::size_t(image.width) * std::size_t(image.channels);
  if (!try_read_rows(reader, image.pixels.data(), row_bytes)) throw broken_jpeg(reader, source);
  if (components == 4) cmyk_to_rgb(image);
  return header;
}

}  // namespace

const Codec kJpeg = {jpeg_header, decode_jpeg};

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
  const std::size_t row_bytes = std::size_t(image.width) * std::size_t(image.channels);
  if (image.width < 1 || image.height < 1 || image.width > JPEG_MAX_DIMENSION ||
      image.height > JPEG_MAX_DIMENSION || (image.channels != 1 && image.channels != 3) ||
      image.pixels.size() != row_bytes * std::size_t(image.height)) {
    throw bad_input(fmt::format("cannot write a {}x{}x{} image of {} bytes as JPEG", image.height,
                                image.width, image.channels, image.pixels.size()));
  }
  if (quality < 1 || quality > 100) {
    throw bad_input(fmt::format("a JPEG has a quality of 1 to 100, not {}", quality));
  }
  const auto writer = std::make_unique<JpegWriter>();
  if (!try_write(*writer, image, quality)) {
    throw failure(fmt::format("cannot write the JPEG: {}", writer->message));
  }
  return std::move(writer->bytes);
}

}  // namespace tailor::internal
