#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tailor/report/charts/bars.hpp"
#include "tailor/report/charts/score_plot.hpp"
#include "tailor/report/charts/search_charts.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kMostBars = 12;

// All folds of one candidate, training and scoring; failed fits may have no time.
double seconds_of(const CandidateRow& row, int folds) {
  const double seconds = (row.mean_fit_time + row.mean_score_time) * folds;
  return std::isfinite(seconds) ? std::max(seconds, 0.0) : 0;
}

std::vector<double> done_after(const SearchView& view) {
  std::vector<double> seconds;
  for (const CandidateRow& row : view.search.rows) {
    seconds.push_back(seconds_of(row, view.search.folds));
  }
  std::partial_sum(seconds.begin(), seconds.end(), seconds.begin());
  return seconds;
}

// From 0 to the greatest, in the unit that reads best.
Axis time_axis(const std::vector<double>& seconds, const TimeUnit& unit) {
  std::vector<double> values = {0};
  for (double value : seconds) values.push_back(value / unit.seconds);
  const Limits limits = round_limits(values, 0, std::numeric_limits<double>::infinity());
  Axis axis;
  axis.ticks = value_ticks(limits, 1, "");
  for (std::size_t i = 1; i < values.size(); ++i) {
    axis.positions.push_back((values[i] - limits.low) / (limits.high - limits.low));
  }
  return axis;
}

// The best score so far, as a staircase that ends at the right edge.
std::string staircase(const SearchView& view, const Axis& axis) {
  std::string path;
  double best = -1;
  for (std::size_t i = 0; i < view.search.rows.size(); ++i) {
    const double score = view.search.rows[i].mean_test_score;
    if (!(score > best)) continue;
    best = score;
    const double x = kScoreFrame.x(axis.positions[i]), y = kScoreFrame.y(view.height(score));
    path +=
        path.empty() ? fmt::format("M{:.1f} {:.1f}", x, y) : fmt::format("H{:.1f}V{:.1f}", x, y);
  }
  if (path.empty()) return "";
  path += fmt::format("H{:.1f}", kScoreFrame.x(axis.positions.back()));
  return "<path d=\"" + path + "\" class=\"sofar\"/>\n";
}

// Cheapest first; joined are those with a better score than all before.
std::string frontier(const SearchView& view, const std::vector<double>& cost, const Axis& axis) {
  std::vector<std::size_t> order(cost.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return cost[a] < cost[b]; });
  std::string path;
  double best = -1;
  for (const std::size_t i : order) {
    const double score = view.search.rows[i].mean_test_score;
    if (!(score > best)) continue;
    best = score;
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L",
                        kScoreFrame.x(axis.positions[i]), kScoreFrame.y(view.height(score)));
  }
  return path.empty() ? "" : "<path d=\"" + path + "\" class=\"sofar\"/>\n";
}

}  // namespace

std::string score_over_time_chart(std::string_view id, const SearchView& view) {
  const std::vector<double> seconds = done_after(view);
  if (seconds.back() <= 0) return "";
  const TimeUnit unit = time_unit(seconds.back());
  const Axis axis = time_axis(seconds, unit);
  return score_plot(
      view, {std::string(id), "Score against time",
             fmt::format("Mean score of each candidate when it was done, after {} in all; the "
                         "staircase is the best so far. The table lists the times.",
                         seconds_text(seconds.back())),
             fmt::format("{} of training and scoring, added up", unit.name), axis,
             staircase(view, axis)});
}

std::string score_and_cost_chart(std::string_view id, const SearchView& view) {
  std::vector<double> cost;
  for (const CandidateRow& row : view.search.rows) {
    cost.push_back(std::isfinite(row.mean_fit_time) ? row.mean_fit_time : 0);
  }
  const double most = *std::max_element(cost.begin(), cost.end());
  if (most <= 0) return "";
  const TimeUnit unit = time_unit(most);
  const Axis axis = time_axis(cost, unit);
  return score_plot(
      view,
      {std::string(id), "Score against cost",
       "Mean score of each candidate against the mean time of one training; the line joins those "
       "that no cheaper candidate beats. The table lists the times.",
       fmt::format("{} for one training (mean over folds)", unit.name), axis,
       frontier(view, cost, axis)});
}

std::string candidate_time_chart(std::string_view id, const SearchView& view) {
  std::vector<std::size_t> order(view.search.rows.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  const auto seconds = [&](std::size_t i) {
    return seconds_of(view.search.rows[i], view.search.folds);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return seconds(a) > seconds(b); });
  if (seconds(order.front()) <= 0) return "";
  std::vector<Bar> bars;
  double rest = 0;
  for (std::size_t at = 0; at < order.size(); ++at) {
    if (at >= kMostBars) {
      rest += seconds(order[at]);
      continue;
    }
    const CandidateRow& row = view.search.rows[order[at]];
    std::string name = fmt::format("candidate {}", order[at] + 1);
    if (int(order[at]) == view.search.best_index) name += ", best";
    bars.push_back({name, seconds(order[at]), seconds_text(seconds(order[at])),
                    std::isfinite(row.mean_test_score)
                        ? fmt::format("scale q{}", view.level(row.mean_test_score))
                        : "bar second",
                    fmt::format("data-c=\"{}\"", order[at])});
  }
  if (rest > 0) {
    bars.push_back({fmt::format("the other {}", order.size() - kMostBars), rest, seconds_text(rest),
                    "bar second", ""});
  }
  return bar_chart(id, "Where the search\xE2\x80\x99s time went",
                   "Time of each candidate, all folds, training and scoring", bars);
}

}  // namespace tailor::internal
