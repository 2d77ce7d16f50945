// A labelled image set in memory: bytes as they came, one contiguous block.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/shape.hpp"

namespace tailor {

struct Dataset {
  Shape shape;  // of one image
  std::vector<std::uint8_t>
      pixels;  // image after image, each height x width x channels (channels last, as in IDX)
  std::vector<std::uint8_t> labels;  // one per image, 0 .. class_names.size() - 1
  std::vector<std::string> class_names;

  std::size_t size() const { return labels.size(); }
  int classes() const { return int(class_names.size()); }
  std::span<const std::uint8_t> image(std::size_t i) const {
    return {pixels.data() + i * shape.size(), shape.size()};
  }
};

// Rows of a data set, in the order they are to be read. Folds, slices and shuffles are index lists;
// nothing is copied.
using Indices = std::vector<std::uint32_t>;

}  // namespace tailor
