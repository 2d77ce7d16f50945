// How operations share their work among an engine's threads.
#pragma once

#include <omp.h>

#include <atomic>
#include <cstdint>

#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// Runs body(thread, threads) on as many of the engine's threads as pay.
template <typename Body>
void on_threads(const Engine& engine, double microseconds, Body body) {
  const int wanted = engine.threads_for(microseconds);
#pragma omp parallel num_threads(wanted) if (wanted > 1)
  body(omp_get_thread_num(), omp_get_num_threads());
}

// Items 0..count-1 for a team of threads: each takes its own part from the front, some items at a
// time, and then what is left of the others'. What a thread wrote in one operation so mostly lies
// in its cache in the next, and nobody waits for the slowest: two cores of one machine differed by
// 3 to 12 % in an operation, one or the other, and cores of two kinds always do. Only for work
// whose result does not depend on who does it.
class Shares {
 public:
  // `chunk`: items at a time; 0: a sixteenth of a part.
  Shares(int count, int chunk, int threads);
  // Items first..last-1 are this thread's; false when there are none.
  bool take(int thread, int& first, int& last);

 private:
  static constexpr int kMostParts = 64;
  struct alignas(64) Next {
    std::atomic<int> item;
  };
  int count_, chunk_, parts_;
  Next next_[kMostParts];
};

// body(first, last, thread) until all items are done, on as many threads as pay.
template <typename Body>
void share_out(const Engine& engine, double microseconds, int count, int chunk, Body body) {
  const int wanted = engine.threads_for(microseconds);
  Shares shares(count, chunk, wanted);
#pragma omp parallel num_threads(wanted) if (wanted > 1)
  {
    const int thread = omp_get_thread_num();
    int first = 0;
    int last = 0;
    while (shares.take(thread, first, last)) body(first, last, thread);
  }
}

// body(item, thread) for every item.
template <typename Body>
void share_out_each(const Engine& engine, double microseconds, int count, Body body) {
  share_out(engine, microseconds, count, 0, [&](int first, int last, int thread) {
    for (int item = first; item < last; ++item) body(item, thread);
  });
}

// What one thread needs for so many multiply-adds, about: 200 GFLOP/s.
inline double microseconds_of(double multiply_adds) {
  return multiply_adds / 100e3;
}

// The first of `count` items of a thread's share; the next thread's ends it.
inline int part(int count, int thread, int threads) {
  return int(std::int64_t(count) * thread / threads);
}

}  // namespace tailor::internal
