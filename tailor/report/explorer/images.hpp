// All images of the explorer as pages of a sprite: lossless where they fit, JPEG of falling quality
// where they do not, since 70,000 images of 28x28 are 30 MB as PNG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/shape.hpp"
#include "tailor/data/rows.hpp"
#include "tailor/formats/image.hpp"

namespace tailor::internal {

struct SpritePages {
  Shape shape;          // of the images on the pages: large ones are shrunk
  int cell_height = 0;  // distance of images on a page; JPEG's blocks of 8 hold one image each
  int cell_width = 0;
  int columns = 0, rows = 0;       // images on a full page
  int quality = 0;                 // of the JPEG; 0 = lossless
  std::vector<std::string> pages;  // base64 of PNG or JPEG
};

// The texts of all pages together stay under `limit` bytes, unless JPEG of the lowest quality is
// larger.
SpritePages sprite_pages(const Rows& images, std::size_t limit);

// One image as it goes on a page: shrunk where it is large.
Image thumbnail(std::span<const std::uint8_t> pixels, const Shape& shape);

}  // namespace tailor::internal
