#include "tailor/search/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

// numpy's pairwise sum of a short row: plain below 8 numbers, eight running sums up to 128.
double sum_of(std::span<const double> values) {
  double sum = 0;
  std::size_t next = 0;
  if (values.size() >= 8) {
    double part[8] = {};
    std::copy_n(values.begin(), 8, part);
    for (next = 8; next + 8 <= values.size(); next += 8) {
      for (std::size_t i = 0; i < 8; ++i) part[i] += values[next + i];
    }
    sum = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
  }
  for (; next < values.size(); ++next) sum += values[next];
  return sum;
}

// numpy rounds each square before it adds; the volatile keeps the compiler from fusing the two.
double square_of(double value) {
  const volatile double square = value * value;
  return square;
}

double deviation_of(std::span<const double> values, double mean) {
  std::vector<double> squares;
  for (const double value : values) squares.push_back(square_of(value - mean));
  return std::sqrt(mean_of(squares));
}

void set_statistics(std::span<const double> values, double& mean, double& deviation) {
  mean = mean_of(values);
  deviation = deviation_of(values, mean);
}

// All folds of all candidates in their place: [candidate * folds + fold].
std::vector<const FoldResult*> in_order(std::size_t candidates, int folds,
                                        const std::vector<FoldResult>& results) {
  // Before memory is taken for what a study's file only says it has.
  if (candidates > 0 && std::size_t(folds) > results.size() / candidates) {
    throw bad_input(
        fmt::format("{} of {} candidates times {} folds are done; run the search to "
                    "its end",
                    results.size(), candidates, folds));
  }
  std::vector<const FoldResult*> ordered(candidates * std::size_t(folds), nullptr);
  for (const FoldResult& result : results) {
    const auto index =
        std::size_t(result.candidate) * std::size_t(folds) + std::size_t(result.fold);
    if (result.candidate < 0 || result.fold < 0 || result.fold >= folds ||
        index >= ordered.size() || ordered[index] != nullptr) {
      throw bad_input(fmt::format("fold {} of candidate {} does not belong to this search",
                                  result.fold + 1, result.candidate + 1));
    }
    ordered[index] = &result;
  }
  return ordered;
}

CandidateRow row_of(const Settings& params, std::span<const FoldResult* const> folds,
                    bool with_train_scores) {
  CandidateRow row;
  row.params = params;
  std::vector<double> fit_times;
  std::vector<double> score_times;
  for (const FoldResult* fold : folds) {
    row.test_scores.push_back(fold->test_score);
    if (with_train_scores) row.train_scores.push_back(fold->train_score.value_or(fold->test_score));
    fit_times.push_back(fold->fit_seconds);
    score_times.push_back(fold->score_seconds);
  }
  set_statistics(fit_times, row.mean_fit_time, row.std_fit_time);
  set_statistics(score_times, row.mean_score_time, row.std_score_time);
  set_statistics(row.test_scores, row.mean_test_score, row.std_test_score);
  if (with_train_scores) {
    set_statistics(row.train_scores, row.mean_train_score, row.std_train_score);
  }
  return row;
}

// rankdata(-mean, method="min"), where scikit-learn lets NaN count as the lowest mean less one.
void set_ranks(std::vector<CandidateRow>& rows) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const CandidateRow& row : rows) lowest = std::fmin(lowest, row.mean_test_score);
  const auto ranked_mean = [&](const CandidateRow& row) {
    return std::isnan(row.mean_test_score) ? lowest - 1 : row.mean_test_score;
  };
  for (CandidateRow& row : rows) {
    const auto better = [&](const CandidateRow& other) {
      return ranked_mean(other) > ranked_mean(row);
    };
    row.rank = 1 + int(std::count_if(rows.begin(), rows.end(), better));
  }
}

std::vector<FailedFit> failed_fits(const std::vector<const FoldResult*>& results) {
  std::vector<FailedFit> failed;
  for (const FoldResult* result : results) {
    if (result->error.empty()) continue;
    failed.push_back({result->candidate, result->fold, result->error});
  }
  return failed;
}

}  // namespace

double mean_of(std::span<const double> values) {
  return sum_of(values) / double(values.size());
}

std::string to_text(const FailedFit& fit, int folds) {
  return fmt::format("candidate {}, fold {} of {}: {}", fit.candidate + 1, fit.fold + 1, folds,
                     fit.error);
}

Json to_json(const std::vector<FailedFit>& failed) {
  Json list = Json::array();
  for (const FailedFit& fit : failed) {
    list.push_back({{"candidate", fit.candidate}, {"fold", fit.fold}, {"error", fit.error}});
  }
  return list;
}

SearchResult summarize(const std::vector<Settings>& candidates, int folds,
                       const std::vector<FoldResult>& results, bool with_train_scores) {
  const std::vector<const FoldResult*> ordered = in_order(candidates.size(), folds, results);
  SearchResult summary;
  summary.folds = folds;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto own = std::span(ordered).subspan(i * std::size_t(folds), std::size_t(folds));
    summary.rows.push_back(row_of(candidates[i], own, with_train_scores));
  }
  set_ranks(summary.rows);
  const auto best = std::find_if(summary.rows.begin(), summary.rows.end(),
                                 [](const CandidateRow& row) { return row.rank == 1; });
  if (best != summary.rows.end()) summary.best_index = int(best - summary.rows.begin());
  summary.failed = failed_fits(ordered);
  if (!summary.failed.empty()) {
    summary.warning = fmt::format("{} of {} fits failed, the first with: {}", summary.failed.size(),
                                  ordered.size(), summary.failed.front().error);
  }
  return summary;
}

}  // namespace tailor::internal
