// What using a finished model costs.
#pragma once

#include "tailor/study/model.hpp"
#include "tailor/study/run_timings.hpp"

namespace tailor::internal {

// One image at a time on one thread, and 256 at a time on `threads`; `images` gives the pixels.
InferenceCost inference_cost(const Model& model, const Dataset& images, int threads);

}  // namespace tailor::internal
