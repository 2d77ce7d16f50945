// Images that are the same or nearly so, all of them and no others: what comparing every image with
// every other finds. PCA shortens no distance beyond the true one, so pairs far apart there need no
// second look, and the rest are measured in pixels.
#pragma once

#include <cstdint>
#include <span>

#include "tailor/embed/records.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// All pairs of different images (rows of bytes) whose Euclidean distance is at most `threshold`.
// `projected`: the images' bytes as numbers, projected by pca.hpp; `neighbours`: of the projected
// points. Where a point's last neighbour is nearer than the threshold its whole row is compared.
// Distances are exact (integers under the root). Beyond `most` pairs all are counted and the
// nearest kept: alike images by the ten thousand are billions of pairs that say one thing.
inline constexpr std::size_t kMostNearPairs = 5'000'000;
NearPairs near_pairs(std::span<const std::uint8_t> images, std::size_t points,
                     std::span<const float> projected, const Neighbours& neighbours,
                     double threshold, Engine& engine, std::size_t most = kMostNearPairs);

// The pairs that are equal byte for byte, by hash and comparison; distance 0. All pairs of a group
// of up to 100 equal images; the further members of a larger one only with its first.
NearPairs equal_pairs(std::span<const std::uint8_t> images, std::size_t points);

// What counts as near: `share` of the median distance, in pixels, of an image to the nearest of its
// `neighbours` that is not equal to it; 0 where no image has such a neighbour. By eye, on the
// 70,000 images of Fashion-MNIST: up to a share of 0.16 all pairs show one article, mostly in one
// photograph; up to 0.2 (45 pairs) all but three, which are two prints on one garment; beyond,
// plain garments that are merely alike become many.
double near_threshold(std::span<const std::uint8_t> images, const Neighbours& neighbours,
                      double share, Engine& engine);

}  // namespace tailor::internal
