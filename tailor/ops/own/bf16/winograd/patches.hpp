// The source side of Winograd's F(2x2, 3x3): walks a row of 4x4 patches, 2 apart, and transforms
// them (B' d B) in f32. Included in winograd*.cpp's regions only.
#pragma once

#include "tailor/ops/own/bf16/vectors.hpp"

namespace tailor::internal::bf16 {
namespace {

// A one the compiler does not see through, or it would turn the multiply-adds back into additions.
TAILOR_KERNEL __m512 opaque_one() {
  __m512 one = _mm512_set1_ps(1.f);
  asm("" : "+v"(one));
  return one;
}

// B' on one column of four values. As multiply-adds, because Zen 4 adds and multiplies on different
// pipes and the second half of the transform adds.
TAILOR_KERNEL void transform_column(const __m512 (&d)[4], __m512 (&t)[4]) {
  const __m512 one = opaque_one();
  t[0] = _mm512_fnmadd_ps(one, d[2], d[0]);
  t[1] = _mm512_fmadd_ps(one, d[1], d[2]);
  t[2] = _mm512_fmsub_ps(one, d[2], d[1]);
  t[3] = _mm512_fmsub_ps(one, d[1], d[3]);
}

// Two columns that are neighbours in memory.
TAILOR_KERNEL void transform_two(const Bf16* const (&rows)[4], int column, __m512 (&left)[4],
                                 __m512 (&right)[4]) {
  const __m512i low = _mm512_set_epi16(15, 0, 14, 0, 13, 0, 12, 0, 11, 0, 10, 0, 9, 0, 8, 0, 7, 0,
                                       6, 0, 5, 0, 4, 0, 3, 0, 2, 0, 1, 0, 0, 0);
  const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi32(0x00100000));
  __m512 a[4];
  __m512 b[4];
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    const __m512i both = _mm512_loadu_si512(rows[k] + std::ptrdiff_t(column) * 16);
    a[k] = _mm512_castsi512_ps(_mm512_maskz_permutexvar_epi16(0xAAAAAAAA, low, both));
    b[k] = _mm512_castsi512_ps(_mm512_maskz_permutexvar_epi16(0xAAAAAAAA, high, both));
  }
  transform_column(a, left);
  transform_column(b, right);
}

// One column, zeros outside the image.
TAILOR_KERNEL void transform_one(const Bf16* const (&rows)[4], int column, int width,
                                 __m512 (&t)[4]) {
  __m512 d[4];
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    d[k] = column >= 0 && column < width ? load16(rows[k] + std::ptrdiff_t(column) * 16)
                                         : _mm512_setzero_ps();
  }
  transform_column(d, t);
}

// Calls emit(tile, a, b, c, d) with the four transformed columns of every patch of a row.
template <typename Emit>
TAILOR_KERNEL void walk_patches(const Bf16* const (&rows)[4], int width, int pad_left, int tiles,
                                Emit emit) {
  __m512 a[4];
  __m512 b[4];
  __m512 c[4];
  __m512 d[4];
  int column = -pad_left;
  transform_one(rows, column, width, a);
  transform_one(rows, column + 1, width, b);
  for (int tile = 0; tile < tiles; ++tile) {
    column += 2;
    if (column >= 0 && column + 1 < width) {
      transform_two(rows, column, c, d);
    } else {
      transform_one(rows, column, width, c);
      transform_one(rows, column + 1, width, d);
    }
    emit(tile, a, b, c, d);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      a[i] = c[i];
      b[i] = d[i];
    }
  }
}

// B on row i of a patch: positions 0 and 1 in the first vector, 2 and 3 in the second.
TAILOR_KERNEL void transform_positions(__m512 a, __m512 b, __m512 c, __m512 d, __m512i& first,
                                       __m512i& second) {
  first = (__m512i)_mm512_cvtne2ps_pbh(_mm512_add_ps(b, c), _mm512_sub_ps(a, c));
  second = (__m512i)_mm512_cvtne2ps_pbh(_mm512_sub_ps(b, d), _mm512_sub_ps(c, b));
}

}  // namespace
}  // namespace tailor::internal::bf16
