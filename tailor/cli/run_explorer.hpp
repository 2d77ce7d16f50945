// The last pictures of a run: the maps of its test images, raw and as the final model sees them,
// and what is odd about its data.
#pragma once

#include <optional>

#include "tailor/cli/pipeline.hpp"
#include "tailor/core/json.hpp"

namespace tailor {

// Writes explorer.html and the lists in data-check/. Returns what it found in figures, free of
// times; nullopt when stopped. With report.points = 0 it does nothing and returns an empty object.
std::optional<Json> write_explorer(FinishedRun& run, const Study& study, Context& context);

}  // namespace tailor
