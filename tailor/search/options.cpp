#include "tailor/search/options.hpp"

#include "tailor/core/limits.hpp"
#include "tailor/search/strategies.hpp"

namespace tailor::internal {

FieldList fields_of(SearchOptions& options) {
  return {
      {.path = "strategy",
       .target = &options.strategy,
       .help = strategy_help(),
       .choices = strategy_names()},
      {.path = "n_iter",
       .target = &options.n_iter,
       .help = "candidates drawn; a grid has its own number",
       .min = 1,
       .max = double(kMostCandidates)},
      {.path = "cv",
       .target = &options.cv,
       .help = "stratified folds of the training set",
       .min = 2},
      {.path = "shuffle", .target = &options.shuffle, .help = "shuffle before splitting"},
      {.path = "random_state",
       .target = &options.random_state,
       .help = "seed of the candidates and of shuffled folds",
       .min = 0,
       .max = 4294967295.0},
      {.path = "parallel",
       .target = &options.parallel,
       .help = "trials at a time, 0 = one per core",
       .min = 0,
       .max = 1024,
       .scope = Scope::kMachine},
      {.path = "threads_per_trial",
       .target = &options.threads_per_trial,
       .help = "threads of each trial",
       .min = 1,
       .max = 1024},
      {.path = "scoring",
       .target = &options.scoring,
       .help = "what candidates are ranked by",
       .choices = {"accuracy", "balanced_accuracy", "f1_macro"},
       .quiet = true},
      {.path = "error_score",
       .target = &options.error_score,
       .help = "score of a fit that failed: nan, raise or a number"},
      {.path = "return_train_score",
       .target = &options.return_train_score,
       .help = "score each trial's training folds too"},
  };
}

}  // namespace tailor::internal
