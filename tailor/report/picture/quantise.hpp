// From the colours of a drawn map to the few a GIF has: without dithering, which neither looks nor
// compresses well on small points.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/report/picture/raster.hpp"

namespace tailor::internal {

class Quantiser {
 public:
  // White, greys for letters, and of each of `colours` some shades towards white and a mixture with
  // each other one.
  explicit Quantiser(std::span<const Rgb> colours);

  const std::vector<Rgb>& palette() const { return palette_; }
  std::vector<std::uint8_t> indices(const Canvas& canvas) const;

 private:
  std::vector<Rgb> palette_;
  std::vector<std::uint8_t> nearest_;  // of 32 x 32 x 32 boxes of colours
};

}  // namespace tailor::internal
