// [search] of an experiment: RandomizedSearchCV's arguments, and the strategy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tailor/core/fields.hpp"
#include "tailor/search/space.hpp"

namespace tailor::internal {

struct SearchOptions {
  std::string strategy = "random";  // one of strategy_names()
  int n_iter = 10;
  int cv = 5;            // stratified folds
  bool shuffle = false;  // of the folds; scikit-learn's integer cv does not
  std::uint64_t random_state =
      0;             // of candidates (and of shuffled folds); at most 2^32 - 1, as numpy's
  int parallel = 0;  // trials at a time, 0 = one per core; never changes a result
  int threads_per_trial = 1;
  std::string scoring = "accuracy";  // accuracy | balanced_accuracy | f1_macro
  std::string error_score = "nan";   // as parse_error_score takes it
  bool return_train_score = false;
  std::vector<Space> spaces;  // [search.space] or several [[search.space]]

  // (Space has no ==; compare through the effective experiment's text.)
};

FieldList fields_of(SearchOptions& options);

}  // namespace tailor::internal
