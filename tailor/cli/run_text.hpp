// What a person sees of a finished run or training on the terminal.
#pragma once

#include "tailor/cli/console.hpp"
#include "tailor/study/run_study.hpp"

namespace tailor::internal {

// The closing table on stdout, or one JSON object: the metrics, the timings, the files.
void show_run(Console& console, const StudyResult& run, const RunFiles& files);

struct TrainedFiles {
  std::filesystem::path model, history;
};

// The same of a single training; `test` where that was asked for.
void show_training_result(Console& console, const TrainingState& state, double train_accuracy,
                          const std::optional<Evaluation>& test, const TrainedFiles& files);

}  // namespace tailor::internal
