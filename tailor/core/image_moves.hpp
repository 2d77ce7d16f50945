// Images whose pixels change places and nothing else: height x width x channels bytes, row by row.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tailor/core/shape.hpp"

namespace tailor::internal {

using ImageBytes = std::span<const std::uint8_t>;
using ImageRoom = std::span<std::uint8_t>;

// What stands outside of an image: 0, the nearest pixel, or the image as in a mirror that stands
// on the outermost pixels, which are not repeated.
enum class Fill { kZero, kEdge, kReflect };
Fill fill_of(const std::string& name);  // zero | edge | reflect

// Where the pixel lies that stands at `i` of a side of `size`; -1: nowhere.
int place_of(int i, int size, Fill fill);

// hflip; Keras's RandomFlip("horizontal").
void mirror(const Shape& shape, ImageBytes in, ImageRoom out);

// out(y, x) = in(y - down, x - right): RandomCrop of an image padded by as much.
void shift(const Shape& shape, ImageBytes in, int down, int right, Fill fill, ImageRoom out);

}  // namespace tailor::internal
