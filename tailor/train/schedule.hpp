// The learning rate as a pure function of the step.
#pragma once

#include <cstdint>

#include "tailor/train/options.hpp"

namespace tailor::internal {

// `step` counts from 0; `total` = epochs x steps_per_epoch. With r = options.learning_rate:
//   constant   r
//   step       r * step_factor^k after k * step_epochs whole epochs
//   cosine     r * (final_rate + (1 - final_rate) * (1 + cos(pi * step / total)) / 2): Keras's
//              CosineDecay(r, total, alpha = final_rate) (Loshchilov & Hutter, "SGDR", 2017)
//   one_cycle  linear from r / 25 at step 0 to r at step warmup * (total - 1), then half a cosine
//              down to r * final_rate at the last step (Smith & Topin, "Super-convergence", 2019;
//              25 is PyTorch's div_factor)
double learning_rate(const TrainOptions& options, std::int64_t step, std::int64_t steps_per_epoch,
                     std::int64_t total);

}  // namespace tailor::internal
