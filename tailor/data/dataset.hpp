// A labelled image set in memory: bytes as they came, one contiguous block.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/shape.hpp"

namespace tailor {

// Rows of a data set, in the order they are to be read. Folds, slices and shuffles are index lists;
// nothing is copied.
using Indices = std::vector<std::uint32_t>;

struct Dataset {
  Shape shape;  // of one image
  std::vector<std::uint8_t>
      pixels;  // image after image, each height x width x channels (channels last, as in IDX)
  std::vector<std::uint8_t> labels;  // one per image, 0 .. class_names.size() - 1
  std::vector<std::string> class_names;
  Indices origin = {};  // of a slice: where each image stands in its file; empty = as numbered here

  // The number people know image i by.
  std::uint32_t number_of(std::size_t i) const {
    return origin.empty() ? std::uint32_t(i) : origin[i];
  }
  std::size_t size() const { return labels.size(); }
  int classes() const { return int(class_names.size()); }
  std::span<const std::uint8_t> image(std::size_t i) const {
    return {pixels.data() + i * shape.size(), shape.size()};
  }
};

}  // namespace tailor
