// The two inner kernels: all sums of a group of tiles stay in registers. Included in a target's
// region only.
#pragma once

#include "tailor/ops/own/f32/vectors.hpp"

namespace tailor::internal::TAILOR_TARGET::f32 {

// Sums that stay in registers: 16 of 32 with 16 lanes, 12 (8 in the gradient) of 16 with 8. The
// baseline splits vectors into its own of 4 lanes: few sums, or they do not stay (and GCC 12 takes
// 88 s for the file).
#if defined(TAILOR_TARGET_BASELINE)
template <int L>
constexpr int kGroup = 2;  // tiles of a forward product
template <int L>
constexpr int kOutputs = 2;  // of a gradient's product
#else
template <int L>
constexpr int kGroup = L == 16 ? 8 : 6;
template <int L>
constexpr int kOutputs = L / 2;
#endif

// m[kGroup tiles][O x L out] = v[in / L][tile][L in] u[in][O x L out], for the first kTiles.
template <int L, int O, int kTiles = kGroup<L>>
TAILOR_INLINE void multiply(const float* v, const float* u, int in_blocks, float* m) {
  F<L> sums[kTiles][O] = {};
  for (int block = 0; block < in_blocks; ++block, v += kGroup<L> * L, u += L * O * L) {
#pragma GCC unroll 16
    for (int k = 0; k < L; ++k) {
      F<L> weights[O];
#pragma GCC unroll 2
      for (int o = 0; o < O; ++o) weights[o] = simd::load<L>(u + (k * O + o) * L);
#pragma GCC unroll 12
      for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 2
        for (int o = 0; o < O; ++o) sums[t][o] += v[t * L + k] * weights[o];
      }
    }
  }
#pragma GCC unroll 12
  for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 2
    for (int o = 0; o < O; ++o) simd::store<L>(m + (t * O + o) * L, sums[t][o]);
  }
}

// m[kOutputs][L in] of I blocks of inputs (+)= over lines (tiles) of w[line][L out], of which
// kOutputs, times v[line][L in]. The blocks of v are `next_v` values apart, of m L x L.
template <int L, int I>
TAILOR_INLINE void add_products(const float* v, std::size_t next_v, const float* w, float* m,
                                int lines, bool clear) {
  constexpr int K = kOutputs<L>;
  F<L> sums[K][I];
#pragma GCC unroll 12
  for (int k = 0; k < K; ++k) {
#pragma GCC unroll 2
    for (int i = 0; i < I; ++i) {
      sums[k][i] = clear ? F<L>{} : simd::load<L>(m + (i * L + k) * L);
    }
  }
  for (; lines > 0; --lines, v += L, w += L) {
    F<L> in[I];
#pragma GCC unroll 2
    for (int i = 0; i < I; ++i) in[i] = simd::load<L>(v + std::size_t(i) * next_v);
#pragma GCC unroll 12
    for (int k = 0; k < K; ++k) {
#pragma GCC unroll 2
      for (int i = 0; i < I; ++i) sums[k][i] += w[k] * in[i];
    }
  }
#pragma GCC unroll 12
  for (int k = 0; k < K; ++k) {
#pragma GCC unroll 2
    for (int i = 0; i < I; ++i) simd::store<L>(m + (i * L + k) * L, sums[k][i]);
  }
}

}  // namespace tailor::internal::TAILOR_TARGET::f32
