#include "tailor/report/explorer/images.hpp"

#include <algorithm>

namespace tailor::internal {
namespace {

constexpr int kPageSide = 2048;  // 5,329 images of 28x28: one page decodes in a blink
constexpr int kLargestSide = 96;
constexpr int kBlock = 8;

struct Pixels {
  std::vector<std::uint8_t> values;
  Shape shape;
  std::size_t count() const { return shape.size() == 0 ? 0 : values.size() / shape.size(); }
};

// Means of squares of `factor` pixels; what does not fill a square at the right and below is cut.
Pixels shrunk(const std::vector<std::uint8_t>& pixels, const Shape& shape, int factor) {
  Pixels out{{}, {shape.channels, std::max(1, shape.height / factor), shape.width / factor}};
  out.shape.width = std::max(1, out.shape.width);
  const int tall = std::min(factor, shape.height), wide = std::min(factor, shape.width);
  const std::size_t count = pixels.size() / shape.size();
  out.values.reserve(count * out.shape.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* image = pixels.data() + i * shape.size();
    for (int y = 0; y < out.shape.height; ++y) {
      for (int x = 0; x < out.shape.width; ++x) {
        for (int c = 0; c < shape.channels; ++c) {
          int sum = tall * wide / 2;
          for (int dy = 0; dy < tall; ++dy) {
            for (int dx = 0; dx < wide; ++dx) {
              const int at = (y * tall + dy) * shape.width + x * wide + dx;
              sum += image[at * shape.channels + c];
            }
          }
          out.values.push_back(std::uint8_t(sum / (tall * wide)));
        }
      }
    }
  }
  return out;
}

Pixels as_shown(const std::vector<std::uint8_t>& pixels, const Shape& shape) {
  const int factor = (std::max(shape.height, shape.width) + kLargestSide - 1) / kLargestSide;
  return factor == 1 ? Pixels{pixels, shape} : shrunk(pixels, shape, factor);
}

int padded(int side) {
  return (side + kBlock - 1) / kBlock * kBlock;
}

SpritePages layout(const Pixels& images, bool blocks) {
  SpritePages out;
  out.shape = images.shape;
  out.cell_height = blocks ? padded(images.shape.height) : images.shape.height;
  out.cell_width = blocks ? padded(images.shape.width) : images.shape.width;
  out.columns = std::max(1, kPageSide / out.cell_width);
  out.rows = std::max(1, kPageSide / out.cell_height);
  return out;
}

// Images first .. first + rows * columns. The rest of a cell repeats the image's last row and
// column, which costs a block the fewest bits.
Image page_image(const Pixels& images, const SpritePages& sprite, std::size_t first) {
  const std::size_t count =
      std::min(images.count() - first, std::size_t(sprite.columns) * std::size_t(sprite.rows));
  const int columns = std::min(sprite.columns, int(count));
  const int rows = (int(count) + columns - 1) / columns;
  const Shape& shape = images.shape;
  Image page{rows * sprite.cell_height, columns * sprite.cell_width, shape.channels, {}};
  page.pixels.resize(std::size_t(page.height) * std::size_t(page.width) *
                     std::size_t(page.channels));
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* image = images.values.data() + (first + i) * shape.size();
    const int top = int(i) / columns * sprite.cell_height;
    const int left = int(i) % columns * sprite.cell_width;
    for (int y = 0; y < sprite.cell_height; ++y) {
      const std::uint8_t* row =
          image + std::min(y, shape.height - 1) * shape.width * shape.channels;
      std::uint8_t* to = page.pixels.data() +
                         (std::size_t(top + y) * std::size_t(page.width) + std::size_t(left)) *
                             std::size_t(page.channels);
      for (int x = 0; x < sprite.cell_width; ++x) {
        const std::uint8_t* from = row + std::min(x, shape.width - 1) * shape.channels;
        to = std::copy(from, from + shape.channels, to);
      }
    }
  }
  return page;
}

// Stops at the first page that passes the limit: false.
bool encode(const Pixels& images, std::size_t limit, SpritePages& sprite) {
  sprite.pages.clear();
  const std::size_t per_page = std::size_t(sprite.columns) * std::size_t(sprite.rows);
  std::size_t total = 0;
  for (std::size_t first = 0; first < images.count(); first += per_page) {
    const Image page = page_image(images, sprite, first);
    sprite.pages.push_back(
        base64(sprite.quality == 0 ? encode_png(page) : encode_jpeg(page, sprite.quality)));
    total += sprite.pages.back().size();
    // Pages are alike: when the first ones run ahead of their share, the rest need not be tried.
    const std::size_t done = std::min(images.count(), first + per_page);
    if (double(total) > 1.1 * double(limit) * double(done) / double(images.count())) return false;
  }
  return total <= limit;
}

}  // namespace

Image thumbnail(const std::vector<std::uint8_t>& pixels, const Shape& shape) {
  Pixels image = as_shown(pixels, shape);
  return {image.shape.height, image.shape.width, image.shape.channels, std::move(image.values)};
}

SpritePages sprite_pages(const std::vector<std::uint8_t>& pixels, const Shape& shape,
                         std::size_t limit) {
  if (pixels.empty() || shape.size() == 0) return {};
  const Pixels images = as_shown(pixels, shape);
  SpritePages sprite = layout(images, false);
  if (encode(images, limit, sprite)) return sprite;
  sprite = layout(images, true);
  for (const int quality : {95, 90, 85, 80, 75, 70, 65, 60, 55, 50, 45, 40, 35, 30, 25, 20, 15}) {
    sprite.quality = quality;
    if (encode(images, limit, sprite)) return sprite;
  }
  sprite.quality = 10;
  encode(images, SIZE_MAX, sprite);
  return sprite;
}

}  // namespace tailor::internal
