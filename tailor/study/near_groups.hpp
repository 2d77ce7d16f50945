// Which images of a set are nearly the same: frames of one series, copies saved again. They must
// not be on two sides of a split, or a test measures what was learned by heart.
#pragma once

#include <cstdint>
#include <vector>

#include "tailor/data/dataset.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// One number for each image, equal for those of a group: of pairs that are near, and of those near
// to one of these, and so on. Images are compared as 8 x 8 gray pictures less their mean, by the
// root of the mean square of what differs. Two are near if their distance is at most
//   0.05 of the median distance of two images, or
//   0.4 of the distance of either to its 50th neighbour, or 0.3 of that to its 200th
// (of small sets: to the one that an eighth of the images are nearer than).
std::vector<std::uint32_t> near_groups(const Dataset& set, Engine& engine);

struct GroupCounts {
  std::size_t groups = 0;   // of two images and more
  std::size_t images = 0;   // in them
  std::size_t largest = 0;  // images
};
GroupCounts count_groups(const std::vector<std::uint32_t>& groups);

}  // namespace tailor::internal
