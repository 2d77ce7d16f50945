// Principal components: the directions in which points differ most.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/ops/engine.hpp"

namespace tailor {

struct Pca {
  int components = 0;
  int values = 0;                   // per point, before
  std::vector<float> mean;          // values
  std::vector<float> directions;    // components x values, orthonormal rows, largest variance first;
                                    // the entry of largest magnitude is positive in each
  std::vector<double> variance;     // explained by each (ddof 1)
};

// Of `points` rows of `values` numbers. The covariance is summed in double in fixed blocks, so equal
// for any number of threads; its eigenvectors come from Eigen. At most min(values, points)
// components; fewer where the points span fewer. Throws bad_input for less than 2 points.
Pca fit_pca(std::span<const float> data, std::size_t points, int components, Engine& engine);

// points x components.
std::vector<float> project(const Pca& pca, std::span<const float> data, std::size_t points,
                           Engine& engine);

// Bytes as the numbers 0 .. 255.
std::vector<float> as_floats(std::span<const std::uint8_t> bytes);

}  // namespace tailor
