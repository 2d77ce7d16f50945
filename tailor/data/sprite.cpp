#include "tailor/data/sprite.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {

namespace {

constexpr std::size_t kMostPixels = std::size_t(1) << 26;  // what a viewer still opens at once

Sprite blank(const Shape& shape, std::size_t lines, std::size_t columns) {
  const std::size_t height = lines * std::size_t(shape.height);
  const std::size_t width = columns * std::size_t(shape.width);
  if (lines > kMostPixels || columns > kMostPixels || height > kMostPixels / width) {
    throw bad_input(
        fmt::format("a sprite of {} rows and {} columns of images of {} is too large; ask for "
                    "fewer rows or columns",
                    lines, columns, picture_text(shape)));
  }
  return {.height = int(height),
          .width = int(width),
          .channels = shape.channels,
          .pixels = std::vector<std::uint8_t>(height * width * std::size_t(shape.channels))};
}

void paste(Sprite& sprite, const Dataset& set, std::size_t row, std::size_t line,
           std::size_t column) {
  const std::size_t stride = std::size_t(sprite.width) * std::size_t(sprite.channels);
  const std::size_t length = std::size_t(set.shape.width) * std::size_t(set.shape.channels);
  const auto image = set.image(row);
  for (std::size_t y = 0; y < std::size_t(set.shape.height); ++y) {
    const std::size_t to = (line * std::size_t(set.shape.height) + y) * stride + column * length;
    std::copy_n(image.data() + y * length, length, sprite.pixels.data() + to);
  }
}

}  // namespace

Sprite class_sprite(const Dataset& set, int rows_per_class, int columns) {
  if (rows_per_class < 1 || columns < 1) {
    throw bad_input(fmt::format("a sprite needs at least 1 row and 1 column, not {} and {}",
                                rows_per_class, columns));
  }
  const std::size_t lines = std::size_t(rows_per_class);
  const std::size_t across = std::size_t(columns);
  Sprite sprite = blank(set.shape, lines * std::size_t(set.classes()), across);
  std::vector<std::size_t> placed(std::size_t(set.classes()));
  for (std::size_t row = 0; row < set.size(); ++row) {
    const std::size_t label = set.labels[row];
    const std::size_t n = placed[label]++;
    if (n < lines * across) paste(sprite, set, row, label * lines + n / across, n % across);
  }
  return sprite;
}

Sprite grid_sprite(const Dataset& set, const Indices& rows, int columns) {
  if (rows.empty() || columns < 1) {
    throw bad_input(fmt::format("a sprite needs at least 1 image and 1 column, not {} and {}",
                                rows.size(), columns));
  }
  const std::size_t across = std::size_t(columns);
  Sprite sprite = blank(set.shape, (rows.size() + across - 1) / across, across);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    paste(sprite, set, rows[i], i / across, i % across);
  }
  return sprite;
}

}  // namespace tailor::internal
