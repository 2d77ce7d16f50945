#include "tailor/report/picture/palette.hpp"

#include <cmath>

namespace tailor::internal {
namespace {

double linear(std::uint8_t sample) {
  const double s = sample / 255.0;
  return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
}

}  // namespace

Rgb ink_on(const Rgb& colour) {
  const double luminance =
      0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
  // The contrast ratios are (1 + .05) / (L + .05) with white and (L + .05) / .05 with black.
  const bool white = 1.05 * 0.05 > (luminance + 0.05) * (luminance + 0.05);
  return white ? Rgb{255, 255, 255} : Rgb{0, 0, 0};
}

}  // namespace tailor::internal
