// Rows of numbers seen as points around their mean, where sums of products lose least to rounding.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tailor::internal {

struct Points {
  std::span<const float> data;  // count rows
  std::size_t count = 0;
  std::size_t values = 0;    // in a row
  std::vector<double> mean;  // of each value

  const float* row(std::size_t i) const { return data.data() + i * values; }
};

// Throws bad_input for no points, for data that is no whole rows, and for numbers that are not
// finite.
Points points_around_mean(std::span<const float> data, std::size_t count);

// Rows first .. first + rows less the mean: row by row, or each value's numbers together.
void copy_centred(const Points& points, std::size_t first, std::size_t rows, float* out);
void copy_centred_transposed(const Points& points, std::size_t first, std::size_t rows, float* out);

// Of two rows of `values` numbers.
double squared_distance(const float* a, const float* b, std::size_t values);

}  // namespace tailor::internal
