#include "tailor/data/augment/draws.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tailor/core/random/rng.hpp"

namespace tailor::internal {
namespace {

// Which words each kind draws: kTries times four.
enum class Kind : std::uint32_t {
  kFlip,
  kShift,
  kCrop,
  kAffine,
  kColour,
  kCutout,
  kErase,
  kMixture,
  kShare
};
constexpr std::uint32_t kTries = 64;

// The draws of one image in one epoch.
class Drawer {
 public:
  Drawer(std::uint64_t seed, std::uint32_t epoch, std::uint32_t row)
      : rng_(seed, Purpose::kAugment, epoch), row_(row) {}

  std::array<std::uint32_t, 4> words(Kind kind, std::uint32_t attempt = 0) const {
    return rng_.words(row_, std::uint32_t(kind) * kTries + attempt);
  }

 private:
  Rng rng_;
  std::uint32_t row_;
};

double unit(std::uint32_t word) {  // [0, 1)
  return word * 0x1p-32;
}

double between(double low, double high, std::uint32_t word) {
  return low + (high - low) * unit(word);
}

// From 0 to count - 1.
int below(int count, std::uint32_t word) {
  return int((std::uint64_t(word) * std::uint64_t(count)) >> 32);
}

// torchvision's.
constexpr std::uint32_t kRectangleTries = 10;

Rectangle placed(const Shape& shape, int height, int width, std::uint32_t down,
                 std::uint32_t right) {
  return {below(shape.height - height + 1, down), below(shape.width - width + 1, right), height,
          width};
}

Rectangle drawn_crop(double least, const Shape& shape, const Drawer& drawer) {
  const double area = double(shape.height) * shape.width;
  const double proportion = double(shape.width) / shape.height, widest = std::log(4.0 / 3);
  for (std::uint32_t attempt = 0; attempt < kRectangleTries; ++attempt) {
    const auto words = drawer.words(Kind::kCrop, attempt);
    const double part = area * between(least, 1, words[0]);
    const double ratio = proportion * std::exp(between(-widest, widest, words[1]));
    const auto width = int(std::nearbyint(std::sqrt(part * ratio)));
    const auto height = int(std::nearbyint(std::sqrt(part / ratio)));
    if (width < 1 || width > shape.width || height < 1 || height > shape.height) continue;
    return placed(shape, height, width, words[2], words[3]);
  }
  return {};  // the whole
}

Rectangle drawn_erasure(double chance, const Shape& shape, const Drawer& drawer) {
  if (unit(drawer.words(Kind::kErase)[0]) >= chance) return {};
  const double area = double(shape.height) * shape.width;
  for (std::uint32_t attempt = 1; attempt <= kRectangleTries; ++attempt) {
    const auto words = drawer.words(Kind::kErase, attempt);
    const double part = area * between(0.02, 0.33, words[0]);
    const double ratio = std::exp(between(std::log(0.3), std::log(3.3), words[1]));
    const auto height = int(std::nearbyint(std::sqrt(part * ratio)));
    const auto width = int(std::nearbyint(std::sqrt(part / ratio)));
    if (width >= shape.width || height >= shape.height) continue;
    return placed(shape, height, width, words[2], words[3]);
  }
  return {};
}

Rectangle drawn_cutout(int side, const Shape& shape, const Drawer& drawer) {
  const auto words = drawer.words(Kind::kCutout);
  return {below(shape.height, words[0]) - side / 2, below(shape.width, words[1]) - side / 2, side,
          side};
}

// From Beta(alpha, alpha), as Johnk (1964): of two powers of uniform numbers whose sum is not above
// 1, the first's share of it.
double drawn_share(double alpha, const Drawer& drawer) {
  for (std::uint32_t attempt = 0; attempt < kTries; ++attempt) {
    const auto words = drawer.words(Kind::kShare, attempt);
    for (std::size_t i = 0; i < words.size(); i += 2) {
      const double x = std::pow(unit(words[i]), 1 / alpha);
      const double y = std::pow(unit(words[i + 1]), 1 / alpha);
      if (x + y > 0 && x + y <= 1) return x / (x + y);
    }
  }
  return 0.5;  // once in 10^10 for the largest alpha
}

}  // namespace

Change draw_change(const AugmentOptions& options, const Shape& shape, std::uint64_t seed,
                   std::uint32_t epoch, std::uint32_t row) {
  const Drawer drawer(seed, epoch, row);
  Change change;
  if (options.crop < 1) change.crop = drawn_crop(options.crop, shape, drawer);
  if (options.rotate > 0 || options.zoom > 0) {
    const auto words = drawer.words(Kind::kAffine);
    change.degrees = between(-options.rotate, options.rotate, words[0]);
    change.scale = between(1 - options.zoom, 1 + options.zoom, words[1]);
  }
  if (options.translate > 0) {
    const auto words = drawer.words(Kind::kShift);
    change.down = below(2 * options.translate + 1, words[0]) - options.translate;
    change.right = below(2 * options.translate + 1, words[1]) - options.translate;
  }
  if (options.flip == "random") {
    change.mirrored = (drawer.words(Kind::kFlip)[0] & 1) != 0;
  } else if (options.flip == "alternating") {
    const std::uint32_t first = Drawer(seed, 0, row).words(Kind::kFlip)[0];
    change.mirrored = ((first + epoch) & 1) != 0;
  }
  const auto colours = drawer.words(Kind::kColour);
  const auto factor = [&](double strength, std::size_t i) {
    return strength > 0 ? between(std::max(1 - strength, 0.0), 1 + strength, colours[i]) : 1.0;
  };
  change.brightness = factor(options.brightness, 0);
  change.contrast = factor(options.contrast, 1);
  change.saturation = factor(options.saturation, 2);
  change.hue = options.hue > 0 ? between(-options.hue, options.hue, colours[3]) : 0;
  if (options.cutout > 0) change.cutout = drawn_cutout(options.cutout, shape, drawer);
  if (options.erase > 0) change.erased = drawn_erasure(options.erase, shape, drawer);
  return change;
}

Mixture draw_mixture(const AugmentOptions& options, const Shape& shape, std::uint64_t seed,
                     std::uint32_t epoch, std::uint32_t row) {
  if (options.mixup == 0 && options.cutmix == 0) return {};
  const Drawer drawer(seed, epoch, row);
  const auto words = drawer.words(Kind::kMixture);
  const bool pastes = options.cutmix > 0 && (options.mixup == 0 || (words[2] & 1) != 0);
  Mixture mixture{drawn_share(pastes ? options.cutmix : options.mixup, drawer), {}};
  if (!pastes) return mixture;
  // torchvision's CutMix: a rectangle of the image's proportions about a pixel, cut at the edge.
  const double half = 0.5 * std::sqrt(1 - mixture.share);
  const auto half_height = int(half * shape.height), half_width = int(half * shape.width);
  const int y = below(shape.height, words[0]), x = below(shape.width, words[1]);
  const int top = std::max(y - half_height, 0), left = std::max(x - half_width, 0);
  mixture.pasted = {top, left, std::min(y + half_height, shape.height) - top,
                    std::min(x + half_width, shape.width) - left};
  const double pasted = double(mixture.pasted.height) * mixture.pasted.width;
  mixture.share = 1 - pasted / (double(shape.height) * shape.width);
  return mixture;
}

}  // namespace tailor::internal
