// What becomes of a 2x2 tile of f32 results: rounded and stored, masked, or pooled. Included in
// kernels' regions only.
#pragma once

#include "tailor/ops/own/bf16/vectors.hpp"

namespace tailor::internal::bf16 {
namespace {

// Two neighbours of a row, masked by what lies at `mask` if that is not null.
TAILOR_KERNEL void store_row(Bf16* to, __m512 left, __m512 right, int columns, const Bf16* mask) {
  const __m512i magnitude = _mm512_set1_epi16(0x7fff);
  if (columns == 2) {
    __m512i both = (__m512i)_mm512_cvtne2ps_pbh(right, left);
    if (mask != nullptr) {
      both =
          _mm512_maskz_mov_epi16(_mm512_test_epi16_mask(_mm512_loadu_si512(mask), magnitude), both);
    }
    _mm512_storeu_si512(to, both);
  } else {
    auto one = (__m256i)_mm512_cvtneps_pbh(left);
    if (mask != nullptr) {
      const __m256i of = _mm256_loadu_si256((const __m256i*)mask);
      one = _mm256_maskz_mov_epi16(_mm256_test_epi16_mask(of, _mm512_castsi512_si256(magnitude)),
                                   one);
    }
    _mm256_storeu_si256((__m256i*)to, one);
  }
}

// The largest of four rectified values, compared as stored: bf16 of one sign order as integers do.
// Without their sign, as the largest of them, what is no number wins: a diverged net must show.
TAILOR_KERNEL void store_pooled(Bf16* to, std::uint64_t* winner, const __m512 (&y)[2][2]) {
  const __m512i magnitude = _mm512_set1_epi16(0x7fff);
  const __m512i top = _mm512_and_si512((__m512i)_mm512_cvtne2ps_pbh(y[0][1], y[0][0]), magnitude);
  const __m512i bottom =
      _mm512_and_si512((__m512i)_mm512_cvtne2ps_pbh(y[1][1], y[1][0]), magnitude);
  const __m512i columns = _mm512_max_epi16(top, bottom);
  const __m512i best =
      _mm512_max_epi16(columns, _mm512_shuffle_i64x2(columns, columns, _MM_SHUFFLE(1, 0, 3, 2)));
  _mm256_storeu_si256((__m256i*)to, _mm512_castsi512_si256(best));
  if (winner == nullptr) return;
  const std::uint64_t alive = _mm512_test_epi16_mask(best, magnitude);
  const std::uint64_t equal = (_mm512_cmpeq_epi16_mask(top, best) & alive) |
                              (_mm512_cmpeq_epi16_mask(bottom, best) & alive) << 32;
  std::uint64_t up_to = equal | equal << 16;  // of the four, field by field
  up_to |= up_to << 32;
  *winner = equal & ~(up_to << 16);  // the first of equals
}

}  // namespace
}  // namespace tailor::internal::bf16
