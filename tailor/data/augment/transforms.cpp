#include "tailor/data/augment/transforms.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "tailor/data/resample.hpp"

namespace tailor::internal {
namespace {

std::size_t row_bytes(const Shape& shape) {
  return std::size_t(shape.width) * std::size_t(shape.channels);
}

// The part of `part` that lies inside.
Rectangle inside(const Shape& shape, const Rectangle& part) {
  const int top = std::max(part.top, 0), left = std::max(part.left, 0);
  return {top, left, std::min(part.top + part.height, shape.height) - top,
          std::min(part.left + part.width, shape.width) - left};
}

// What is done to every row of `part` that lies inside: its first byte in the image, and how many.
template <typename Work>
void for_rows(const Shape& shape, const Rectangle& part, Work&& work) {
  const Rectangle kept = inside(shape, part);
  if (kept.empty()) return;
  const auto channels = std::size_t(shape.channels);
  for (int y = kept.top; y < kept.top + kept.height; ++y) {
    work(std::size_t(y) * row_bytes(shape) + std::size_t(kept.left) * channels,
         std::size_t(kept.width) * channels);
  }
}

// torchvision's _blend: of two bytes, cut off.
std::uint8_t blended(float factor, float value, float rest) {
  return std::uint8_t(std::clamp(factor * value + rest, 0.0F, 255.0F));
}

// torchvision's rgb_to_grayscale of bytes, cut off.
std::uint8_t gray_of(const std::uint8_t* pixel) {
  return std::uint8_t(0.2989F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2]);
}

struct Hsv {
  float hue, saturation, value;
};

// torchvision's _rgb2hsv.
Hsv to_hsv(float r, float g, float b) {
  const float most = std::max({r, g, b}), least = std::min({r, g, b});
  const float range = most - least;
  if (range == 0) return {0, 0, most};
  const float red = (most - r) / range, green = (most - g) / range, blue = (most - b) / range;
  float hue = 0;
  if (most == r) {
    hue = blue - green;
  } else if (most == g) {
    hue = 2 + red - blue;
  } else {
    hue = 4 + green - red;
  }
  return {std::fmod(hue / 6 + 1, 1.0F), range / most, most};
}

// torchvision's _hsv2rgb.
void from_hsv(const Hsv& hsv, float* rgb) {
  const float sector = std::floor(hsv.hue * 6);
  const float rest = hsv.hue * 6 - sector;
  const auto in_range = [](float x) { return std::clamp(x, 0.0F, 1.0F); };
  const float v = hsv.value;
  const float p = in_range(v * (1 - hsv.saturation));
  const float q = in_range(v * (1 - hsv.saturation * rest));
  const float t = in_range(v * (1 - hsv.saturation * (1 - rest)));
  const float colours[6][3] = {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}};
  std::copy_n(colours[int(sector) % 6], 3, rgb);
}

}  // namespace

void crop_and_resize(const Shape& shape, ImageBytes in, const Rectangle& part, ImageRoom out) {
  thread_local Image cut, made;  // kept: images are many
  cut.height = part.height;
  cut.width = part.width;
  cut.channels = shape.channels;
  cut.pixels.clear();
  for_rows(shape, part, [&](std::size_t first, std::size_t bytes) {
    cut.pixels.insert(cut.pixels.end(), &in[first], &in[first] + bytes);
  });
  resample(cut, {0, 0, float(part.width), float(part.height)}, shape.height, shape.width,
           Filter::kBilinear, made);
  std::ranges::copy(made.pixels, out.begin());
}

void turn_and_zoom(const Shape& shape, ImageBytes in, double degrees, double scale, Fill fill,
                   ImageRoom out) {
  const double angle = degrees * std::numbers::pi / 180;
  const auto along = float(std::cos(angle) / scale), aside = float(std::sin(angle) / scale);
  const float middle_x = 0.5F * float(shape.width - 1), middle_y = 0.5F * float(shape.height - 1);
  const auto channels = std::size_t(shape.channels);
  const std::size_t row = row_bytes(shape);
  std::uint8_t* to = out.data();
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x, to += channels) {
      const float dx = float(x) - middle_x, dy = float(y) - middle_y;
      const float from_x = along * dx + aside * dy + middle_x;
      const float from_y = along * dy - aside * dx + middle_y;
      const auto left = int(std::floor(from_x)), top = int(std::floor(from_y));
      const float right_share = from_x - float(left), lower_share = from_y - float(top);
      const float shares[4] = {(1 - lower_share) * (1 - right_share),
                               (1 - lower_share) * right_share, lower_share * (1 - right_share),
                               lower_share * right_share};
      const bool is_inside =
          left >= 0 && top >= 0 && left < shape.width - 1 && top < shape.height - 1;
      if (is_inside) {  // as nearly all are
        const std::uint8_t* from = &in[std::size_t(top) * row + std::size_t(left) * channels];
        for (std::size_t c = 0; c < channels; ++c, ++from) {
          const float sum = shares[0] * from[0] + shares[1] * from[channels] +
                            shares[2] * from[row] + shares[3] * from[row + channels];
          to[c] = std::uint8_t(std::min(sum + 0.5F, 255.0F));
        }
        continue;
      }
      const std::uint8_t* pixels[4];
      for (int i = 0; i < 4; ++i) {
        const int at_y = place_of(top + i / 2, shape.height, fill);
        const int at_x = place_of(left + i % 2, shape.width, fill);
        pixels[i] = at_y < 0 || at_x < 0
                        ? nullptr
                        : &in[std::size_t(at_y) * row + std::size_t(at_x) * channels];
      }
      for (std::size_t c = 0; c < channels; ++c) {
        float sum = 0;
        for (int i = 0; i < 4; ++i) sum += pixels[i] != nullptr ? shares[i] * pixels[i][c] : 0;
        to[c] = std::uint8_t(std::min(sum + 0.5F, 255.0F));
      }
    }
  }
}

void blank(const Shape& shape, const Rectangle& part, ImageRoom image) {
  for_rows(shape, part, [&](std::size_t first, std::size_t bytes) {
    std::fill_n(&image[first], bytes, std::uint8_t(0));
  });
}

void adjust_brightness(double factor, ImageRoom image) {
  for (std::uint8_t& value : image) value = blended(float(factor), value, 0);
}

void adjust_contrast(const Shape& shape, double factor, ImageRoom image) {
  std::uint64_t sum = 0;
  if (shape.channels == 3) {
    for (std::size_t i = 0; i < image.size(); i += 3) sum += gray_of(&image[i]);
  } else {
    for (const std::uint8_t value : image) sum += value;
  }
  const auto pixels = std::size_t(shape.height) * std::size_t(shape.width);
  const float mean = float(sum) / float(pixels);
  const float rest = float(1 - factor) * mean;
  for (std::uint8_t& value : image) value = blended(float(factor), value, rest);
}

void adjust_saturation(const Shape& shape, double factor, ImageRoom image) {
  if (shape.channels != 3) return;
  for (std::size_t i = 0; i < image.size(); i += 3) {
    const float rest = float(1 - factor) * gray_of(&image[i]);
    for (std::size_t c = 0; c < 3; ++c) {
      image[i + c] = blended(float(factor), image[i + c], rest);
    }
  }
}

void adjust_hue(const Shape& shape, double turn, ImageRoom image) {
  if (shape.channels != 3) return;
  for (std::size_t i = 0; i < image.size(); i += 3) {
    const float scale = 1 / 255.0F;
    Hsv hsv = to_hsv(image[i] * scale, image[i + 1] * scale, image[i + 2] * scale);
    hsv.hue += float(turn);
    hsv.hue -= std::floor(hsv.hue);
    float rgb[3];
    from_hsv(hsv, rgb);
    for (std::size_t c = 0; c < 3; ++c) image[i + c] = std::uint8_t(rgb[c] * (256 - 1e-3F));
  }
}

void blend(double share, ImageBytes other, ImageRoom image) {
  const auto own = float(share), rest = float(1 - share);
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = std::uint8_t(own * image[i] + rest * other[i] + 0.5F);
  }
}

void paste(const Shape& shape, const Rectangle& part, ImageBytes other, ImageRoom image) {
  for_rows(shape, part, [&](std::size_t first, std::size_t bytes) {
    std::copy_n(&other[first], bytes, &image[first]);
  });
}

}  // namespace tailor::internal
