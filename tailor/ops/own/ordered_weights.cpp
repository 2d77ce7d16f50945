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
void write_as(const WeightOrder& weights, const float* values, int threads, T* to) {
  const auto size = std::ptrdiff_t(weights.order.size());
  const std::int32_t* source = weights.order.data();
  const std::int32_t* offsets = weights.offsets;
  if (weights.dense) {
// "if" alone would hold for simd as well: on one thread the loop ran without vectors.
#pragma omp parallel for simd num_threads(threads) schedule(static) if (parallel : threads > 1)
    for (std::ptrdiff_t i = 0; i < size; ++i) simd::from_float(values[source[i]], to[i]);
  } else {
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      simd::from_float(values[source[i]], to[offsets[source[i]]]);
    }
  }
}

}  // namespace

void write_ordered(const WeightOrder& weights, const float* from, Precision precision, void* to,
                   int threads) {
  if (precision == Precision::kF32) {
    write_as(weights, from, threads, static_cast<float*>(to));
  } else {
    write_as(weights, from, threads, static_cast<simd::Bf16*>(to));
  }
}

void read_ordered(const std::int32_t* offsets, const float* from, std::span<float> to,
                  int threads) {
  const auto size = std::ptrdiff_t(to.size());
  float* out = to.data();
#pragma omp parallel for simd num_threads(threads) schedule(static) if (parallel : threads > 1)
  for (std::ptrdiff_t i = 0; i < size; ++i) out[i] = from[offsets[i]];
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
