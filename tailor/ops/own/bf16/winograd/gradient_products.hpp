// The inner kernels of winograd_gradient.cpp: sums over lines (tiles) of 16 inputs' pairs times
// outputs' pairs. Included in its region only.
#pragma once

#include "tailor/ops/own/bf16/vectors.hpp"

namespace tailor::internal::bf16 {
namespace {

#define TAILOR_PAIR(at, pair, x, y)           \
  "vpbroadcastd " #at "(%[w]),%%zmm" #pair    \
  "\n"                                        \
  "vdpbf16ps %%zmm" #pair ",%%zmm16,%%zmm" #x \
  "\n"                                        \
  "vdpbf16ps %%zmm" #pair ",%%zmm17,%%zmm" #y "\n"
#define TAILOR_LOAD(at, x, y) \
  "vmovups " #at "(%[m]),%%zmm" #x "\nvmovups " #at "+1024(%[m]),%%zmm" #y "\n"
#define TAILOR_STORE(at, x, y) \
  "vmovups %%zmm" #x "," #at "(%[m])\nvmovups %%zmm" #y "," #at "+1024(%[m])\n"
#define TAILOR_CLEAR(x, y) \
  "vpxord %%zmm" #x ",%%zmm" #x ",%%zmm" #x "\nvpxord %%zmm" #y ",%%zmm" #y ",%%zmm" #y "\n"
#define TAILOR_EACH_SUM(F) \
  F(0, 0, 1)               \
  F(64, 2, 3) F(128, 4, 5) F(192, 6, 7) F(256, 8, 9) F(320, 10, 11) F(384, 12, 13) F(448, 14, 15)

// m[2 x 16 inputs][8 outputs] (+)= over lines; v0, v1: [line][16 in][2]; w: [line][16 out][2], of
// which 8 outputs. In assembler as in
// products.hpp, to keep the order of instructions.
TAILOR_KERNEL void add_products_2x8(const char* v0, const char* v1, const char* w, float* m,
                                    long lines, bool clear) {
  asm volatile(
      "test %[clear],%[clear]\njz 2f\n"
      TAILOR_CLEAR(0, 1) TAILOR_CLEAR(2, 3) TAILOR_CLEAR(4, 5) TAILOR_CLEAR(6, 7)
      TAILOR_CLEAR(8, 9) TAILOR_CLEAR(10, 11) TAILOR_CLEAR(12, 13) TAILOR_CLEAR(14, 15)
      "jmp 1f\n2:\n"
      TAILOR_EACH_SUM(TAILOR_LOAD)
      ".p2align 5\n1:\n"
      "vmovdqa64 (%[v0]),%%zmm16\nvmovdqa64 (%[v1]),%%zmm17\n"
      TAILOR_PAIR(0, 18, 0, 1)
      TAILOR_PAIR(4, 19, 2, 3)
      TAILOR_PAIR(8, 20, 4, 5)
      TAILOR_PAIR(12, 21, 6, 7)
      TAILOR_PAIR(16, 22, 8, 9)
      TAILOR_PAIR(20, 23, 10, 11)
      TAILOR_PAIR(24, 24, 12, 13)
      TAILOR_PAIR(28, 25, 14, 15)
      "add $64,%[v0]\nadd $64,%[v1]\nadd $64,%[w]\ndec %[n]\njnz 1b\n"
      TAILOR_EACH_SUM(TAILOR_STORE)
      : [v0] "+r"(v0), [v1] "+r"(v1), [w] "+r"(w), [n] "+r"(lines)
      : [m] "r"(m), [clear] "r"(int(clear))
      : "zmm0", "zmm1", "zmm2", "zmm3", "zmm4", "zmm5", "zmm6", "zmm7", "zmm8", "zmm9", "zmm10",
        "zmm11", "zmm12", "zmm13", "zmm14", "zmm15", "zmm16", "zmm17", "zmm18", "zmm19", "zmm20",
        "zmm21", "zmm22", "zmm23", "zmm24", "zmm25", "memory", "cc");
}
#undef TAILOR_PAIR
#undef TAILOR_LOAD
#undef TAILOR_STORE
#undef TAILOR_CLEAR
#undef TAILOR_EACH_SUM

// m[16 inputs][16 outputs], for a last odd block of inputs.
TAILOR_KERNEL void add_products_1x16(const char* v, const char* w, float* m, long lines,
                                     bool clear) {
  __m512 sums[16];
#pragma GCC unroll 16
  for (int o = 0; o < 16; ++o) {
    sums[o] = clear ? _mm512_setzero_ps() : _mm512_loadu_ps(m + o * 16);
  }
  for (; lines > 0; --lines, v += 64, w += 64) {
    const auto in = (__m512bh)_mm512_load_si512(v);
#pragma GCC unroll 16
    for (int o = 0; o < 16; ++o) {
      sums[o] = _mm512_dpbf16_ps(sums[o], in, broadcast_pair(w + o * 4));
    }
  }
#pragma GCC unroll 16
  for (int o = 0; o < 16; ++o) _mm512_storeu_ps(m + o * 16, sums[o]);
}

}  // namespace
}  // namespace tailor::internal::bf16
