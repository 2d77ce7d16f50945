#include "tailor/ops/peak.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "tailor/core/clock.hpp"
#include "tailor/core/memory/buffer.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/ops/own/target_code.hpp"

namespace tailor::internal {

namespace {

constexpr int kRepetitions = 25;  // the best counts: anything slower was disturbed

// Best rate of `flop_of` on all threads at once, in GFLOP/s.
double best_rate(Team& team, double (*flop_of)()) {
  constexpr int kEach = 4;  // so many of a thread's: who begins late leaves some to the others
  std::vector<double> flop(std::size_t(team.threads() * kEach));
  double best = 0;
  for (int i = 0; i < kRepetitions; ++i) {
    const Stopwatch watch;
    team.share_out(int(flop.size()), 1, [&](int first, int last, int) {
      for (int part = first; part < last; ++part) flop[std::size_t(part)] = flop_of();
    });
    const double sum = std::accumulate(flop.begin(), flop.end(), 0.0);
    best = std::max(best, sum / watch.seconds() / 1e9);
  }
  return best;
}

double best_bandwidth(Team& team) {
  const std::ptrdiff_t n = std::ptrdiff_t(1) << 25;  // 128 MiB an array
  Buffer a(std::size_t(n) * 4);
  Buffer b(std::size_t(n) * 4);
  float* from = a.floats().data();
  float* to = b.floats().data();
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const Stopwatch watch;
    constexpr std::ptrdiff_t kPiece = 1 << 16;
    team.share_out(int(n / kPiece), 0, [&](int first, int last, int) {
      const std::ptrdiff_t end = last * kPiece;
#pragma omp simd
      for (std::ptrdiff_t k = first * kPiece; k < end; ++k) to[k] = from[k] * 1.5f + to[k];
    });
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
  peak.f32_gflops = best_rate(engine.team(), code.f32_flop);
  peak.bf16_gflops = best_rate(engine.team(), code.bf16_flop);
  peak.memory_gb_per_s = best_bandwidth(engine.team());
  return peak;
}

}  // namespace tailor::internal
