// The search as a whole: candidates x folds, each training one model on one fold of the training
// set. Nothing here ever sees the test set.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/stop.hpp"
#include "tailor/data/dataset.hpp"
#include "tailor/data/folds.hpp"
#include "tailor/search/records.hpp"
#include "tailor/search/study.hpp"
#include "tailor/study/experiment/experiment.hpp"

namespace tailor::internal {

// What a search would run, in order: candidates outer, folds inner.
struct SearchPlan {
  std::vector<Settings> candidates;  // known before the first trial
  std::vector<Fold> folds;
  std::string warning;  // the strategy's, or ""
  Propose propose;      // asked for more candidates; may be empty
  bool params_descending = false;
  int trainings() const { return int(candidates.size() * folds.size()); }
};

// Asks the strategy for the candidates that need no score, and splits the rows. Throws bad_input
// for an empty space, n_iter < 1, folds the classes cannot fill, a strategy that is unknown or
// cannot search the space.
SearchPlan plan_search(const Experiment& experiment, const Dataset& train);

// Digest of everything that decides a search's results: the model, the training, the search's own
// options, seed, precision and data; not names, folders, threads or how many trials run at a time.
// `data_fingerprint` is fingerprint() of the training set as searched, slice and all.
std::string study_key(const Experiment& experiment, const std::string& data_fingerprint);

// Where the store holds the search of `then` on these images, and `now` differs from it in which
// candidates there are alone: makes it the search of `now`, if its candidates are those and more,
// and all their results stay. False where there is nothing to extend. Throws bad_input where the
// candidates are others.
bool extend_search(const Experiment& then, const Experiment& now, const SearchPlan& plan,
                   const std::string& data_fingerprint, StudyStore& store);

// The experiment as one trial or the final model trains it: candidate applied and checked.
Experiment with_settings(const Experiment& experiment, const Settings& settings);

// What a store says of trials that did not fail must be accuracies. Throws bad_input.
void check_scores(const std::vector<FoldResult>& results);

// A pure function of its arguments, so results do not depend on who runs which trial when.
std::uint64_t trial_seed(std::uint64_t seed, int candidate, int fold);

struct SearchHooks {
  std::function<void(const StudyProgress&)> on_progress;  // under a lock, from any trial thread
  const StopFlag* stop = nullptr;
};

// Runs what the store lacks, on search.parallel threads with an Engine of search.threads_per_trial
// each, and ranks. nullopt when stopped before the end; the store then holds every finished fold
// and the same call goes on.
std::optional<SearchResult> run_search(const Experiment& experiment, const SearchPlan& plan,
                                       const Dataset& train, const std::string& data_fingerprint,
                                       StudyStore& store, const SearchHooks& hooks);

// search.parallel, or one trial per core where it is 0; never more than there are trainings.
int parallel_trials(const Experiment& experiment, const SearchPlan& plan);

}  // namespace tailor::internal
