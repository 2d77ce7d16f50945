#include "tailor/train/muon.hpp"

#include <algorithm>
#include <cmath>

#include "tailor/core/target/clones.hpp"

namespace tailor::internal {
namespace {

constexpr int kSteps = 5;
// The polynomial of a step; its slope at 0 is as large as it can be where all singular values shall
// come near 1.
constexpr float kLinear = 3.4445F, kCubic = -4.7750F, kQuintic = 2.0315F;

constexpr std::size_t kTileRows = 4, kTileColumns = 32;  // sums that stay in registers

// A tile of out = a b: a has `inner` columns, b and out `columns`.
TAILOR_CLONES void multiply_tile(const float* a, const float* b, std::size_t inner,
                                 std::size_t columns, float* out) {
  float sums[kTileRows][kTileColumns] = {};
  for (std::size_t k = 0; k < inner; ++k) {
    const float* row = b + k * columns;
    for (std::size_t i = 0; i < kTileRows; ++i) {
      const float factor = a[i * inner + k];
#pragma omp simd
      for (std::size_t j = 0; j < kTileColumns; ++j) sums[i][j] += factor * row[j];
    }
  }
  for (std::size_t i = 0; i < kTileRows; ++i) {
    for (std::size_t j = 0; j < kTileColumns; ++j) out[i * columns + j] = sums[i][j];
  }
}

// out = a b, where all sizes are whole tiles.
void multiply(const std::vector<float>& a, const std::vector<float>& b, std::size_t rows,
              std::size_t inner, std::size_t columns, std::vector<float>& out) {
  for (std::size_t i = 0; i < rows; i += kTileRows) {
    for (std::size_t j = 0; j < columns; j += kTileColumns) {
      multiply_tile(&a[i * inner], &b[j], inner, columns, &out[i * columns + j]);
    }
  }
}

std::size_t in_tiles(std::size_t n) {
  return (n + kTileColumns - 1) / kTileColumns * kTileColumns;
}

}  // namespace

void Orthogonalizer::run(std::span<float> matrix, std::size_t rows, std::size_t columns) {
  const bool turned = rows > columns;  // the smaller side squared is less work
  const std::size_t low = std::min(rows, columns), high = std::max(rows, columns);
  const std::size_t n = in_tiles(low), m = in_tiles(high);  // zeros beyond stay zeros
  const auto place = [&](std::size_t r, std::size_t c) { return turned ? c * m + r : r * m + c; };
  double squares = 0;
  for (const float value : matrix) squares += double(value) * double(value);
  if (squares == 0) return;
  const auto scale = float(1 / (std::sqrt(squares) + 1e-7));
  wide_.assign(n * m, 0);
  tall_.resize(m * n);
  square_.resize(n * n);
  polynomial_.resize(n * n);
  product_.resize(n * m);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) wide_[place(r, c)] = scale * matrix[r * columns + c];
  }
  for (int step = 0; step < kSteps; ++step) {
    for (std::size_t r = 0; r < n; ++r) {
      for (std::size_t c = 0; c < m; ++c) tall_[c * n + r] = wide_[r * m + c];
    }
    multiply(wide_, tall_, n, m, n, square_);  // A = X X'
    multiply(square_, square_, n, n, n, polynomial_);
    for (std::size_t i = 0; i < n * n; ++i) {
      polynomial_[i] = kCubic * square_[i] + kQuintic * polynomial_[i];
    }
    multiply(polynomial_, wide_, n, n, m, product_);  // (b A + c A A) X
    for (std::size_t i = 0; i < n * m; ++i) wide_[i] = kLinear * wide_[i] + product_[i];
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) matrix[r * columns + c] = wide_[place(r, c)];
  }
}

}  // namespace tailor::internal
