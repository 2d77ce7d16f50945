// The one-dimensional transforms of F(4, 3) on vectors of channels, and walking along a row of
// patches. Included in a target's region only.
#pragma once

#include "tailor/ops/own/f32/vectors.hpp"

namespace tailor::internal::TAILOR_TARGET::f32 {

// B': 6 of the source.
template <int L>
TAILOR_INLINE void to_positions(const F<L> (&d)[6], F<L> (&p)[6]) {
  const F<L> odd = d[3] - 4 * d[1];
  const F<L> even = d[4] - 4 * d[2];
  const F<L> odd2 = 2 * (d[3] - d[1]);
  const F<L> even2 = d[4] - d[2];
  p[0] = 4 * d[0] - 5 * d[2] + d[4];
  p[1] = even + odd;
  p[2] = even - odd;
  p[3] = even2 + odd2;
  p[4] = even2 - odd2;
  p[5] = 4 * d[1] - 5 * d[3] + d[5];
}

// A: 4 of the results' gradient.
template <int L>
TAILOR_INLINE void spread(const F<L> (&y)[4], F<L> (&p)[6]) {
  const F<L> even = y[0] + y[2];
  const F<L> odd = y[1] + y[3];
  const F<L> even2 = y[0] + 4 * y[2];
  const F<L> odd2 = 2 * y[1] + 8 * y[3];
  p[0] = y[0];
  p[1] = even + odd;
  p[2] = even - odd;
  p[3] = even2 + odd2;
  p[4] = even2 - odd2;
  p[5] = y[3];
}

// A': 6 positions to 4 results.
template <int L>
TAILOR_INLINE void to_results(const F<L> (&m)[6], F<L> (&y)[4]) {
  const F<L> sum = m[1] + m[2];
  const F<L> difference = m[1] - m[2];
  const F<L> sum2 = m[3] + m[4];
  const F<L> difference2 = m[3] - m[4];
  y[0] = m[0] + sum + sum2;
  y[1] = difference + 2 * difference2;
  y[2] = sum + 4 * sum2;
  y[3] = difference + 8 * difference2 + m[5];
}

// G: 3 taps to 6 positions.
template <int L>
TAILOR_INLINE void from_taps(const F<L> (&g)[3], F<L> (&p)[6]) {
  const F<L> outer = (g[0] + g[2]) * (-1 / 6.f);
  const F<L> middle = g[1] * (-1 / 6.f);
  const F<L> outer2 = g[0] * (1 / 24.f) + g[2] * (1 / 6.f);
  const F<L> middle2 = g[1] * (1 / 12.f);
  p[0] = g[0] * .25f;
  p[1] = outer + middle;
  p[2] = outer - middle;
  p[3] = outer2 + middle2;
  p[4] = outer2 - middle2;
  p[5] = g[2];
}

// G': 6 positions to the gradient of 3 taps.
template <int L>
TAILOR_INLINE void to_taps(const F<L> (&m)[6], F<L> (&g)[3]) {
  const F<L> sum = (m[1] + m[2]) * (-1 / 6.f);
  const F<L> sum2 = m[3] + m[4];
  g[0] = m[0] * .25f + sum + sum2 * (1 / 24.f);
  g[1] = (m[2] - m[1]) * (1 / 6.f) + (m[3] - m[4]) * (1 / 12.f);
  g[2] = sum + sum2 * (1 / 6.f) + m[5];
}

// B' down a column of 6 rows; zeros left and right of the image.
template <int L>
TAILOR_INLINE void transform_column(const float* const (&rows)[6], int column, int width,
                                    F<L> (&p)[6]) {
  F<L> d[6];
  const bool inside = column >= 0 && column < width;
#pragma GCC unroll 6
  for (int k = 0; k < 6; ++k) {
    d[k] = inside ? simd::load<L>(rows[k] + std::ptrdiff_t(column) * L) : F<L>{};
  }
  to_positions<L>(d, p);
}

// Writes the 36 positions of every patch of a row, `next` values apart, to place(tile).
template <int L, typename Place>
TAILOR_INLINE void transform_patches(const float* const (&rows)[6], int width, int pad_left,
                                     int tiles, std::size_t next, Place place) {
  F<L> columns[6][6];
  int column = -pad_left;
  transform_column<L>(rows, column, width, columns[0]);
  transform_column<L>(rows, column + 1, width, columns[1]);
  for (int tile = 0; tile < tiles; ++tile) {
    column += 2;
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      transform_column<L>(rows, column + k, width, columns[2 + k]);
    }
    column += 2;
    float* to = place(tile);
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) {
      const F<L> d[6] = {columns[0][i], columns[1][i], columns[2][i],
                         columns[3][i], columns[4][i], columns[5][i]};
      F<L> p[6];
      to_positions<L>(d, p);
#pragma GCC unroll 6
      for (int j = 0; j < 6; ++j) simd::store<L>(to + std::size_t(i * 6 + j) * next, p[j]);
    }
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) {
      columns[0][i] = columns[4][i];
      columns[1][i] = columns[5][i];
    }
  }
}

}  // namespace tailor::internal::TAILOR_TARGET::f32
