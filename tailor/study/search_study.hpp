// A search on its own, in a folder of its own: what `tailor search` does. The test set stays shut.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tailor/study/run_study.hpp"

namespace tailor::internal {

struct SearchChoices {
  bool refit = true;          // train the best candidate on all training images in the end
  bool retry_failed = false;  // forget first what failed there
};

struct SearchOutcome {
  SearchResult search;
  std::optional<TrainedModel> refit;  // none where nobody wanted it, or it failed
  std::string refit_failed;           // why, or ""
  double train_accuracy = 0;          // of the refitted model, evaluated; its score is the search's
  double seconds = 0;                 // of this call
};

// Runs what is missing in the folder, or what a longer search adds to it, and leaves
// cv_results.csv, model.safetensors with history.csv, and report.html. nullopt when stopped; the
// same call goes on then. Throws bad_input where the folder holds anything else, before anything in
// it is changed.
std::optional<SearchOutcome> search_in_folder(const Experiment& experiment, const RunFiles& files,
                                              const SearchChoices& choices,
                                              const Observer& observer);

}  // namespace tailor::internal
