#include "tailor/embed/points.hpp"

#include <fmt/format.h>

#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/core/target/clones.hpp"

namespace tailor::internal {

namespace {

[[noreturn]] void refuse_not_finite(const Points& points) {
  std::size_t at = 0;
  while (std::isfinite(points.data[at])) ++at;
  throw bad_input(fmt::format("value {} of point {} is not a finite number", at % points.values,
                              at / points.values));
}

}  // namespace

Points points_around_mean(std::span<const float> data, std::size_t count) {
  if (count == 0 || data.empty()) throw bad_input("there are no points to measure");
  if (data.size() % count != 0) {
    throw bad_input(fmt::format("{} numbers are no whole rows of {} points", data.size(), count));
  }
  Points points{data, count, data.size() / count, {}};
  points.mean.resize(points.values);
  for (std::size_t i = 0; i < count; ++i) {
    const float* row = points.row(i);
    for (std::size_t v = 0; v < points.values; ++v) points.mean[v] += double(row[v]);
  }
  for (double& mean : points.mean) {
    mean /= double(count);
    if (!std::isfinite(mean)) refuse_not_finite(points);
  }
  return points;
}

TAILOR_CLONES void copy_centred(const Points& points, std::size_t first, std::size_t rows,
                                float* out) {
  for (std::size_t i = first; i < first + rows; ++i, out += points.values) {
    const float* row = points.row(i);
    for (std::size_t v = 0; v < points.values; ++v) out[v] = float(double(row[v]) - points.mean[v]);
  }
}

TAILOR_CLONES void copy_centred_transposed(const Points& points, std::size_t first,
                                           std::size_t rows, float* out) {
  for (std::size_t i = 0; i < rows; ++i) {
    const float* row = points.row(first + i);
    for (std::size_t v = 0; v < points.values; ++v)
      out[v * rows + i] = float(double(row[v]) - points.mean[v]);
  }
}

TAILOR_CLONES double squared_distance(const float* a, const float* b, std::size_t values) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t v = 0; v < values; ++v) {
    const double difference = double(a[v]) - double(b[v]);
    sum += difference * difference;
  }
  return sum;
}

}  // namespace tailor::internal
