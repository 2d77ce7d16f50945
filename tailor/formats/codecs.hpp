// What image.cpp needs of libpng and libjpeg, and they of it: both report errors by longjmp, so the
// functions that call them hold nothing with a destructor, and the two live apart, each behind one
// function here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tailor/formats/image.hpp"

namespace tailor::internal {

// Both give the file's own channels, 8 bit: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
// Throw bad_input naming `source` when the file is broken, cut short, or too large.
Image decode_png(std::span<const std::uint8_t> bytes, const std::string& source);
Image decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& source);

// Of the header alone.
ImageSize png_size(std::span<const std::uint8_t> bytes, const std::string& source);
ImageSize jpeg_size(std::span<const std::uint8_t> bytes, const std::string& source);

// Throws bad_input for an image of more than kMostPixels.
void check_image_size(std::uint64_t width, std::uint64_t height, const std::string& source);

// For the libraries' callbacks, which no exception may pass: false when memory is out.
bool append(std::vector<std::uint8_t>& bytes, const std::uint8_t* data, std::size_t count);

}  // namespace tailor::internal
