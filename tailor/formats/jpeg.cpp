#include <fmt/format.h>
// jpeglib.h needs FILE and size_t declared before it.
#include <cstddef>
#include <cstdio>
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on
#include <csetjmp>

#include "tailor/core/error.hpp"
#include "tailor/formats/codecs.hpp"

namespace tailor {
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

void leave(j_common_ptr jpeg) {
  auto* reader = static_cast<JpegReader*>(jpeg->client_data);
  jpeg->err->format_message(jpeg, reader->message);
  std::longjmp(reader->on_error, 1);
}

// libjpeg fills what is missing or damaged with gray and calls that a warning, at level -1.
void refuse_warnings(j_common_ptr jpeg, int level) {
  if (level < 0) leave(jpeg);
}

// A few kilobytes of empty scans can keep a progressive decoder busy for hours.
void refuse_endless_scans(j_common_ptr jpeg) {
  constexpr int kScanLimit = 500;
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kScanLimit) {
    auto* reader = static_cast<JpegReader*>(jpeg->client_data);
    std::snprintf(reader->message, sizeof reader->message, "more than %d scans", kScanLimit);
    std::longjmp(reader->on_error, 1);
  }
}

// The functions named try_... are left by longjmp on errors, and then return false.
bool try_read_header(JpegReader& reader, const std::uint8_t* data, std::size_t size) {
  reader.jpeg.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = leave;
  reader.errors.emit_message = refuse_warnings;
  reader.jpeg.client_data = &reader;
  if (setjmp(reader.on_error) != 0) return false;
  jpeg_create_decompress(&reader.jpeg);
  reader.progress.progress_monitor = refuse_endless_scans;
  reader.jpeg.progress = &reader.progress;
  jpeg_mem_src(&reader.jpeg, data, size);
  jpeg_read_header(&reader.jpeg, TRUE);
  return true;
}

bool try_start(JpegReader& reader) {
  if (setjmp(reader.on_error) != 0) return false;
  reader.jpeg.out_color_space = reader.jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
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

}  // namespace

Image decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& source) {
  JpegReader reader;
  const auto broken = [&] {
    return bad_input(fmt::format("{} is a broken JPEG: {}", source, reader.message));
  };
  if (!try_read_header(reader, bytes.data(), bytes.size())) throw broken();
  check_image_size(reader.jpeg.image_width, reader.jpeg.image_height, source);
  const int components = reader.jpeg.num_components;
  if (components != 1 && components != 3) {
    throw bad_input(fmt::format("{} is a JPEG of {} color components (CMYK?): save it as RGB",
                                source, components));
  }
  if (!try_start(reader)) throw broken();
  Image image;
  image.width = int(reader.jpeg.output_width);
  image.height = int(reader.jpeg.output_height);
  image.channels = reader.jpeg.output_components;
  const std::size_t row_bytes = std::size_t(image.width) * std::size_t(image.channels);
  image.pixels.resize(row_bytes * std::size_t(image.height));
  if (!try_read_rows(reader, image.pixels.data(), row_bytes)) throw broken();
  return image;
}

}  // namespace tailor
