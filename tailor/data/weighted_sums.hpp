// The two passes of a resizing: each pixel of the new picture is a weighted sum of neighbours.
#pragma once

#include <vector>

#include "tailor/formats/image.hpp"

namespace tailor::internal {

// Weights are whole numbers of 2^-22, Pillow's PRECISION_BITS: a sum of bytes times weights fits 32
// bits.
inline constexpr int kWeightBits = 22;

// Along one side: place i of the new picture takes weights[begin[i]] to weights[begin[i + 1]] of
// the pixels from first[i] on. first does not fall.
struct Taps {
  std::vector<int> first, begin, weights;
};

// Both round to bytes and make as many rows and columns as `out` says. Across: rows from
// `first_row` on.
void sum_across(const Image& image, int first_row, const Taps& taps, Image& out);
void sum_down(const Image& image, const Taps& taps, Image& out);

}  // namespace tailor::internal
