#include <fmt/format.h>

#include <cmath>
#include <map>

#include "tailor/report/charts/score_plot.hpp"
#include "tailor/report/charts/search_charts.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kMostMeans = 12;  // distinct values that get a bar each

struct Sum {
  double total = 0;
  int count = 0;
};

// A short bar at the mean score of the candidates that share a value.
std::string mean_bars(const SearchView& view, const Axis& axis) {
  std::map<double, Sum> by_value;
  for (std::size_t i = 0; i < view.search.rows.size(); ++i) {
    const double score = view.search.rows[i].mean_test_score;
    if (!std::isfinite(score)) continue;
    Sum& sum = by_value[axis.positions[i]];
    sum.total += score;
    ++sum.count;
  }
  if (by_value.size() > kMostMeans) return "";
  std::string out;
  for (const auto& [at, sum] : by_value) {
    if (sum.count < 2) continue;
    const double x = kScoreFrame.x(at), y = kScoreFrame.y(view.height(sum.total / sum.count));
    out += svg_line(x - 12, y, x + 12, y, "mean");
  }
  return out;
}

}  // namespace

std::string slice_chart(std::string_view id, const SearchView& view, const std::string& path) {
  const Axis axis = path_axis(view, path);
  const std::string description = fmt::format(
      "Mean score of {} candidates against {}; whiskers are one standard deviation over the folds. "
      "The table lists them all.",
      view.search.rows.size(), path);
  return score_plot(view, {std::string(id), "Score against " + short_name(view, path), description,
                           path, axis, mean_bars(view, axis)});
}

}  // namespace tailor::internal
