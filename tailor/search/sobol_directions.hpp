// The direction numbers of Sobol sequences.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tailor::internal {

struct SobolRow {
  int degree;                          // of the polynomial
  std::uint32_t polynomial;            // primitive over the field of two; its coefficients as bits
  std::array<std::uint32_t, 9> first;  // the first `degree` direction numbers, all odd
};

// Of the dimension, counted from 0; fewer than SobolPoints::kMostDimensions.
const SobolRow& sobol_row(std::size_t dimension);

}  // namespace tailor::internal
