// What augmentation does to an image in an epoch: a function of (seed, epoch, row), so that
// threads, processes and interruptions change nothing. Each kind of change draws for itself: one
// that is switched on changes no other.
#pragma once

#include <cstdint>

#include "tailor/core/shape.hpp"
#include "tailor/data/augment/options.hpp"
#include "tailor/data/augment/transforms.hpp"

namespace tailor::internal {

// In the order in which they are done.
struct Change {
  Rectangle crop;  // empty: none
  double degrees = 0, scale = 1;
  int down = 0, right = 0;
  bool mirrored = false;
  double brightness = 1, contrast = 1, saturation = 1, hue = 0;
  Rectangle cutout, erased;  // may be empty
};

// As torchvision's RandomResizedCrop (scale (crop, 1); ratio (3/4, 4/3), here of the image's own),
// RandomAffine, RandomCrop(padding), RandomHorizontalFlip, ColorJitter and RandomErasing (scale
// (0.02, 0.33), ratio (0.3, 3.3)) draw; cutout as DeVries and Taylor (2017). An alternating flip
// (Jordan, 2024) is random in epoch 0, and then every image is seen from the other side than in the
// epoch before.
Change draw_change(const AugmentOptions& options, const Shape& shape, std::uint64_t seed,
                   std::uint32_t epoch, std::uint32_t row);

// How much of an image is itself; the rest is another one's, all over or in a rectangle.
struct Mixture {
  double share = 1;
  Rectangle pasted;  // empty: all over
};

// Mixup (Zhang et al., 2018) and CutMix (Yun et al., 2019), with a share from Beta(alpha, alpha)
// for each image; where both are asked for, each image takes one of them.
Mixture draw_mixture(const AugmentOptions& options, const Shape& shape, std::uint64_t seed,
                     std::uint32_t epoch, std::uint32_t row);

}  // namespace tailor::internal
