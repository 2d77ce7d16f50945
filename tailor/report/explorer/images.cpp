#include "tailor/report/explorer/images.hpp"

#include <algorithm>

namespace tailor::internal {
namespace {

constexpr int kPageSide = 2048;  // 5,329 images of 28x28: one page decodes in a blink
constexpr int kLargestSide = 96;
constexpr int kBlock = 8;

using Pixels = std::span<const std::uint8_t>;

// A pixel of a shown image stands for a square of so many pixels' side; 1: shown as it is.
int factor_of(const Shape& shape) {
  return (std::max(shape.height, shape.width) + kLargestSide - 1) / kLargestSide;
}

Shape shown_shape(const Shape& shape) {
  const int factor = factor_of(shape);
  return {shape.channels, std::max(1, shape.height / factor), std::max(1, shape.width / factor)};
}

// Appends means of squares; what does not fill a square at the right and below is cut.
void append_shrunk(Pixels image, const Shape& shape, std::vector<std::uint8_t>& to) {
  const int factor = factor_of(shape);
  const Shape out = shown_shape(shape);
  const int tall = std::min(factor, shape.height), wide = std::min(factor, shape.width);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      for (int c = 0; c < shape.channels; ++c) {
        int sum = tall * wide / 2;
        for (int dy = 0; dy < tall; ++dy) {
          for (int dx = 0; dx < wide; ++dx) {
            const int at = (y * tall + dy) * shape.width + x * wide + dx;
            sum += image[std::size_t(at * shape.channels + c)];
          }
        }
        to.push_back(std::uint8_t(sum / (tall * wide)));
      }
    }
  }
}

// Images as they are shown: the set's own memory unless they have to shrink.
class ShownImages {
 public:
  explicit ShownImages(const Rows& rows) : rows_(rows), shape_(shown_shape(rows.set->shape)) {
    if (factor_of(rows.set->shape) == 1) return;
    shrunk_.reserve(count() * shape_.size());
    for (std::size_t i = 0; i < count(); ++i) {
      append_shrunk(rows.image(i), rows.set->shape, shrunk_);
    }
  }

  const Shape& shape() const { return shape_; }
  std::size_t count() const { return rows_.size(); }
  const std::uint8_t* image(std::size_t i) const {
    return shrunk_.empty() ? rows_.image(i).data() : shrunk_.data() + i * shape_.size();
  }

 private:
  const Rows& rows_;
  Shape shape_;
  std::vector<std::uint8_t> shrunk_;
};

int padded(int side) {
  return (side + kBlock - 1) / kBlock * kBlock;
}

SpritePages layout(const Shape& shape, bool blocks) {
  SpritePages out;
  out.shape = shape;
  out.cell_height = blocks ? padded(shape.height) : shape.height;
  out.cell_width = blocks ? padded(shape.width) : shape.width;
  out.columns = std::max(1, kPageSide / out.cell_width);
  out.rows = std::max(1, kPageSide / out.cell_height);
  return out;
}

// Images first .. first + rows * columns. The rest of a cell repeats the image's last row and
// column, which costs a block the fewest bits.
Image page_image(const ShownImages& images, const SpritePages& sprite, std::size_t first) {
  const std::size_t count =
      std::min(images.count() - first, std::size_t(sprite.columns) * std::size_t(sprite.rows));
  const int columns = std::min(sprite.columns, int(count));
  const int rows = (int(count) + columns - 1) / columns;
  const Shape& shape = images.shape();
  Image page{rows * sprite.cell_height, columns * sprite.cell_width, shape.channels, {}};
  page.pixels.resize(std::size_t(page.height) * std::size_t(page.width) *
                     std::size_t(page.channels));
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* image = images.image(first + i);
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
bool encode(const ShownImages& images, std::size_t limit, SpritePages& sprite) {
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

Image thumbnail(Pixels pixels, const Shape& shape) {
  const Shape out = shown_shape(shape);
  Image image{out.height, out.width, out.channels, {}};
  append_shrunk(pixels, shape, image.pixels);
  return image;
}

SpritePages sprite_pages(const Rows& rows, std::size_t limit) {
  if (rows.empty() || rows.set->shape.size() == 0) return {};
  const ShownImages images(rows);
  SpritePages sprite = layout(images.shape(), false);
  if (encode(images, limit, sprite)) return sprite;
  sprite = layout(images.shape(), true);
  for (const int quality : {95, 90, 85, 80, 75, 70, 65, 60, 55, 50, 45, 40, 35, 30, 25, 20, 15}) {
    sprite.quality = quality;
    if (encode(images, limit, sprite)) return sprite;
  }
  sprite.quality = 10;
  encode(images, SIZE_MAX, sprite);
  return sprite;
}

}  // namespace tailor::internal
