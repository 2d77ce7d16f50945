#include "tailor/report/run/search_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "tailor/report/parts/html.hpp"
#include "tailor/report/parts/statistics.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kLeastScores = 5;  // with fewer, any order looks like a rule

struct Trend {
  bool numbers = true;     // every value is one
  std::size_t scores = 0;  // candidates with a score that set the path
  double correlation = 0;  // NaN with too few scores or where one side does not vary
  bool clear() const { return std::abs(correlation) > chance_correlation(scores); }
};

Trend trend_of(const SearchView& view, const std::string& path) {
  Trend trend;
  std::vector<double> values, scores;
  for (const CandidateRow& row : view.search.rows) {
    const auto found = row.params.find(path);
    if (found == row.params.end() || !std::isfinite(row.mean_test_score)) continue;
    values.push_back(number_of(found->second));
    scores.push_back(row.mean_test_score);
    trend.numbers = trend.numbers && std::isfinite(values.back());
  }
  trend.scores = scores.size();
  trend.correlation = trend.numbers && scores.size() >= kLeastScores
                          ? rank_correlation(values, scores)
                          : std::numeric_limits<double>::quiet_NaN();
  return trend;
}

std::string signed_text(double correlation) {
  return (correlation < 0 ? "\xE2\x88\x92" : "+") + decimal(std::abs(correlation), 2);
}

std::string category_finding(const SearchView& view, const std::string& path) {
  std::map<std::string, std::pair<double, int>> by_value;
  for (const CandidateRow& row : view.search.rows) {
    if (!std::isfinite(row.mean_test_score)) continue;
    auto& [total, count] = by_value[shown_value(row, path)];
    total += row.mean_test_score;
    ++count;
  }
  if (by_value.size() < 2) return "";
  const auto mean = [](const auto& entry) { return entry.second.first / entry.second.second; };
  const auto [worst, best] =
      std::minmax_element(by_value.begin(), by_value.end(),
                          [&](const auto& a, const auto& b) { return mean(a) < mean(b); });
  return fmt::format("{}: mean {} over {} with {}, {} over {} with {}.", short_name(view, path),
                     percent(mean(*best)), best->second.second, best->first, percent(mean(*worst)),
                     worst->second.second, worst->first);
}

std::string lead_finding(const SearchView& view) {
  const CandidateRow& best = view.best();
  if (!std::isfinite(best.mean_test_score)) return "No candidate has a score.";
  std::size_t scored = 0, close = 0;
  double second = -1;
  for (std::size_t i = 0; i < view.search.rows.size(); ++i) {
    const double score = view.search.rows[i].mean_test_score;
    if (!std::isfinite(score)) continue;
    ++scored;
    if (int(i) == view.search.best_index) continue;
    second = std::max(second, score);
    if (score >= best.mean_test_score - best.std_test_score) ++close;
  }
  if (scored < 2) return "";
  std::string text = fmt::format("The best is {} points ahead of the next",
                                 decimal(100 * (best.mean_test_score - second), 2));
  if (close == 0) return text + "; no other comes within one standard deviation of its folds.";
  return text + fmt::format(
                    "; {} other{} within one standard deviation of its folds, so their order "
                    "is not settled.",
                    close, close == 1 ? " stands" : "s stand");
}

std::string failure_finding(const SearchView& view) {
  std::size_t failed = 0;
  for (const CandidateRow& row : view.search.rows) failed += !std::isfinite(row.mean_test_score);
  if (failed == 0) return "";
  return fmt::format("{} of {} candidates have no score, since a training of theirs failed.",
                     failed, view.search.rows.size());
}

std::string outlier_finding(const SearchView& view) {
  if (view.below == 0) return "";
  return fmt::format(
      "{} candidate{} far below the others: in the charts at the lower edge and in the lowest "
      "colour, under {}.",
      view.below, view.below == 1 ? " scored" : "s scored", percent(view.low));
}

}  // namespace

std::string slice_finding(const SearchView& view, const std::string& path) {
  const Trend trend = trend_of(view, path);
  if (!trend.numbers) return trend.scores < kLeastScores ? "" : category_finding(view, path);
  if (!std::isfinite(trend.correlation)) return "";
  const char* verdict = !trend.clear()          ? "no clear rise or fall"
                        : trend.correlation > 0 ? "higher values scored better"
                                                : "lower values scored better";
  return fmt::format(
      "{}: {} (rank correlation with the score {}; up to \xC2\xB1{} could be chance).",
      short_name(view, path), verdict, signed_text(trend.correlation),
      decimal(chance_correlation(trend.scores), 2));
}

std::vector<std::string> search_findings(const SearchView& view) {
  std::vector<std::string> findings = {lead_finding(view)};
  std::string unclear;
  for (std::size_t i = 0; i < view.varying; ++i) {
    const Trend trend = trend_of(view, view.paths[i]);
    if (trend.numbers && std::isfinite(trend.correlation) && !trend.clear()) {
      unclear += (unclear.empty() ? "" : ", ") + short_name(view, view.paths[i]);
    } else {
      findings.push_back(slice_finding(view, view.paths[i]));
    }
  }
  if (!unclear.empty())
    findings.push_back("No clear rise or fall of the score with: " + unclear + ".");
  findings.push_back(outlier_finding(view));
  findings.push_back(failure_finding(view));
  std::erase(findings, "");
  return findings;
}

}  // namespace tailor::internal
