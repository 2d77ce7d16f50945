// Principal components: the directions in which points differ most.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/ops/engine.hpp"

namespace tailor::internal {

struct Pca {
  int components = 0;
  int values = 0;                 // per point, before
  std::vector<float> mean;        // values
  std::vector<float> directions;  // components x values, orthonormal rows, largest variance first;
                                  // the entry of largest magnitude is positive in each
  std::vector<double> variance;   // explained by each (ddof 1)
};

// Of `points` rows of `values` numbers. Sums of products are made in double from fixed blocks, so
// equal for any number of threads; up to 1,536 points or values their eigenvectors are exact,
// beyond they come from krylov.hpp. At most min(values, points) components; fewer where the points
// span fewer (a variance below a millionth of the largest is rounding): none for equal points.
// Throws bad_input for less than 2 points and for numbers that are not finite.
Pca fit_pca(std::span<const float> data, std::size_t points, int components, Engine& engine);

// points x components.
std::vector<float> project(const Pca& pca, std::span<const float> data, std::size_t points,
                           Engine& engine);

// Bytes as the numbers 0 .. 255.
std::vector<float> as_floats(std::span<const std::uint8_t> bytes);

}  // namespace tailor::internal
