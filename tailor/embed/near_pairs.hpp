// Images that are the same or nearly so, all of them and no others: what comparing every image with
// every other finds. PCA shortens no distance beyond the true one, so pairs far apart there need no
// second look, and the rest are measured in pixels.
#pragma once

#include <cstdint>
#include <span>

#include "tailor/embed/records.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor {

// All pairs of images (rows of `values` bytes) whose Euclidean distance is at most `threshold`.
// `neighbours`: of the projected points; where a point's last neighbour is nearer than the
// threshold its whole row is compared. Distances are exact (integers under the root).
NearPairs near_pairs(std::span<const std::uint8_t> images, std::size_t points,
                     std::span<const float> projected, const Neighbours& neighbours,
                     double threshold, Engine& engine);

// The pairs that are equal byte for byte, by hash and comparison; distance 0. A group of n equal
// images gives n - 1 pairs, each with the group's first.
NearPairs equal_pairs(std::span<const std::uint8_t> images, std::size_t points);

// What counts as near: a share of the median distance to the nearest neighbour that is not equal,
// measured in pixels.
double near_threshold(const Neighbours& neighbours, double share);

}  // namespace tailor
