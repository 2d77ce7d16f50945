// The points of an embedding on a canvas.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/embed/records.hpp"
#include "tailor/report/picture/badges.hpp"
#include "tailor/report/picture/raster.hpp"

namespace tailor::internal {

// A moment of the way: between two kept frames, and how far a 3-D map has turned.
struct Moment {
  std::size_t frame = 0;
  float part = 0;  // 0 = at `frame`, towards 1 = at the next
  float turn = 0;  // radians about the vertical axis
};

// A point on the canvas; depth 0 = nearest to the eye, 1 = farthest (2-D: all 0).
struct PlacedPoint {
  float x = 0;
  float y = 0;
  float depth = 0;
};

class MapPoints {
 public:
  // Draws into `square`, whose sides are equal. The map and the labels outlive this.
  MapPoints(const Embedding& map, std::span<const Label> labels, const Box& square);

  std::vector<PlacedPoint> place(const Moment& moment) const;

  // In a shuffled order, so that no class lies above the others; a 3-D map from the back to the
  // front, paler where it is far.
  void draw(Canvas& canvas, const std::vector<PlacedPoint>& points) const;

  // Of the last frame, where each class is densest, moved apart until badges of `radius` do not
  // touch.
  std::vector<BadgePlace> badges(float turn, float radius) const;

 private:
  struct Turn {
    float cosine;
    float sine;
  };
  PlacedPoint project(const Place& at, const Turn& turn) const;
  std::vector<std::uint32_t> back_to_front(const std::vector<PlacedPoint>& points) const;

  const Embedding& map_;
  std::span<const Label> labels_;
  Box square_;
  std::vector<std::vector<std::int16_t>> frames_;  // screen_coordinates() of each
  std::vector<Anchor> anchors_;
  std::vector<std::uint32_t> order_;
  DiscStamp stamp_;
};

}  // namespace tailor::internal
