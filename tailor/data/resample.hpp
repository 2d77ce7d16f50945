// Resizing, equal to Pillow's Image.resize() to the last bit: its 8-bit algorithm (src/libImaging/
// Resample.c, whose arithmetic has not changed since 2019), which averages over all pixels that one
// of the smaller picture covers.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "tailor/formats/image.hpp"

namespace tailor::internal {

enum class Filter { kBox, kBilinear, kBicubic };

// Left, top, right, bottom in pixels of the picture, which must hold it.
using SourceBox = std::array<float, 4>;

// The part of `image` (of 1 or 3 channels) inside of `box`, as `height` x `width` pixels; into
// `out`, whose memory is used again. All sizes are 1 or more.
void resample(const Image& image, const SourceBox& box, int height, int width, Filter filter,
              Image& out);

}  // namespace tailor::internal
