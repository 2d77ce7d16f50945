#include "tailor/embed/tsne/tsne_order.hpp"

#include <algorithm>
#include <cstddef>

namespace tailor::internal {

MortonOrder morton_order(std::span<const float> coordinates, int dimensions) {
  const auto axes = std::size_t(dimensions);
  const std::size_t points = coordinates.size() / axes;
  MortonOrder order;
  for (std::size_t d = 0; d < axes; ++d) {
    float low = coordinates[d];
    float high = low;
    for (std::size_t i = 1; i < points; ++i) {
      low = std::min(low, coordinates[i * axes + d]);
      high = std::max(high, coordinates[i * axes + d]);
    }
    order.low.push_back(low);
    order.side = std::max(order.side, high - low);
  }
  constexpr std::uint32_t kCells = 1u << kMortonBits;
  const float scale = order.side > 1e-30f ? float(kCells) / order.side : 0;
  std::vector<std::uint64_t> keys(points);
  for (std::size_t i = 0; i < points; ++i) {
    std::uint64_t code = 0;
    for (std::size_t d = 0; d < axes; ++d) {
      const float place = (coordinates[i * axes + d] - order.low[d]) * scale;
      const std::uint32_t cell = std::min(kCells - 1, std::uint32_t(place));
      for (int bit = 0; bit < kMortonBits; ++bit) {
        code |= std::uint64_t(cell >> bit & 1) << (std::size_t(bit) * axes + d);
      }
    }
    keys[i] = code << 32 | i;
  }
  std::sort(keys.begin(), keys.end());
  order.point.reserve(points);
  order.code.reserve(points);
  for (const std::uint64_t key : keys) {
    order.point.push_back(std::uint32_t(key));
    order.code.push_back(key >> 32);
  }
  return order;
}

}  // namespace tailor::internal
