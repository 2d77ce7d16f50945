#include "tailor/report/picture/trajectory.hpp"

#include <algorithm>
#include <cmath>

namespace tailor::internal {
namespace {

struct Range {
  double low = INFINITY, high = -INFINITY;
};

}  // namespace

std::vector<std::int16_t> screen_coordinates(const MapFrame& frame, int dimensions) {
  const auto columns = std::size_t(dimensions);
  std::vector<Range> ranges(columns);
  for (std::size_t i = 0; i < frame.coordinates.size(); ++i) {
    if (!std::isfinite(frame.coordinates[i])) continue;
    Range& range = ranges[i % columns];
    range.low = std::min(range.low, double(frame.coordinates[i]));
    range.high = std::max(range.high, double(frame.coordinates[i]));
  }
  double extent = 0;
  for (const Range& range : ranges) extent = std::max(extent, (range.high - range.low) / 2);
  const double edge = kScreenEdge;
  const double scale = extent > 0 ? edge / extent : 0;
  std::vector<std::int16_t> out(frame.coordinates.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Range& range = ranges[i % columns];
    const double at = (frame.coordinates[i] - (range.low + range.high) / 2) * scale;
    out[i] = std::int16_t(std::isfinite(at) ? std::lround(std::clamp(at, -edge, edge)) : 0);
  }
  return out;
}

}  // namespace tailor::internal
