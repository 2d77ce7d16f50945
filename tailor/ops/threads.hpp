// How our own kernels share their work among an engine's threads.
#pragma once

#include <omp.h>

#include <cstdint>

#include "tailor/ops/engine.hpp"

namespace tailor {

// Runs body(thread, threads) on as many of the engine's threads as pay.
template <typename Body>
void on_threads(const Engine& engine, double microseconds, Body body) {
  const int wanted = engine.threads_for(microseconds);
#pragma omp parallel num_threads(wanted) if (wanted > 1)
  body(omp_get_thread_num(), omp_get_num_threads());
}

// What one thread needs for so many multiply-adds, about: 200 GFLOP/s.
inline double microseconds_of(double multiply_adds) {
  return multiply_adds / 100e3;
}

// The first of `count` items of a thread's share; the next thread's ends it.
inline int part(int count, int thread, int threads) {
  return int(std::int64_t(count) * thread / threads);
}

}  // namespace tailor
