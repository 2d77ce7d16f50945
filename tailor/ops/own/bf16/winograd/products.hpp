// The inner kernel of winograd.cpp: 3 tiles x 4 positions x 16 or 32 outputs over all input
// channels, then half of the output transform, and with the last row of positions the whole of it.
// Included in winograd.cpp's region only.
#pragma once

#include "tailor/ops/own/bf16/vectors.hpp"

namespace tailor::internal::bf16 {
namespace {

constexpr int kSumsPerTile = 96;  // f32: 3 rows of positions x 2 columns x 16 outputs

struct Tile {
  std::size_t offset = 0;  // of its first result, in values of one image's first channel block
  int rows = 0;            // 0: there is no such tile
  int columns = 0;
};

enum class Finish { kStore, kMask, kPool };

struct Destination {
  Bf16* dst = nullptr;
  const Bf16* mask = nullptr;
  std::uint64_t* winners = nullptr;
  const float* bias = nullptr;
  bool relu = false;
  std::size_t plane = 0;  // values between channel blocks
  std::size_t row = 0;    // values between rows
};

// The sums of 4 positions x 3 tiles x 32 outputs. U's two vectors of a position meet the three
// tiles' pairs of inputs, each broadcast from V; kp counts the 8 pairs of a block of 16 inputs.
// Sums a and b are the first tile's, c and d the second's, e and f the third's.
// clang-format off
#define TAILOR_U(at, reg) "vmovdqa64 " #at "+512*.Lkp(%[u]),%%zmm" #reg "\n"
#define TAILOR_TILE(at, pair, u0, u1, x, y)                \
  "vpbroadcastd " #at "+4*.Lkp(%[v]),%%zmm" #pair "\n"     \
  "vdpbf16ps %%zmm" #pair ",%%zmm" #u0 ",%[" #x "]\n"      \
  "vdpbf16ps %%zmm" #pair ",%%zmm" #u1 ",%[" #y "]\n"
#define TAILOR_POSITION(u_at, v0, v1, v2, u0, u1, p0, p1, p2, a, b, c, d, e, f) \
  TAILOR_U(u_at, u0) TAILOR_U(u_at + 64, u1)                                    \
  TAILOR_TILE(v0, p0, u0, u1, a, b)                                             \
  TAILOR_TILE(v1, p1, u0, u1, c, d)                                             \
  TAILOR_TILE(v2, p2, u0, u1, e, f)
#define TAILOR_POSITIONS_0_TO_2                                                  \
  TAILOR_POSITION(0, 0, 128, 256, 24, 25, 28, 29, 30, a0, b0, c0, d0, e0, f0)    \
  TAILOR_POSITION(128, 32, 160, 288, 26, 27, 31, 28, 29, a1, b1, c1, d1, e1, f1) \
  TAILOR_POSITION(256, 64, 192, 320, 24, 25, 30, 31, 28, a2, b2, c2, d2, e2, f2)
#define TAILOR_POSITION_3                                                        \
  TAILOR_POSITION(384, 96, 224, 352, 26, 27, 29, 30, 31, a3, b3, c3, d3, e3, f3)
#define TAILOR_LOOP(positions)                       \
  ".p2align 5\n1:\n.set .Lkp,0\n.rept 8\n" positions \
  ".set .Lkp,.Lkp+1\n.endr\n"                        \
  "add $4096,%[u]\nadd $384,%[v]\ndec %[n]\njnz 1b\n"
#define TAILOR_ZERO(x, y) \
  "vpxord %[" #x "],%[" #x "],%[" #x "]\nvpxord %[" #y "],%[" #y "],%[" #y "]\n"
#define TAILOR_ZEROS(a, b, c, d, e, f) TAILOR_ZERO(a, b) TAILOR_ZERO(c, d) TAILOR_ZERO(e, f)
#define TAILOR_SUM(name, j, t, o) [name] "=&v"(sums[j][t][o])
#define TAILOR_SUMS(j, a, b, c, d, e, f)                                             \
  TAILOR_SUM(a, j, 0, 0), TAILOR_SUM(b, j, 0, 1), TAILOR_SUM(c, j, 1, 0),            \
  TAILOR_SUM(d, j, 1, 1), TAILOR_SUM(e, j, 2, 0), TAILOR_SUM(f, j, 2, 1)
#define TAILOR_CLOBBERS \
  "zmm24", "zmm25", "zmm26", "zmm27", "zmm28", "zmm29", "zmm30", "zmm31", "memory", "cc"

TAILOR_KERNEL void sum_products(const Bf16* v, const Bf16* u, long blocks,
                                __m512 (&sums)[4][3][2]) {
  asm volatile(
      TAILOR_ZEROS(a0, b0, c0, d0, e0, f0) TAILOR_ZEROS(a1, b1, c1, d1, e1, f1)
      TAILOR_ZEROS(a2, b2, c2, d2, e2, f2) TAILOR_ZEROS(a3, b3, c3, d3, e3, f3)
      TAILOR_LOOP(TAILOR_POSITIONS_0_TO_2 TAILOR_POSITION_3)
      : TAILOR_SUMS(0, a0, b0, c0, d0, e0, f0), TAILOR_SUMS(1, a1, b1, c1, d1, e1, f1),
        TAILOR_SUMS(2, a2, b2, c2, d2, e2, f2), TAILOR_SUMS(3, a3, b3, c3, d3, e3, f3),
        [u] "+r"(u), [v] "+r"(v), [n] "+r"(blocks)
      :
      : TAILOR_CLOBBERS);
}

// Without the last position, for tiles of one column of results.
TAILOR_KERNEL void sum_products(const Bf16* v, const Bf16* u, long blocks,
                                __m512 (&sums)[3][3][2]) {
  asm volatile(
      TAILOR_ZEROS(a0, b0, c0, d0, e0, f0) TAILOR_ZEROS(a1, b1, c1, d1, e1, f1)
      TAILOR_ZEROS(a2, b2, c2, d2, e2, f2)
      TAILOR_LOOP(TAILOR_POSITIONS_0_TO_2)
      : TAILOR_SUMS(0, a0, b0, c0, d0, e0, f0), TAILOR_SUMS(1, a1, b1, c1, d1, e1, f1),
        TAILOR_SUMS(2, a2, b2, c2, d2, e2, f2),
        [u] "+r"(u), [v] "+r"(v), [n] "+r"(blocks)
      :
      : TAILOR_CLOBBERS);
}
// clang-format on
#undef TAILOR_U
#undef TAILOR_TILE
#undef TAILOR_POSITION
#undef TAILOR_POSITIONS_0_TO_2
#undef TAILOR_POSITION_3
#undef TAILOR_LOOP
#undef TAILOR_ZERO
#undef TAILOR_ZEROS
#undef TAILOR_SUM
#undef TAILOR_SUMS
#undef TAILOR_CLOBBERS

// The same for 16 outputs: 12 sums, which the compiler keeps in order by itself.
template <int kPositions>
TAILOR_KERNEL void sum_products(const Bf16* v, const Bf16* u, long blocks,
                                __m512 (&sums)[kPositions][3][1]) {
#pragma GCC unroll 4
  for (auto& position : sums) {
#pragma GCC unroll 3
    for (auto& tile : position) tile[0] = _mm512_setzero_ps();
  }
  for (; blocks > 0; --blocks, v += 192, u += 1024) {
#pragma GCC unroll 8
    for (int pair = 0; pair < 8; ++pair) {
#pragma GCC unroll 4
      for (int j = 0; j < kPositions; ++j) {
        const auto weights = (__m512bh)_mm512_load_si512(u + pair * 128 + j * 32);
#pragma GCC unroll 3
        for (int t = 0; t < 3; ++t) {
          sums[j][t][0] = _mm512_dpbf16_ps(sums[j][t][0], weights,
                                           broadcast_pair(v + t * 64 + j * 16 + 2 * pair));
        }
      }
    }
  }
}

template <Finish kFinish>
TAILOR_KERNEL void finish_tile(const Tile& tile, const Destination& to, int block,
                               const __m512 (&y)[2][2]) {
  if (tile.rows == 0) return;
  const std::size_t at = tile.offset + std::size_t(block) * to.plane;
  if (kFinish == Finish::kPool) {
    return store_pooled(to.dst + at, to.winners == nullptr ? nullptr : to.winners + at / 16, y);
  }
  const Bf16* mask = kFinish == Finish::kMask ? to.mask + at : nullptr;
  store_row(to.dst + at, y[0][0], y[0][1], tile.columns, mask);
  if (tile.rows == 2) {
    store_row(to.dst + at + to.row, y[1][0], y[1][1], tile.columns,
              kFinish == Finish::kMask ? mask + to.row : nullptr);
  }
}

// A on the columns now; A' on the rows when the last one is there: the fourth, or the third where
// all tiles have one row of results. Three positions are enough for the left column.
template <Finish kFinish, int kBlocks, int kI, bool kLast, int kPositions>
TAILOR_KERNEL void multiply_group(const Bf16* v, const Bf16* u, int blocks, float* sums,
                                  const Tile* tiles, const Destination& to) {
  __m512 m[kPositions][3][kBlocks];
  sum_products(v, u, blocks, m);
  const __m512 least = _mm512_set1_ps(to.relu ? 0.f : -__builtin_inff());
#pragma GCC unroll 3
  for (int t = 0; t < 3; ++t) {
#pragma GCC unroll 2
    for (int o = 0; o < kBlocks; ++o) {
      const __m512 left = m[0][t][o] + (m[1][t][o] + m[2][t][o]);
      const __m512 right =
          kPositions == 4 ? (m[1][t][o] - m[2][t][o]) - m[kPositions - 1][t][o] : left;
      float* s = sums + (t * kBlocks + o) * kSumsPerTile;
      if (!kLast) {
        _mm512_store_ps(s + kI * 32, left);
        _mm512_store_ps(s + kI * 32 + 16, right);
        continue;
      }
      const __m512 bias =
          to.bias == nullptr ? _mm512_setzero_ps() : _mm512_loadu_ps(to.bias + o * 16);
      const __m512 l1 = _mm512_load_ps(s + 32) + bias;
      const __m512 r1 = _mm512_load_ps(s + 48) + bias;
      const __m512 l2 = kI == 2 ? left : _mm512_load_ps(s + 64);
      const __m512 r2 = kI == 2 ? right : _mm512_load_ps(s + 80);
      // The second operand of max wins if it is no number: a diverged net must show.
      __m512 y[2][2];
      y[0][0] = _mm512_max_ps(least, _mm512_load_ps(s) + (l1 + l2));
      y[0][1] = _mm512_max_ps(least, _mm512_load_ps(s + 16) + (r1 + r2));
      y[1][0] = kI == 2 ? y[0][0] : _mm512_max_ps(least, (l1 - l2) - left);
      y[1][1] = kI == 2 ? y[0][1] : _mm512_max_ps(least, (r1 - r2) - right);
      finish_tile<kFinish>(tiles[t], to, o, y);
    }
  }
}

template <Finish kFinish, int kBlocks>
TAILOR_KERNEL void prefetch_destination(const Destination& to, const Tile* tiles) {
  for (int t = 0; t < 3; ++t) {
    for (int o = 0; o < kBlocks; ++o) {
      const Bf16* at = to.dst + tiles[t].offset + std::size_t(o) * to.plane;
      __builtin_prefetch(at, 1);
      if (kFinish != Finish::kPool && tiles[t].rows == 2) __builtin_prefetch(at + to.row, 1);
    }
  }
}

}  // namespace
}  // namespace tailor::internal::bf16
