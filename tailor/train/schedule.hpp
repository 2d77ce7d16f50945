// The learning rate as a pure function of the step.
#pragma once

#include <cstdint>

#include "tailor/train/options.hpp"

namespace tailor {

// `step` counts from 0; `total` = epochs x steps_per_epoch.
double learning_rate(const TrainOptions& options, std::int64_t step, std::int64_t steps_per_epoch,
                     std::int64_t total);

}  // namespace tailor
