#include "tailor/search/sobol_points.hpp"

#include <bit>

#include "tailor/core/random/numpy_generator.hpp"
#include "tailor/search/sobol_directions.hpp"

namespace tailor::internal {
namespace {

constexpr int kBits = SobolPoints::kBits;
using Directions = std::array<std::uint32_t, kBits>;

// The recurrence of Bratley and Fox, Algorithm 659: each number follows from the `degree` before it
// through the polynomial's coefficients. The numbers are odd; the last loop puts the j-th of them
// where its highest bit is the j-th of a coordinate.
Directions directions_of(const SobolRow& row) {
  Directions numbers{};
  for (int j = 0; j < kBits; ++j) {
    if (j < row.degree) {
      numbers[std::size_t(j)] = row.first[std::size_t(j)];
      continue;
    }
    std::uint32_t number = numbers[std::size_t(j - row.degree)];
    for (int k = 1; k <= row.degree; ++k) {
      const bool present = (row.polynomial >> (row.degree - k) & 1) != 0;
      if (present) number ^= numbers[std::size_t(j - k)] << k;
    }
    numbers[std::size_t(j)] = number;
  }
  for (int j = 0; j < kBits; ++j) numbers[std::size_t(j)] <<= kBits - 1 - j;
  return numbers;
}

// numpy draws the bits of a number lowest first.
std::uint32_t random_number(NumpyGenerator& random) {
  std::uint32_t number = 0;
  for (int bit = 0; bit < kBits; ++bit) number |= random.bit() << bit;
  return number;
}

// A lower triangular matrix with ones on its diagonal, a row to a number with the first column in
// the highest bit. scipy draws the whole square and drops the upper half.
Directions random_matrix(NumpyGenerator& random) {
  Directions rows{};
  for (int row = 0; row < kBits; ++row) {
    for (int column = 0; column < kBits; ++column) {
      const std::uint32_t drawn = random.bit();
      const std::uint32_t kept = column < row ? drawn : column == row ? 1 : 0;
      rows[std::size_t(row)] |= kept << (kBits - 1 - column);
    }
  }
  return rows;
}

std::uint32_t product(const Directions& matrix, std::uint32_t number) {
  std::uint32_t turned = 0;
  for (const std::uint32_t row : matrix) {
    turned = turned << 1 | (std::uint32_t(std::popcount(row & number)) & 1);
  }
  return turned;
}

}  // namespace

SobolPoints::SobolPoints(std::size_t dimensions, std::uint32_t random_state) {
  NumpyGenerator random(random_state);
  for (std::size_t d = 0; d < dimensions; ++d) point_.push_back(random_number(random));
  for (std::size_t d = 0; d < dimensions; ++d) {
    directions_.push_back(directions_of(sobol_row(d)));
    const Directions matrix = random_matrix(random);
    for (std::uint32_t& direction : directions_.back()) direction = product(matrix, direction);
  }
}

std::vector<double> SobolPoints::next() {
  std::vector<double> coordinates;
  const auto changing = std::size_t(std::countr_one(given_++));
  for (std::size_t d = 0; d < point_.size(); ++d) {
    coordinates.push_back(double(point_[d]) / double(kMostPoints));
    if (changing < std::size_t(kBits)) point_[d] ^= directions_[d][changing];
  }
  return coordinates;
}

}  // namespace tailor::internal
