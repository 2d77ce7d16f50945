// Rows of a gradient that comes back through 2x2 max pooling: every pooled value in its winner's
// place, zeros around it. They are made where they are read, four at a time, so that the gradient
// is never written at its full size. Included in kernels' regions only.
#pragma once

#include "tailor/ops/own/bf16/vectors.hpp"

namespace tailor::internal::bf16 {
namespace {

// `diff`, `winners` (winograd.hpp): one row of windows.
TAILOR_KERNEL void unpool_row(const Bf16* diff, const std::uint64_t* winners, bool bottom,
                              int width, Bf16* out) {
  for (int x = 0; x + 1 < width; x += 2, diff += 16, ++winners, out += 32) {
    const __m512i both = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i*)diff));
    const auto won = __mmask32(bottom ? *winners >> 32 : *winners);
    _mm512_storeu_si512(out, _mm512_maskz_mov_epi16(won, both));
  }
  if (width % 2 == 1) _mm256_storeu_si256((__m256i*)out, _mm256_setzero_si256());
}

}  // namespace
}  // namespace tailor::internal::bf16
