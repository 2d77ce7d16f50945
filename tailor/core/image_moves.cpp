#include "tailor/core/image_moves.hpp"

#include <algorithm>
#include <cstddef>

namespace tailor::internal {
namespace {

std::size_t row_bytes(const Shape& shape) {
  return std::size_t(shape.width) * std::size_t(shape.channels);
}

// One row of shift().
void shift_row(const Shape& shape, const std::uint8_t* in, int right, Fill fill,
               std::uint8_t* out) {
  const auto channels = std::size_t(shape.channels);
  const int first = std::clamp(right, 0, shape.width);
  const int last = std::clamp(shape.width + right, 0, shape.width);
  const auto outside = [&](int x) {
    const int from = place_of(x - right, shape.width, fill);
    std::uint8_t* to = out + std::size_t(x) * channels;
    if (from < 0) {
      std::fill_n(to, channels, std::uint8_t(0));
    } else {
      std::copy_n(in + std::size_t(from) * channels, channels, to);
    }
  };
  for (int x = 0; x < first; ++x) outside(x);
  if (first < last) {
    std::copy_n(in + std::size_t(first - right) * channels, std::size_t(last - first) * channels,
                out + std::size_t(first) * channels);
  }
  for (int x = std::max(first, last); x < shape.width; ++x) outside(x);
}

}  // namespace

Fill fill_of(const std::string& name) {
  if (name == "edge") return Fill::kEdge;
  return name == "reflect" ? Fill::kReflect : Fill::kZero;
}

int place_of(int i, int size, Fill fill) {
  if (i >= 0 && i < size) return i;
  if (fill == Fill::kZero) return -1;
  if (fill == Fill::kEdge || size == 1) return std::clamp(i, 0, size - 1);
  const int period = 2 * (size - 1);
  const int at = ((i % period) + period) % period;
  return at < size ? at : period - at;
}

void mirror(const Shape& shape, ImageBytes in, ImageRoom out) {
  const auto channels = std::size_t(shape.channels);
  const std::size_t row = row_bytes(shape);
  for (std::size_t first = 0; first < shape.size(); first += row) {
    if (channels == 1) {
      std::reverse_copy(&in[first], &in[first] + row, &out[first]);
      continue;
    }
    for (std::size_t x = 0; x < row; x += channels) {
      std::copy_n(&in[first + x], channels, &out[first + row - channels - x]);
    }
  }
}

void shift(const Shape& shape, ImageBytes in, int down, int right, Fill fill, ImageRoom out) {
  const std::size_t row = row_bytes(shape);
  for (int y = 0; y < shape.height; ++y) {
    const int from = place_of(y - down, shape.height, fill);
    std::uint8_t* to = &out[std::size_t(y) * row];
    if (from < 0) {
      std::fill_n(to, row, std::uint8_t(0));
    } else {
      shift_row(shape, &in[std::size_t(from) * row], right, fill, to);
    }
  }
}

}  // namespace tailor::internal
