#include "tailor/report/picture/raster.hpp"

#include <algorithm>
#include <cmath>

namespace tailor::internal {

Rgb mixed(const Rgb& from, const Rgb& to, int share) {
  Rgb out;
  for (std::size_t c = 0; c < 3; ++c) {
    out[c] = std::uint8_t((from[c] * (256 - share) + to[c] * share + 128) >> 8);
  }
  return out;
}

int disc_cover(float dx, float dy, float radius) {
  const float inside = radius + 0.5f - std::sqrt(dx * dx + dy * dy);
  return int(std::lround(256 * std::clamp(inside, 0.f, 1.f)));
}

Canvas::Canvas(int width, int height)
    : width_(width), height_(height), pixels_(std::size_t(width) * std::size_t(height), kWhite) {}

void Canvas::blend(int x, int y, const Rgb& colour, int cover) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  Rgb& pixel = pixels_[index(x, y)];
  pixel = mixed(pixel, colour, cover);
}

void Canvas::fill(const Box& box, const Rgb& colour) {
  for (int y = box.top; y < box.top + box.height; ++y) {
    for (int x = box.left; x < box.left + box.width; ++x) blend(x, y, colour, 256);
  }
}

void Canvas::disc(float x, float y, float radius, const Rgb& colour) {
  const int reach = int(std::ceil(radius)) + 1;
  const int column = int(std::floor(x)), row = int(std::floor(y));
  for (int j = row - reach; j <= row + reach; ++j) {
    for (int i = column - reach; i <= column + reach; ++i) {
      blend(i, j, colour, disc_cover(float(i) + 0.5f - x, float(j) + 0.5f - y, radius));
    }
  }
}

Image Canvas::image() const {
  Image image{height_, width_, 3, {}};
  image.pixels.reserve(pixels_.size() * 3);
  for (const Rgb& pixel : pixels_) {
    image.pixels.insert(image.pixels.end(), pixel.begin(), pixel.end());
  }
  return image;
}

DiscStamp::DiscStamp(float radius, int cover) : reach_(int(std::ceil(radius + 0.5f))) {
  for (int part = 0; part < kParts * kParts; ++part) {
    const float x = (float(part % kParts) + 0.5f) / kParts;
    const float y = (float(part / kParts) + 0.5f) / kParts;
    for (int j = -reach_; j <= reach_; ++j) {
      for (int i = -reach_; i <= reach_; ++i) {
        const int part_cover = disc_cover(float(i) + 0.5f - x, float(j) + 0.5f - y, radius);
        covers_.push_back(std::uint16_t(part_cover * cover / 256));
      }
    }
  }
}

void DiscStamp::draw(Canvas& canvas, float x, float y, const Rgb& colour, const Box& clip) const {
  const float column = std::floor(x), row = std::floor(y);
  // A hair below a whole number, the difference rounds up to 1.
  const auto quarter = [](float share) { return std::min(int(share * kParts), kParts - 1); };
  const int part = quarter(y - row) * kParts + quarter(x - column);
  const int side = 2 * reach_ + 1;
  const std::uint16_t* cover = covers_.data() + std::size_t(part) * std::size_t(side * side);
  for (int j = int(row) - reach_; j <= int(row) + reach_; ++j) {
    for (int i = int(column) - reach_; i <= int(column) + reach_; ++i, ++cover) {
      const bool inside = i >= clip.left && j >= clip.top && i < clip.left + clip.width &&
                          j < clip.top + clip.height;
      if (*cover > 0 && inside) canvas.blend(i, j, colour, *cover);
    }
  }
}

}  // namespace tailor::internal
