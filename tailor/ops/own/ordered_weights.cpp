#include "tailor/ops/own/ordered_weights.hpp"

#include "tailor/core/error.hpp"
#include "tailor/ops/own/values.hpp"

#include "tailor/core/target/begin.hpp"
#include "tailor/ops/own/simd.hpp"

namespace tailor::internal::TAILOR_TARGET {

namespace {

// Where nothing is padded the write address is the counter, and the loop becomes a vector gather
// (twice as fast again).
template <typename T>
void write_as(const WeightOrder& weights, const float* values, std::ptrdiff_t first,
              std::ptrdiff_t last, T* to) {
  const std::int32_t* source = weights.order;
  const std::int32_t* offsets = weights.offsets;
  if (weights.dense) {
#pragma omp simd
    for (std::ptrdiff_t i = first; i < last; ++i) simd::from_float(values[source[i]], to[i]);
  } else {
    for (std::ptrdiff_t i = first; i < last; ++i) {
      simd::from_float(values[source[i]], to[offsets[source[i]]]);
    }
  }
}

}  // namespace

void write_ordered(const WeightOrder& weights, const float* from, Precision precision, void* to,
                   std::ptrdiff_t first, std::ptrdiff_t last) {
  if (precision == Precision::kF32) {
    write_as(weights, from, first, last, static_cast<float*>(to));
  } else {
    write_as(weights, from, first, last, static_cast<simd::Bf16*>(to));
  }
}

void read_ordered(const WeightSums& sums, float* to, std::ptrdiff_t first, std::ptrdiff_t last) {
  const std::int32_t* offsets = sums.offsets;
  const float* from = sums.values;
#pragma omp simd
  for (std::ptrdiff_t i = first; i < last; ++i) to[i] = from[offsets[i]];
  for (int copy = 1; copy < sums.copies; ++copy) {
    from += sums.next_copy;
#pragma omp simd
    for (std::ptrdiff_t i = first; i < last; ++i) to[i] += from[offsets[i]];
  }
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
