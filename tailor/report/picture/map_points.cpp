#include "tailor/report/picture/map_points.hpp"

#include <algorithm>
#include <cmath>

#include "tailor/core/random/rng.hpp"
#include "tailor/report/picture/trajectory.hpp"

namespace tailor::internal {
namespace {

constexpr float kFlatMargin = 0.97f;  // the map's share of the square
// The corners of a turning cube leave the square; t-SNE's maps are balls, and those stay inside.
constexpr float kTurningMargin = 0.80f;
// Looking down on the turning map, by 0.3 radians.
constexpr float kTiltCosine = 0.95534f;
constexpr float kTiltSine = 0.29552f;
constexpr int kDepthSteps = 64;
constexpr int kPaleness = 150;  // share of white in the farthest points, in 256ths
constexpr int kCover = 208;     // of a point: who lies below still shows

// Together the points cover about a quarter of the square: on 720 pixels a radius of 0.8 for 70,000
// points, 2 for 10,000 and 6 for 1,000 and fewer.
float point_radius(std::size_t points, int side) {
  const float share = 0.42f * float(side) / std::sqrt(2 * float(std::max<std::size_t>(points, 1)));
  const float pixel = float(side) / 720;
  return std::clamp(share, 0.8f * pixel, 6 * pixel);
}

}  // namespace

MapPoints::MapPoints(const Embedding& map, std::span<const Label> labels, const Box& square)
    : map_(map),
      labels_(labels),
      square_(square),
      order_(Rng(0, Purpose::kShuffle).permutation(std::uint32_t(map.points))),
      stamp_(point_radius(map.points, square.width), kCover) {
  for (const MapFrame& frame : map.frames) {
    frames_.push_back(screen_coordinates(frame, map.dimensions));
  }
  anchors_ = densest_places(frames_.back(), map.dimensions, labels);
}

PlacedPoint MapPoints::project(const Place& at, const Turn& turn) const {
  float x = at[0] * kFlatMargin, y = at[1] * kFlatMargin, depth = 0;
  if (map_.dimensions == 3) {
    const float away = at[2] * turn.cosine - at[0] * turn.sine;
    x = (at[0] * turn.cosine + at[2] * turn.sine) * kTurningMargin;
    y = (at[1] * kTiltCosine - away * kTiltSine) * kTurningMargin;
    depth = (away * kTiltCosine + at[1] * kTiltSine) * kTurningMargin / 2 + 0.5f;
  }
  const float half = float(square_.width) / 2;
  return {float(square_.left) + half * (1 + x), float(square_.top) + half * (1 - y),
          std::clamp(depth, 0.f, 1.f)};
}

std::vector<PlacedPoint> MapPoints::place(const Moment& moment) const {
  const auto& from = frames_[moment.frame];
  const auto& to = frames_[std::min(moment.frame + 1, frames_.size() - 1)];
  const auto columns = std::size_t(map_.dimensions);
  const Turn turn{std::cos(moment.turn), std::sin(moment.turn)};
  std::vector<PlacedPoint> points(map_.points);
  for (std::size_t i = 0; i < points.size(); ++i) {
    Place at = {};
    for (std::size_t d = 0; d < columns; ++d) {
      const float a = from[i * columns + d], b = to[i * columns + d];
      at[d] = (a + (b - a) * moment.part) / kScreenEdge;
    }
    points[i] = project(at, turn);
  }
  return points;
}

std::vector<std::uint32_t> MapPoints::back_to_front(const std::vector<PlacedPoint>& points) const {
  std::vector<std::uint32_t> order = order_;
  const auto step = [&](std::uint32_t i) { return int(points[i].depth * kDepthSteps); };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return step(a) > step(b); });
  return order;
}

void MapPoints::draw(Canvas& canvas, const std::vector<PlacedPoint>& points) const {
  const bool solid = map_.dimensions == 3;
  for (const std::uint32_t i : solid ? back_to_front(points) : order_) {
    const PlacedPoint& point = points[i];
    const Rgb& colour = class_colour(labels_[i]);
    stamp_.draw(canvas, point.x, point.y,
                solid ? mixed(colour, kWhite, int(point.depth * kPaleness)) : colour, square_);
  }
}

std::vector<BadgePlace> MapPoints::badges(float turn, float radius) const {
  std::vector<BadgePlace> badges;
  for (const Anchor& anchor : anchors_) {
    const PlacedPoint at = project(anchor.at, {std::cos(turn), std::sin(turn)});
    badges.push_back({anchor.label, at.x, at.y});
  }
  move_apart(badges, radius, square_);
  return badges;
}

}  // namespace tailor::internal
