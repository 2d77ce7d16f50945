// The few vector idioms that all bf16 kernels share. Only to be included inside begin.hpp's region;
// everything is static and inlined, so no two regions share code.
#pragma once

namespace tailor::internal::bf16 {

using simd::Bf16;

#define TAILOR_KERNEL __attribute__((always_inline)) static inline

// 16 values from memory, widened.
TAILOR_KERNEL __m512 load16(const Bf16* p) {
  return _mm512_castsi512_ps(
      _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)p)), 16));
}

TAILOR_KERNEL void store16(Bf16* p, __m512 v) {
  _mm256_storeu_si256((__m256i*)p, (__m256i)_mm512_cvtneps_pbh(v));
}

// To bf16 and back: what a reader of the stored value would see.
TAILOR_KERNEL __m512 rounded(__m512 v) {
  return _mm512_castsi512_ps(
      _mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(v)), 16));
}

// The order 0 16 1 17 2 18 ...: lanes of two vectors side by side, as vdpbf16ps wants its pairs.
TAILOR_KERNEL __m512i pair_order() {
  return _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22,
                          6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
}

// Lane l holds the pair (a[l], b[l]), rounded.
TAILOR_KERNEL __m512i pairs_of(__m512 a, __m512 b) {
  return _mm512_permutexvar_epi16(pair_order(), (__m512i)_mm512_cvtne2ps_pbh(b, a));
}

// The same of 16 values each in memory; b may be null: zeros.
TAILOR_KERNEL __m512i pairs_of(const Bf16* a, const Bf16* b) {
  const __m256i second =
      b == nullptr ? _mm256_setzero_si256() : _mm256_loadu_si256((const __m256i*)b);
  const __m512i both =
      _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i*)a)), second, 1);
  return _mm512_permutexvar_epi16(pair_order(), both);
}

// The pair that lies at p in every lane.
TAILOR_KERNEL __m512bh broadcast_pair(const void* p) {
  int pair;
  __builtin_memcpy(&pair, p, sizeof(pair));
  return (__m512bh)_mm512_set1_epi32(pair);
}

// The first n of 16 lanes.
TAILOR_KERNEL __mmask16 first_lanes(int n) {
  return __mmask16(n >= 16 ? 0xffff : (1u << n) - 1);
}

}  // namespace tailor::internal::bf16
