// Points along a curve that keeps neighbours together (Morton 1966): what is near in space comes
// near in memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tailor::internal {

struct MortonOrder {
  std::vector<std::uint32_t> point;  // along the curve
  std::vector<std::uint64_t> code;   // of these points, rising: one bit per axis, highest bits
                                     // first; kMortonBits of each axis
  std::vector<float> low;            // the cube's lowest corner, per axis
  float side = 0;                    // of the cube
};

// The codes leave room for the point's number behind them, in one word that sorts.
constexpr int kMortonBits = 10;

MortonOrder morton_order(std::span<const float> coordinates, int dimensions);

}  // namespace tailor::internal
