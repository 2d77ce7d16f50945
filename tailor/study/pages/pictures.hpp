// Which test images the report shows, and what the final model's layers make of one.
#pragma once

#include <optional>
#include <vector>

#include "tailor/report/run/report.hpp"
#include "tailor/study/run_study.hpp"

namespace tailor::internal {

// The final model's calibrated answers to all test images, without their pixels.
struct Answers {
  const Dataset& test;
  std::vector<Pictured> images;  // by row of the set, which Pictured::index is; without pixels
};

Answers answers_of(const FinishedRun& run);

std::vector<Pictured> worst_mistakes(const Answers& answers);  // wrong, the surest first
std::vector<Pictured> unsure_hits(const Answers& answers);     // right, the least sure first
// What decided each of these answers; on all of the experiment's threads.
void add_evidence(const FinishedRun& run, int threads, std::vector<Pictured>& pictures);

std::vector<Pictured> confusion_cells(const Answers& answers);  // the surest of every cell

// Of the first test image that was named correctly; nullopt where there is none.
std::optional<Anatomy> anatomy_of(const FinishedRun& run, const Answers& answers);

}  // namespace tailor::internal
