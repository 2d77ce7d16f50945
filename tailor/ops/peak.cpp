#include "tailor/ops/peak.hpp"

#include <omp.h>

#include <algorithm>
#include <vector>

#include "tailor/core/clock.hpp"
#include "tailor/core/memory/buffer.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/ops/own/target_code.hpp"

namespace tailor::internal {

namespace {

constexpr int kRepetitions = 25;  // the best counts: anything slower was disturbed

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
  const TargetCode& code = code_for(engine.target());
  peak.f32_gflops = best_rate(peak.threads, code.f32_flop);
  peak.bf16_gflops = best_rate(peak.threads, code.bf16_flop);
  peak.memory_gb_per_s = best_bandwidth(peak.threads);
  return peak;
}

}  // namespace tailor::internal
