// The table of operation cases in performance mode: the shapes that decide how fast our nets and
// their neighbours learn, timed one phase at a time on the kernels a plan would choose.
#pragma once

#include <string>
#include <vector>

#include "tailor/measure/timing.hpp"
#include "tailor/ops/check/op_cases.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// Names say "conv3x3 32->64@14": source channels, filters, rows of the source.
std::vector<OpCase> op_bench_cases(int batch);

struct OpTiming {
  OpPhase phase = OpPhase::kForward;
  std::string implementation;
  Timing timing;
  // What the phase must do at least: 2 FLOP for a multiply-add of the direct algorithm, zeros
  // around the image included, channels as the net counts them; 0 where memory decides.
  double flop = 0;
  double bytes = 0;  // read and written, every value once
};

// Of a convolution in a training plan, whose source needs a gradient where it is no image.
ConvSite site_of(const OpCase& c, Engine& engine, Precision precision);

// What a training plan runs of this operation. Its source, kernel and gradient are random, and it
// has no gradient to hand on where it reads the images. Nothing for a convolution with pooling of
// which a plan makes two operations here. Stops short when asked to.
std::vector<OpTiming> time_op(const OpCase& c, Engine& engine, Precision precision,
                              const TimingRules& rules, const StopFlag& stop);

}  // namespace tailor::internal
