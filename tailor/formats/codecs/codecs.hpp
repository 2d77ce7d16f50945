// What image.cpp needs of each format's library, and they of it. Each stands behind the same two
// functions: libpng and libjpeg report errors by longjmp, so what calls them holds nothing with a
// destructor and lives apart.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tailor/formats/image.hpp"

namespace tailor::internal {

// What stands before the pixels.
struct PictureHeader {
  int height = 0;  // as stored
  int width = 0;
  int orientation = 1;  // as EXIF counts, 1 to 8; 1 is upright
  bool gray = false;
};

// Both throw bad_input naming `source` where the file is broken or cut short. decode() gives the
// file's own channels as it stores them, gives its header back, and throws for a picture that
// check_image_size() refuses before it takes memory for it.
struct Codec {
  PictureHeader (*header)(std::span<const std::uint8_t> bytes, const std::string& source);
  PictureHeader (*decode)(std::span<const std::uint8_t> bytes, const std::string& source,
                          Image& image);
};
extern const Codec kPng, kJpeg, kWebp, kTiff, kBmp, kGif, kNetpbm;

// Throws bad_input for an image of more than kMostPixels, or of none.
void check_image_size(std::uint64_t width, std::uint64_t height, const std::string& source);

// Makes room for an image of this size, after check_image_size().
void shape_image(Image& image, std::uint64_t width, std::uint64_t height, int channels,
                 const std::string& source);

// A library's words for a shortage of memory, which is no fault of the file: throws bad_alloc.
void throw_if_of_memory(std::string_view message);

// For the libraries' callbacks, which no exception may pass: false when memory is out.
bool append(std::vector<std::uint8_t>& bytes, const std::uint8_t* data, std::size_t count);

}  // namespace tailor::internal
