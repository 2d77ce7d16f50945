// The inner kernel of winograd.cpp: 3 tiles x 4 positions x 16 or 32 outputs over all input
// channels, then half of the output transform, and with the last row of positions the whole of it.
// Included in winograd.cpp's region only.
#pragma once

namespace tailor::bf16 {
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
#define TAILOR_U(at, reg) "vmovdqa64 " #at "+512*.Lkp(%[u]),%%zmm" #reg "\n"
#define TAILOR_TILE(at, pair, u0, u1, x, y)       \
  "vpbroadcastd " #at "+4*.Lkp(%[v]),%%zmm" #pair \
  "\n"                                            \
  "vdpbf16ps %%zmm" #pair ",%%zmm" #u0 ",%[" #x   \
  "]\n"                                           \
  "vdpbf16ps %%zmm" #pair ",%%zmm" #u1 ",%[" #y "]\n"
#define TAILOR_ZERO(x, y) \
  "vpxord %[" #x "],%[" #x "],%[" #x "]\nvpxord %[" #y "],%[" #y "],%[" #y "]\n"
#define TAILOR_SUM(name, j, t, o) [name] "=&v"(sums[j][t][o])

TAILOR_KERNEL void sum_products(const Bf16* v, const Bf16* u, long blocks,
                                __m512 (&sums)[4][3][2]) {
  asm volatile(
      TAILOR_ZERO(a0, b0) TAILOR_ZERO(c0, d0) TAILOR_ZERO(e0, f0) TAILOR_ZERO(a1, b1)
      TAILOR_ZERO(c1, d1) TAILOR_ZERO(e1, f1) TAILOR_ZERO(a2, b2) TAILOR_ZERO(c2, d2)
      TAILOR_ZERO(e2, f2) TAILOR_ZERO(a3, b3) TAILOR_ZERO(c3, d3) TAILOR_ZERO(e3, f3)
      ".p2align 5\n1:\n.set .Lkp,0\n.rept 8\n"
      TAILOR_U(0, 24) TAILOR_U(64, 25)
      TAILOR_TILE(0, 28, 24, 25, a0, b0)
      TAILOR_TILE(128, 29, 24, 25, c0, d0)
      TAILOR_TILE(256, 30, 24, 25, e0, f0)
      TAILOR_U(128, 26) TAILOR_U(192, 27)
      TAILOR_TILE(32, 31, 26, 27, a1, b1)
      TAILOR_TILE(160, 28, 26, 27, c1, d1)
      TAILOR_TILE(288, 29, 26, 27, e1, f1)
      TAILOR_U(256, 24) TAILOR_U(320, 25)
      TAILOR_TILE(64, 30, 24, 25, a2, b2)
      TAILOR_TILE(192, 31, 24, 25, c2, d2)
      TAILOR_TILE(320, 28, 24, 25, e2, f2)
      TAILOR_U(384, 26) TAILOR_U(448, 27)
      TAILOR_TILE(96, 29, 26, 27, a3, b3)
      TAILOR_TILE(224, 30, 26, 27, c3, d3)
      TAILOR_TILE(352, 31, 26, 27, e3, f3)
      ".set .Lkp,.Lkp+1\n.endr\n"
      "add $4096,%[u]\nadd $384,%[v]\ndec %[n]\njnz 1b\n"
      : TAILOR_SUM(a0, 0, 0, 0), TAILOR_SUM(b0, 0, 0, 1), TAILOR_SUM(c0, 0, 1, 0),
        TAILOR_SUM(d0, 0, 1, 1), TAILOR_SUM(e0, 0, 2, 0), TAILOR_SUM(f0, 0, 2, 1),
        TAILOR_SUM(a1, 1, 0, 0), TAILOR_SUM(b1, 1, 0, 1), TAILOR_SUM(c1, 1, 1, 0),
        TAILOR_SUM(d1, 1, 1, 1), TAILOR_SUM(e1, 1, 2, 0), TAILOR_SUM(f1, 1, 2, 1),
        TAILOR_SUM(a2, 2, 0, 0), TAILOR_SUM(b2, 2, 0, 1), TAILOR_SUM(c2, 2, 1, 0),
        TAILOR_SUM(d2, 2, 1, 1), TAILOR_SUM(e2, 2, 2, 0), TAILOR_SUM(f2, 2, 2, 1),
        TAILOR_SUM(a3, 3, 0, 0), TAILOR_SUM(b3, 3, 0, 1), TAILOR_SUM(c3, 3, 1, 0),
        TAILOR_SUM(d3, 3, 1, 1), TAILOR_SUM(e3, 3, 2, 0), TAILOR_SUM(f3, 3, 2, 1),
        [u] "+r"(u), [v] "+r"(v), [n] "+r"(blocks)
      :
      : "zmm24", "zmm25", "zmm26", "zmm27", "zmm28", "zmm29", "zmm30", "zmm31", "memory", "cc");
}
#undef TAILOR_U
#undef TAILOR_TILE
#undef TAILOR_ZERO
#undef TAILOR_SUM

// The same for 16 outputs: 12 sums, which the compiler keeps in order by itself.
TAILOR_KERNEL void sum_products(const Bf16* v, const Bf16* u, long blocks,
                                __m512 (&sums)[4][3][1]) {
#pragma GCC unroll 4
  for (auto& position : sums) {
#pragma GCC unroll 3
    for (auto& tile : position) tile[0] = _mm512_setzero_ps();
  }
  for (; blocks > 0; --blocks, v += 192, u += 1024) {
#pragma GCC unroll 8
    for (int pair = 0; pair < 8; ++pair) {
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
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
// all tiles have one row of results.
template <Finish kFinish, int kBlocks, int kI, bool kLast>
TAILOR_KERNEL void multiply_group(const Bf16* v, const Bf16* u, int blocks, float* sums,
                                  const Tile* tiles, const Destination& to) {
  __m512 m[4][3][kBlocks];
  sum_products(v, u, blocks, m);
  const __m512 least = _mm512_set1_ps(to.relu ? 0.f : -__builtin_inff());
#pragma GCC unroll 3
  for (int t = 0; t < 3; ++t) {
#pragma GCC unroll 2
    for (int o = 0; o < kBlocks; ++o) {
      const __m512 left = m[0][t][o] + (m[1][t][o] + m[2][t][o]);
      const __m512 right = (m[1][t][o] - m[2][t][o]) - m[3][t][o];
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
}  // namespace tailor::bf16
