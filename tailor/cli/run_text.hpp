// What a person sees of a finished run or training on the terminal.
#pragma once

#include "tailor/cli/console.hpp"
#include "tailor/study/run_study.hpp"

namespace tailor::internal {

// The closing table on stdout, or one JSON object: the metrics, the timings, the files.
void show_run(Console& console, const StudyResult& run, const RunFiles& files);

// Of one training.
struct TrainingResult {
  std::vector<EpochRecord> history;
  std::size_t weights = 0;
  Evaluation train;                           // of the finished model, dropout off
  std::optional<Evaluation> test;             // where that was asked for
  std::optional<Evaluation> validation = {};  // where there are such images
  std::filesystem::path model_file, history_file;
};
void show_training_result(Console& console, const TrainingResult& result);

// A line for each training of a search that failed, up to ten; "" for none.
std::string failed_fits_text(const std::vector<FailedFit>& failed, int folds);

}  // namespace tailor::internal
