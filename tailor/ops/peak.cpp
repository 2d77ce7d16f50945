#include "tailor/ops/peak.hpp"

#include <omp.h>

#include <algorithm>
#include <vector>

#include "tailor/core/buffer.hpp"
#include "tailor/core/clock.hpp"
#include "tailor/ops/engine.hpp"
#if defined(__AVX512BF16__)
#include <immintrin.h>
// GCC 12 warns inside its own header (bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace tailor {

namespace {

constexpr int kChains =
    16;  // independent accumulators: more than latency x throughput of any FMA unit
constexpr int kRounds = 400'000;  // about 2 ms
constexpr int kRepetitions = 25;  // the best counts: anything slower was disturbed

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#else
constexpr int kLanes = 8;
#endif
typedef float Vector __attribute__((vector_size(kLanes * 4)));

// Keeps a value alive in a vector register without storing it.
template <typename V>
void keep(V& v) {
#if defined(__AVX512F__)
  asm volatile("" : "+v"(v));
#else
  asm volatile("" : "+x"(v));
#endif
}

double f32_flop() {
  Vector sums[kChains] = {};
  Vector a = Vector{} + 1.0001f;
  Vector b = Vector{} + 0.0001f;
  for (int r = 0; r < kRounds; ++r) {
    keep(a);
#pragma GCC unroll 16
    for (Vector& s : sums) s = s * a + b;
#pragma GCC unroll 16
    for (Vector& s : sums) keep(s);
  }
  return 2.0 * kLanes * kChains * kRounds;
}

double bf16_flop() {
#if defined(__AVX512BF16__)
  __m512 sums[kChains] = {};
  __m512i a = _mm512_set1_epi32(0x3f803f80);
  for (int r = 0; r < kRounds; ++r) {
    keep(a);
#pragma GCC unroll 16
    for (__m512& s : sums) s = _mm512_dpbf16_ps(s, __m512bh(a), __m512bh(a));
#pragma GCC unroll 16
    for (__m512& s : sums) keep(s);
  }
  return 4.0 * 16 * kChains * kRounds;
#else
  return 0;
#endif
}

// Best rate of `flop_of` on all threads at once, in GFLOP/s.
double best_rate(int threads, double (*flop_of)()) {
  double best = 0;
  for (int i = 0; i < kRepetitions; ++i) {
    double flop = 0;
    const Stopwatch watch;
#pragma omp parallel num_threads(threads) reduction(+ : flop)
    flop += flop_of();
    best = std::max(best, flop / watch.seconds() / 1e9);
  }
  return best;
}

double best_bandwidth(int threads) {
  const std::ptrdiff_t n = std::ptrdiff_t(1) << 25;  // 128 MiB an array
  Buffer a(std::size_t(n) * 4);
  Buffer b(std::size_t(n) * 4);
  float* from = a.floats().data();
  float* to = b.floats().data();
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const Stopwatch watch;
#pragma omp parallel for simd num_threads(threads) schedule(static)
    for (std::ptrdiff_t k = 0; k < n; ++k) to[k] = from[k] * 1.5f + to[k];
    best = std::max(best, 3.0 * 4 * double(n) / watch.seconds() / 1e9);
  }
  return best;
}

}  // namespace

Peak measure_peak(int threads) {
  const Engine engine(threads);
  Peak peak;
  peak.threads = engine.threads();
  peak.f32_gflops = best_rate(peak.threads, f32_flop);
  if (cpu_info().native_bf16) peak.bf16_gflops = best_rate(peak.threads, bf16_flop);
  peak.memory_gb_per_s = best_bandwidth(peak.threads);
  return peak;
}

}  // namespace tailor
