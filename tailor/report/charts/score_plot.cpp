#include "tailor/report/charts/score_plot.hpp"

#include <fmt/format.h>

#include <cmath>

#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

// All whiskers as one path, so that a thousand of them weigh little.
std::string whiskers(const SearchView& view, const Frame& frame, const Axis& across) {
  if (view.search.rows.size() > kMostWhiskers) return "";
  std::string out;
  for (std::size_t i = 0; i < view.search.rows.size(); ++i) {
    const CandidateRow& row = view.search.rows[i];
    if (!std::isfinite(row.mean_test_score) || !(row.std_test_score > 0)) continue;
    const double top = frame.y(view.height(row.mean_test_score + row.std_test_score));
    const double bottom = frame.y(view.height(row.mean_test_score - row.std_test_score));
    out += fmt::format("<path d=\"M{:.1f} {:.1f}V{:.1f}\" class=\"whisker\" data-c=\"{}\"/>\n",
                       frame.x(across.positions[i]), top, bottom, i);
  }
  return out;
}

}  // namespace

std::string score_plot(const SearchView& view, const ScorePlot& plot) {
  const Frame& frame = kScoreFrame;
  const std::size_t count = view.search.rows.size();
  std::string out = svg_open(plot.id, 460, 276, plot.title, plot.description);
  out += svg_text(0, 15, "start", "title", shortened(plot.title, 52));
  out += ticks_left(frame, value_ticks(view.limits, 100, "\xC2\xA0%"));
  out += ticks_below(frame, plot.across.ticks, false);
  out += svg_text(frame.x(0.5), frame.y(0) + 38, "middle", "", shortened(plot.across_name, 52));
  out += plot.strokes + whiskers(view, frame, plot.across);
  for (const std::size_t i : drawing_order(view)) {
    const double score = view.search.rows[i].mean_test_score;
    const double up = std::isfinite(score) ? view.height(score) : 0;
    out += candidate_mark(view, i, frame.x(plot.across.positions[i]), frame.y(up),
                          count > 100 ? 3 : 5);
  }
  return out + "</svg>\n";
}

}  // namespace tailor::internal
