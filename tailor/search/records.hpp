// What a search leaves behind: plain records.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/json.hpp"
#include "tailor/core/value.hpp"

namespace tailor::internal {

// One training of one candidate on one fold.
struct FoldResult {
  int candidate = 0;
  int fold = 0;
  double test_score =
      0;  // accuracy on the fold held out; error_score if the fit failed (NaN possible)
  std::optional<double> train_score;
  double fit_seconds = 0;
  double score_seconds = 0;
  std::string error;  // why it failed, or ""
};

// A training that has no score, and why: a property of its candidate, which every try has.
struct FailedFit {
  int candidate = 0;
  int fold = 0;
  std::string error;
};

struct CandidateRow {  // one row of cv_results_
  Settings params;
  std::vector<double> test_scores;   // by fold
  std::vector<double> train_scores;  // empty unless asked for
  double mean_test_score = 0;
  double std_test_score = 0;  // population (ddof 0)
  double mean_train_score = 0;
  double std_train_score = 0;
  double mean_fit_time = 0, std_fit_time = 0, mean_score_time = 0, std_score_time = 0;
  int rank = 1;  // rankdata(-mean, "min"); rows with NaN rank last, as scikit-learn's
};

struct SearchResult {
  std::string strategy = "random";
  int folds = 0;
  std::vector<CandidateRow> rows;
  int best_index = 0;  // first row of rank 1
  std::string warning;
  std::vector<FailedFit> failed;  // candidates outer, folds inner
  // scikit-learn orders parameters, in columns and in `params`, z to a where candidates were drawn
  // from a grid and a to z elsewhere: Strategy::params_descending. Set by whoever knows it.
  bool params_descending = false;
  std::string scoring = "accuracy";  // what the scores are: search.scoring
};

// Statistics, ranks and the winner from all fold results (candidates x folds of them, any order).
// Means and deviations are numpy's to the last bit for up to 128 folds. With train scores, a fold
// that has none (its fit failed) counts with its test score, as scikit-learn's error_score does.
// `warning` counts the failed fits, `failed` lists them. Throws bad_input where a fold is missing
// or there twice.
SearchResult summarize(const std::vector<Settings>& candidates, int folds,
                       const std::vector<FoldResult>& results, bool with_train_scores);

// "candidate 3, fold 1 of 5: the loss is not a number in epoch 1": as people count.
std::string to_text(const FailedFit& fit, int folds);
// [{"candidate": 2, "fold": 0, "error": "..."}]: counted from 0, as best_index is.
Json to_json(const std::vector<FailedFit>& failed);

// numpy.mean of at most 128 numbers, in its order of summation; NaN for none.
double mean_of(std::span<const double> values);

// pandas.DataFrame(search.cv_results_).to_csv(index=False): same columns, order, Python reprs,
// empty for masked or NaN. As there, a column takes the one type that holds all its values (2
// beside 0.5 prints as 2.0), and integers beside an empty cell print as floats. Drawn floats print
// as 0.5 in `params`, where numpy 2 would write np.float64(0.5).
std::string cv_results_csv(const SearchResult& result);

}  // namespace tailor::internal
