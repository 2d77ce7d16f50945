// Where the numbers of the classes stand on a map.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/report/picture/raster.hpp"

namespace tailor::internal {

using Place = std::array<float, 3>;  // -1 to 1 each; the third is 0 on a plane

struct Anchor {
  int label = 0;
  Place at = {};
};

// For each class that occurs, the middle of its points where they are densest: a class in two
// islands has its number on one of them, not in the sea between. `screen`: screen_coordinates().
std::vector<Anchor> densest_places(std::span<const std::int16_t> screen, int dimensions,
                                   std::span<const Label> labels);

struct BadgePlace {
  int label = 0;
  float x = 0;
  float y = 0;
};

// Moves badges of `radius` as little as it takes until they do not touch, inside `square`.
void move_apart(std::vector<BadgePlace>& badges, float radius, const Box& square);

}  // namespace tailor::internal
