// What using a finished model costs.
#pragma once

#include "tailor/study/run_study.hpp"

namespace tailor {

// One image at a time on one thread, and 256 at a time on the run's threads; `images` gives the
// pixels.
InferenceCost inference_cost(TrainedModel& model, const Study& study, const Dataset& images);

}  // namespace tailor
