// The last pictures of a run: the maps of its test images, raw and as the final model sees them,
// and what is odd about its data.
#pragma once

#include <optional>

#include "tailor/study/run_study.hpp"

namespace tailor::internal {

// Writes explorer.html and the lists in data-check/. Returns what it found in figures; nullopt
// where it was stopped, where report.points is 0, and, with a warning, where it failed.
std::optional<Explored> write_explorer(const FinishedRun& run, const Study& study,
                                       const Observer& observer);

}  // namespace tailor::internal
