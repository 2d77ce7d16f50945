// Moving a layer's weights between their logical order and a library layout (packed_weights.hpp).
#pragma once

#include <cstdint>
#include <span>

#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// In the order of the layout's addresses: scattered reads overlap, scattered writes would wait for
// each other's cache lines.
struct WeightOrder {
  std::span<const std::int32_t> order;  // logical values, ascending by offset
  const std::int32_t* offsets;          // of every logical value, in values
  bool dense;                           // in that order they are 0, 1, 2, ...: nothing is padded
};

}  // namespace tailor::internal
