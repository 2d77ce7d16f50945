// What an int8 plan must know beyond the weights, measured on training images after the training.
#pragma once

#include "tailor/nn/params.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {

// Runs the images through an f32 plan and gives every layer the range whose bytes leave the
// smallest squared error on what it put out: a wider one rounds every value more coarsely, a
// narrower one cuts the largest off. `rows` holds at least one image. The same ranges for any
// number of threads, as far as the f32 plan's values are.
ActivationRanges measure_ranges(const Spec& spec, const Params& params, Engine& engine,
                                const Rows& rows);

// The range of least squared error for magnitudes of which histogram[i] lie in the i-th of equal
// bins from 0 to `largest`, zeros left out, in `levels` steps: within the range an error of
// step^2 / 12, beyond it the distance. 1 where there is nothing but zeros, so that it is a range.
float best_range(std::span<const std::int64_t> histogram, float largest, int levels);

}  // namespace tailor::internal
