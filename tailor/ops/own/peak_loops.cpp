#include <cstdint>

#include "tailor/core/target/begin.hpp"

namespace tailor::internal::TAILOR_TARGET {

namespace {

// Floats in one register of the target, and independent sums: more than latency x throughput of any
// multiply-add unit (Haswell 5 x 2, Zen 4 4 x 2), and, with the factors, no more than registers
// (16 below AVX-512, 32 with it).
#if defined(TAILOR_TARGET_AVX512) || defined(TAILOR_TARGET_AVX512_BF16)
constexpr int kWide = 16;
constexpr int kChains = 16;
#elif defined(TAILOR_TARGET_AVX2)
constexpr int kWide = 8;
constexpr int kChains = 12;
#else
constexpr int kWide = 4;
constexpr int kChains = 12;
#endif
constexpr int kRounds = 400'000;  // about 2 ms
typedef float Vector __attribute__((vector_size(kWide * 4)));

// Keeps a value alive in a vector register without storing it; the optimiser believes it changed.
template <typename V>
[[gnu::always_inline]] inline void keep(V& v) {
#if defined(TAILOR_TARGET_AVX512) || defined(TAILOR_TARGET_AVX512_BF16)
  asm volatile("" : "+v"(v));
#elif defined(__SSE2__)
  asm volatile("" : "+x"(v));
#elif defined(__aarch64__)
  asm volatile("" : "+w"(v));
#else
  asm volatile("" : "+m"(v));
#endif
}

}  // namespace

double f32_flop() {
  Vector sums[kChains] = {};
  Vector a = Vector{} + 1.0001f;
  Vector b = Vector{} + 0.0001f;
  for (int r = 0; r < kRounds; ++r) {
    keep(a);
    keep(b);
#pragma GCC unroll 16
    for (Vector& s : sums) s = s * a + b;
#pragma GCC unroll 16
    for (Vector& s : sums) keep(s);
  }
  return 2.0 * kWide * kChains * kRounds;
}

double bf16_flop() {
#if defined(TAILOR_TARGET_AVX512_BF16)
  typedef short Pairs __attribute__((vector_size(64)));
  Vector sums[kChains] = {};
  Pairs a = Pairs{} + short(0x3f80);  // 1.0
  for (int r = 0; r < kRounds; ++r) {
    keep(a);
#pragma GCC unroll 16
    for (Vector& s : sums) s = __builtin_ia32_dpbf16ps_v16sf(s, a, a);
#pragma GCC unroll 16
    for (Vector& s : sums) keep(s);
  }
  return 4.0 * kWide * kChains * kRounds;
#else
  return 0;
#endif
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
