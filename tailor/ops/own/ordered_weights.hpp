// Moving a layer's weights between their logical order and a library layout (packed_weights.hpp).
#pragma once

#include <cstdint>

#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// In the order of the layout's addresses: scattered reads overlap, scattered writes would wait for
// each other's cache lines.
struct WeightOrder {
  const std::int32_t* order;    // logical values, ascending by offset
  const std::int32_t* offsets;  // of every logical value, in values
  bool dense;                   // in that order they are 0, 1, 2, ...: nothing is padded
};

// Gradients in a layout, some copies of them, whose sum is wanted.
struct WeightSums {
  const std::int32_t* offsets;  // of every logical value
  const float* values;
  std::size_t next_copy;  // so many values further
  int copies;
};

}  // namespace tailor::internal
