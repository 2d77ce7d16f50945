#include "tailor/report/trajectory.hpp"

#include <algorithm>
#include <cmath>

namespace tailor {

std::vector<std::int16_t> screen_coordinates(const MapFrame& frame, int dimensions) {
  const auto columns = std::size_t(dimensions);
  std::vector<float> middle(columns);
  float extent = 0;
  for (std::size_t d = 0; d < columns; ++d) {
    float low = INFINITY, high = -INFINITY;
    for (std::size_t i = d; i < frame.coordinates.size(); i += columns) {
      low = std::min(low, frame.coordinates[i]);
      high = std::max(high, frame.coordinates[i]);
    }
    middle[d] = (low + high) / 2;
    extent = std::max(extent, (high - low) / 2);
  }
  const float scale = extent > 0 ? 32767 / extent : 0;
  std::vector<std::int16_t> out(frame.coordinates.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float at = (frame.coordinates[i] - middle[i % columns]) * scale;
    out[i] = std::int16_t(std::lround(std::clamp(at, -32767.f, 32767.f)));
  }
  return out;
}

}  // namespace tailor
