// Images on a terminal: two pixels in each character cell, which is about twice as high as wide.
#pragma once

#include <string>
#include <vector>

#include "tailor/formats/image.hpp"

namespace tailor::internal {

// A picture as lines of text of `columns` visible characters each.
struct TextImage {
  int columns = 0;
  std::vector<std::string> lines;
};

// With colour: the upper half block in 24-bit colours, upper pixel as its colour, lower pixel
// behind it. Without: a ramp of ten characters, dark to bright. Images wider than `columns` are
// scaled down by a whole factor.
TextImage text_image(const Image& image, int columns, bool colour);

struct CaptionedImage {
  TextImage picture;
  std::vector<std::string> caption;  // under it; cut to the picture's width, but at least 24
};

// As many beside each other as fit `width` columns, row after row.
std::string image_rows(const std::vector<CaptionedImage>& images, int width);

}  // namespace tailor::internal
