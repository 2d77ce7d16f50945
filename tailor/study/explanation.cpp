#include "tailor/study/explanation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tailor::internal {
namespace {

struct Square {  // the part of it that lies on the image
  int top = 0, left = 0, bottom = 0, right = 0;
  bool holds(int y, int x) const { return y >= top && y < bottom && x >= left && x < right; }
};

std::vector<Square> squares_over(const Shape& shape) {
  const int side = hidden_side(shape), step = std::max(1, side / 3);
  std::vector<Square> squares;
  for (int top = step - side; top < shape.height; top += step) {
    for (int left = step - side; left < shape.width; left += step) {
      squares.push_back({std::max(top, 0), std::max(left, 0), std::min(top + side, shape.height),
                         std::min(left + side, shape.width)});
    }
  }
  return squares;
}

// Mean of what is around the square; what is in it where nothing is.
std::vector<std::uint8_t> surroundings(std::span<const std::uint8_t> image, const Shape& shape,
                                       const Square& square) {
  const int reach = std::max(1, hidden_side(shape) / 2);
  const auto channels = std::size_t(shape.channels);
  std::vector<std::uint64_t> sums(channels);
  std::uint64_t count = 0;
  for (int y = std::max(0, square.top - reach); y < std::min(shape.height, square.bottom + reach);
       ++y) {
    for (int x = std::max(0, square.left - reach); x < std::min(shape.width, square.right + reach);
         ++x) {
      if (square.holds(y, x)) continue;
      const std::size_t at = std::size_t(y * shape.width + x) * channels;
      for (std::size_t c = 0; c < channels; ++c) sums[c] += image[at + c];
      ++count;
    }
  }
  std::vector<std::uint8_t> mean;
  for (std::size_t c = 0; c < channels && count > 0; ++c) {
    mean.push_back(std::uint8_t((sums[c] + count / 2) / count));
  }
  return mean;
}

// The image without what the square holds.
void append_hidden(std::span<const std::uint8_t> image, const Shape& shape, const Square& square,
                   std::vector<std::uint8_t>& pixels) {
  const std::vector<std::uint8_t> mean = surroundings(image, shape, square);
  const std::size_t first = pixels.size();
  pixels.insert(pixels.end(), image.begin(), image.end());
  if (mean.empty()) return;
  for (int y = square.top; y < square.bottom; ++y) {
    for (int x = square.left; x < square.right; ++x) {
      std::ranges::copy(mean,
                        pixels.begin() + std::ptrdiff_t(first + std::size_t(y * shape.width + x) *
                                                                    std::size_t(shape.channels)));
    }
  }
}

double log_odds(std::span<const float> row, std::size_t label) {
  constexpr double kSmallest = std::numeric_limits<float>::epsilon();
  double others = 0;
  for (std::size_t c = 0; c < row.size(); ++c) others += c == label ? 0 : double(row[c]);
  return std::log(std::max(double(row[label]), kSmallest)) - std::log(std::max(others, kSmallest));
}

// `answers`: of the whole image, then of every square's.
std::vector<float> map_of(std::span<const float> answers, std::size_t label, const Shape& shape,
                          std::span<const Square> squares) {
  const std::size_t classes = answers.size() / (squares.size() + 1);
  const double whole = log_odds(answers.first(classes), label);
  const auto pixels = std::size_t(shape.height) * std::size_t(shape.width);
  std::vector<double> sums(pixels);
  std::vector<int> counts(pixels);
  for (std::size_t s = 0; s < squares.size(); ++s) {
    const double fall = whole - log_odds(answers.subspan((s + 1) * classes, classes), label);
    for (int y = squares[s].top; y < squares[s].bottom; ++y) {
      for (int x = squares[s].left; x < squares[s].right; ++x) {
        const auto at = std::size_t(y * shape.width + x);
        sums[at] += fall;
        ++counts[at];
      }
    }
  }
  std::vector<float> map(pixels);
  for (std::size_t i = 0; i < pixels; ++i) map[i] = float(sums[i] / counts[i]);
  return map;
}

}  // namespace

int hidden_side(const Shape& shape) {
  return std::max(1, (std::min(shape.height, shape.width) + 2) / 4);
}

std::vector<std::vector<float>> evidence_maps(const Model& model, Engine& engine, const Rows& rows,
                                              std::span<const int> classes) {
  constexpr std::size_t kBytesAtOnce = 32 << 20;
  const Shape& shape = model.spec.input;
  const std::vector<Square> squares = squares_over(shape);
  const std::size_t each = squares.size() + 1;
  const std::size_t at_once = std::max<std::size_t>(1, kBytesAtOnce / (each * shape.size()));
  std::vector<std::vector<float>> maps;
  for (std::size_t first = 0; first < rows.size(); first += at_once) {
    const std::size_t count = std::min(at_once, rows.size() - first);
    std::vector<std::uint8_t> pixels;
    pixels.reserve(count * each * shape.size());
    for (std::size_t i = first; i < first + count; ++i) {
      const auto image = rows.image(i);
      pixels.insert(pixels.end(), image.begin(), image.end());
      for (const Square& square : squares) append_hidden(image, shape, square, pixels);
    }
    const Dataset hidden{
        shape, std::move(pixels), std::vector<Label>(count * each), model.class_names, {}, {}};
    const std::vector<float> answers = predict(model, engine, all_rows(hidden));
    const std::size_t width = answers.size() / count;
    for (std::size_t i = 0; i < count; ++i) {
      maps.push_back(map_of(std::span(answers).subspan(i * width, width),
                            std::size_t(classes[first + i]), shape, squares));
    }
  }
  return maps;
}

}  // namespace tailor::internal
