// Our kernels beside the library's for one operation, all phases of a training step together.
#pragma once

#include "tailor/measure/timing.hpp"
#include "tailor/ops/check/op_cases.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

struct KernelTimes {
  double own = 0;  // seconds of a training step, medians over the rounds
  double library = 0;
  bool differ = false;  // false: the same kernels run either way, nothing was measured twice
};

// Of a convolution or dense layer as a plan would run it: zeros or 2x2 max pooling apart where the
// kernels do not take them in. Ours and the library's alternate; `rules` are for each phase of a
// round. Stops short when asked to.
KernelTimes compare_kernels(const OpCase& c, Engine& engine, Precision precision, int rounds,
                            const TimingRules& rules, const StopFlag& stop);

// So much that another measurement would hardly say the opposite: 3 %.
bool clearly_faster(double seconds, double than);

}  // namespace tailor::internal
