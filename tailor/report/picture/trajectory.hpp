// The frames of an embedding as they are shown: each centred and scaled by its own extent, so that
// the way from a start of 1e-4 to a map of 100 units fills the screen all along, and then turned
// none: what moves on the screen moved.
#pragma once

#include <cstdint>
#include <vector>

#include "tailor/embed/records.hpp"

namespace tailor::internal {

inline constexpr float kScreenEdge = 32767;

// points x dimensions in -32767 .. 32767: the box around all points of the frame touches +-32767 in
// its longest side, and keeps its proportions. What is not a number stands in the middle.
std::vector<std::int16_t> screen_coordinates(const MapFrame& frame, int dimensions);

}  // namespace tailor::internal
