// Training images as they are seen in one epoch, batch by batch: never a second copy of the set.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/core/team/team.hpp"
#include "tailor/data/augment/draws.hpp"
#include "tailor/data/dataset.hpp"

namespace tailor::internal {

class Augmenter {
 public:
  Augmenter(const AugmentOptions& options, const Shape& shape, std::uint64_t seed, int threads);

  // Row `row` of `set` as epoch `epoch` sees it, mixed with none, into shape.size() bytes.
  void image(const Dataset& set, std::uint32_t row, std::uint32_t epoch, ImageRoom out,
             int worker = 0);

  // `count` images from the `first` on of `batch`, which are rows of `set`, one after the other
  // into `pixels`. Where images are mixed, each is so with the next of the batch, the last one with
  // the first, and `labels` has a place for each. `team` has no more threads than the augmenter.
  void images(const Dataset& set, std::span<const std::uint32_t> batch, std::size_t first,
              std::size_t count, std::uint32_t epoch, Team& team, ImageRoom pixels,
              std::span<MixedLabel> labels);

 private:
  // One thread's images in the making.
  struct Room {
    std::vector<std::uint8_t> one, two, other;
  };

  AugmentOptions options_;
  Shape shape_;
  std::uint64_t seed_;
  Fill fill_;
  bool mixes_;
  std::vector<Room> rooms_;
};

}  // namespace tailor::internal
