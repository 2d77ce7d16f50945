// How operations share their work among an engine's threads.
#pragma once

#include "tailor/core/team/part.hpp"
#include "tailor/core/team/team.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// body(first, last, thread) until items 0..count-1 are done, `chunk` at a time (0: as Shares has
// it), on as many of the engine's threads as pay.
template <typename Body>
void share_out(const Engine& engine, double microseconds, int count, int chunk, Body body) {
  if (engine.threads_for(microseconds) == 1) {
    if (count > 0) body(0, count, engine.team().worker());
  } else {
    engine.team().share_out(count, chunk, body);
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

}  // namespace tailor::internal
