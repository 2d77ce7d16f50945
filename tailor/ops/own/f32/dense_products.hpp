// The three products of a dense layer and the orders of its kernel. Included in a target's region
// only.
#pragma once

#include "tailor/ops/own/f32/vectors.hpp"

namespace tailor::internal::TAILOR_TARGET::f32 {

// With 2 vectors 16 sums of 32 registers, 8 of 16; few where the baseline splits vectors.
#if defined(TAILOR_TARGET_BASELINE)
template <int L>
constexpr int kRows = 2;
#else
template <int L>
constexpr int kRows = L == 16 ? 8 : 4;
#endif

// Numbers that are broadcast: row r's p-th at values[r * next_row + p * next].
struct RowView {
  const float* values = nullptr;
  std::size_t next_row = 0, next = 0;
};

// H x (B x L) sums over `count`: rows times a panel [count][B x L]. Few rows are few sums, and a
// sum waits for the one before it: several of them run side by side then.
template <int L, int H, int B>
TAILOR_INLINE void multiply(const RowView& rows, const float* panel, int count,
                            F<L> (&sums)[H][B]) {
  constexpr int kChains = H * B >= 8 ? 1 : H * B >= 4 ? 2 : 4;
  F<L> c[kChains][H][B] = {};
  const float* at = rows.values;
  int p = 0;
  for (; p + kChains <= count; p += kChains) {
#pragma GCC unroll 4
    for (int k = 0; k < kChains; ++k, at += rows.next, panel += B * L) {
      F<L> b[B];
#pragma GCC unroll 2
      for (int o = 0; o < B; ++o) b[o] = simd::load<L>(panel + o * L);
#pragma GCC unroll 8
      for (int r = 0; r < H; ++r) {
#pragma GCC unroll 2
        for (int o = 0; o < B; ++o) c[k][r][o] += at[r * rows.next_row] * b[o];
      }
    }
  }
  for (; p < count; ++p, at += rows.next, panel += B * L) {
#pragma GCC unroll 8
    for (int r = 0; r < H; ++r) {
#pragma GCC unroll 2
      for (int o = 0; o < B; ++o) {
        c[0][r][o] += at[r * rows.next_row] * simd::load<L>(panel + o * L);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < H; ++r) {
#pragma GCC unroll 2
    for (int o = 0; o < B; ++o) {
      sums[r][o] = c[0][r][o];
#pragma GCC unroll 4
      for (int k = 1; k < kChains; ++k) sums[r][o] += c[k][r][o];
    }
  }
}

// Calls store(row, block, sums) for rows 0..count-1 of a panel of B blocks.
template <int L, int B, typename Store>
TAILOR_INLINE void multiply_rows(int rows, RowView from, const float* panel, int count,
                                 Store store) {
  const auto step = [&]<int H>(int row) __attribute__((always_inline)) {
    F<L> sums[H][B];
    multiply<L, H, B>({from.values + std::size_t(row) * from.next_row, from.next_row, from.next},
                      panel, count, sums);
#pragma GCC unroll 8
    for (int r = 0; r < H; ++r) {
#pragma GCC unroll 2
      for (int o = 0; o < B; ++o) store(row + r, o, sums[r][o]);
    }
  };
  int row = 0;
  for (; row + kRows<L> <= rows; row += kRows<L>) step.template operator()<kRows<L>>(row);
  if (kRows < L >> 4 && row + 4 <= rows) step.template operator()<4>(row), row += 4;
  if (row + 2 <= rows) step.template operator()<2>(row), row += 2;
  if (row < rows) step.template operator()<1>(row);
}

// Of two rows, the lanes of blocks of kStep that come first; those that come second.
template <int kStep, int L, int... kLane>
TAILOR_INLINE F<L> first_blocks(F<L> a, F<L> b, std::integer_sequence<int, kLane...>) {
  return __builtin_shufflevector(a, b, ((kLane & kStep) ? L + kLane - kStep : kLane)...);
}
template <int kStep, int L, int... kLane>
TAILOR_INLINE F<L> second_blocks(F<L> a, F<L> b, std::integer_sequence<int, kLane...>) {
  return __builtin_shufflevector(a, b, ((kLane & kStep) ? L + kLane : kLane + kStep)...);
}

// r[i][j] becomes r[j][i]: in log2(L) rounds, rows `kStep` apart change blocks of so many lanes.
template <int L, int kStep = L / 2>
TAILOR_INLINE void transpose(F<L> (&r)[L]) {
  constexpr auto kLanes = std::make_integer_sequence<int, L>();
#pragma GCC unroll 16
  for (int i = 0; i < L; ++i) {
    if (i & kStep) continue;
    const F<L> a = r[i];
    const F<L> b = r[i + kStep];
    r[i] = first_blocks<kStep, L>(a, b, kLanes);
    r[i + kStep] = second_blocks<kStep, L>(a, b, kLanes);
  }
  if constexpr (kStep > 1) transpose<L, kStep / 2>(r);
}

// The first n values of memory, the rest zero.
template <int L>
TAILOR_INLINE F<L> load_first(const float* p, int n) {
  if (n >= L) return simd::load<L>(p);
  F<L> v{};
  if (n > 0) std::memcpy(&v, p, std::size_t(n) * sizeof(float));
  return v;
}
template <int L>
TAILOR_INLINE void store_first(float* p, F<L> v, int n) {
  if (n >= L) return simd::store<L>(p, v);
  if (n > 0) std::memcpy(p, &v, std::size_t(n) * sizeof(float));
}

// [channel][pixel] of `channels` to [pixel][L channels], zeros behind the last channel; and back.
template <int L>
void to_pixels(const float* kernel, int plane, int channels, float* to) {
  if (plane == 1) return simd::store<L>(to, load_first<L>(kernel, channels));
  for (int p = 0; p < plane; p += L) {
    F<L> r[L];
    for (int c = 0; c < L; ++c) {
      r[c] = c < channels ? load_first<L>(kernel + std::size_t(c) * plane + p, plane - p) : F<L>{};
    }
    transpose<L>(r);
    for (int k = 0; k < L && p + k < plane; ++k) simd::store<L>(to + (p + k) * L, r[k]);
  }
}

template <int L>
void to_channels(const float* pixels, int plane, int channels, float* kernel) {
  if (plane == 1) return store_first<L>(kernel, simd::load<L>(pixels), channels);
  for (int p = 0; p < plane; p += L) {
    F<L> r[L];
    for (int k = 0; k < L; ++k) {
      r[k] = p + k < plane ? simd::load<L>(pixels + (p + k) * L) : F<L>{};
    }
    transpose<L>(r);
    for (int c = 0; c < channels && c < L; ++c) {
      store_first<L>(kernel + std::size_t(c) * plane + p, r[c], plane - p);
    }
  }
}

}  // namespace tailor::internal::TAILOR_TARGET::f32
