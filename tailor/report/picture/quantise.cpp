#include "tailor/report/picture/quantise.hpp"

#include <limits>

namespace tailor::internal {
namespace {

constexpr int kBits = 5;  // of each colour that the table looks at
constexpr int kDropped = 8 - kBits;
constexpr int kGreys = 8;  // from white to black
// A frame of 70,000 points is 139 KB with 4 shades and the mixtures, 128 KB without mixtures, which
// turns borders between classes into confetti, and 108 KB with 2 shades, which shows steps.
constexpr int kShadesOfEach = 4;
constexpr std::size_t kBoxes = std::size_t(1) << (3 * kBits);

// Weighted as the eye sees red, green and blue apart.
int difference(const Rgb& a, const Rgb& b) {
  const int red = a[0] - b[0], green = a[1] - b[1], blue = a[2] - b[2];
  return 3 * red * red + 4 * green * green + 2 * blue * blue;
}

std::size_t box_of(const Rgb& colour) {
  std::size_t box = 0;
  for (const std::uint8_t sample : colour) box = box << kBits | sample >> kDropped;
  return box;
}

Rgb middle_of(std::size_t box) {
  const auto sample = [&](int shift) {
    const std::size_t high = box >> shift & ((1u << kBits) - 1);
    return std::uint8_t(high << kDropped | 1u << (kDropped - 1));
  };
  return {sample(2 * kBits), sample(kBits), sample(0)};
}

}  // namespace

Quantiser::Quantiser(std::span<const Rgb> colours) {
  const Rgb black = {0, 0, 0};
  for (int i = 0; i <= kGreys; ++i) palette_.push_back(mixed(kWhite, black, i * 256 / kGreys));
  for (std::size_t i = 0; i < colours.size(); ++i) {
    for (int shade = 1; shade <= kShadesOfEach; ++shade) {
      palette_.push_back(mixed(kWhite, colours[i], shade * 256 / kShadesOfEach));
    }
    for (std::size_t j = 0; j < i; ++j) palette_.push_back(mixed(colours[i], colours[j], 128));
  }
  nearest_.resize(kBoxes);
  for (std::size_t box = 0; box < kBoxes; ++box) {
    int smallest = std::numeric_limits<int>::max();
    for (std::size_t i = 0; i < palette_.size(); ++i) {
      const int now = difference(middle_of(box), palette_[i]);
      if (now < smallest) smallest = now, nearest_[box] = std::uint8_t(i);
    }
  }
}

std::vector<std::uint8_t> Quantiser::indices(const Canvas& canvas) const {
  std::vector<std::uint8_t> out;
  out.reserve(canvas.pixels().size());
  for (const Rgb& pixel : canvas.pixels()) out.push_back(nearest_[box_of(pixel)]);
  return out;
}

}  // namespace tailor::internal
