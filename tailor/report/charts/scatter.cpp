#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/report/charts/search_charts.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kMostLabelled = 24;
constexpr double kLongestWhisker = 20;  // SVG units, each way, of the greatest deviation

struct LabelBox {
  double x, y, width, height;
  bool meets(const LabelBox& other) const {
    return x < other.x + other.width && other.x < x + width && y < other.y + other.height &&
           other.y < y + height;
  }
};

struct ScatterPoint {
  double x = 0, y = 0;  // SVG units
  double score = 0;     // mean test score, NaN where a fold failed
  double whisker = 0;   // SVG units each way
  bool best = false;
};

Axis score_axis(const SearchView& view) {
  Axis axis;
  axis.ticks = value_ticks(view.limits, 100, "\xC2\xA0%");
  for (const CandidateRow& row : view.search.rows) {
    const bool scored = std::isfinite(row.mean_test_score);
    axis.positions.push_back(scored ? view.height(row.mean_test_score) : 0);
  }
  return axis;
}

double greatest_deviation(const SearchView& view) {
  double greatest = 0;
  for (const CandidateRow& row : view.search.rows) {
    if (std::isfinite(row.std_test_score)) greatest = std::max(greatest, row.std_test_score);
  }
  return greatest;
}

// Places a label right, left, above or below its point where it meets nothing; the table has the
// value where no place is free.
std::string place_label(const ScatterPoint& point, const std::string& text, const Frame& frame,
                        std::vector<LabelBox>& taken) {
  const double width = 7.6 * double(text.size()), height = 14;
  const double gap = point.best ? 14 : 10;
  const LabelBox places[] = {
      {point.x + gap, point.y - 7, width, height},
      {point.x - gap - width, point.y - 7, width, height},
      {point.x - width / 2, point.y - std::max(gap, point.whisker) - 16, width, height},
      {point.x - width / 2, point.y + std::max(gap, point.whisker) + 2, width, height}};
  for (const LabelBox& box : places) {
    const bool inside = box.x >= frame.left && box.x + box.width <= frame.x(1) + 40 &&
                        box.y >= frame.top - 14 && box.y + box.height <= frame.y(0);
    if (!inside) continue;
    if (std::any_of(taken.begin(), taken.end(), [&](const LabelBox& b) { return b.meets(box); })) {
      continue;
    }
    taken.push_back(box);
    return svg_text(box.x, box.y + 11.5, "start", "value", text);
  }
  return "";
}

std::string draw_points(const SearchView& view, const Frame& frame,
                        const std::vector<ScatterPoint>& points) {
  std::string whiskers, marks, labels;
  std::vector<LabelBox> taken;
  const std::vector<std::size_t> order = drawing_order(view);
  for (const ScatterPoint& point : points) {
    taken.push_back({point.x - 8, point.y - 8, 16, 16});
    taken.push_back({point.x - 2, point.y - point.whisker, 4, 2 * point.whisker});
  }
  for (const std::size_t i : order) {
    const ScatterPoint& point = points[i];
    if (point.whisker > 0 && points.size() <= kMostWhiskers) {
      whiskers +=
          fmt::format("<path d=\"M{:.1f} {:.1f}V{:.1f}\" class=\"whisker\" data-c=\"{}\"/>\n",
                      point.x, point.y - point.whisker, point.y + point.whisker, i);
    }
    marks += candidate_mark(view, i, point.x, point.y, points.size() > 100 ? 4 : 5.5);
  }
  for (auto i = order.rbegin(); i != order.rend(); ++i) {  // the best has the first choice
    const ScatterPoint& point = points[*i];
    if (std::isfinite(point.score) && (points.size() <= kMostLabelled || point.best)) {
      labels += place_label(point, decimal(100 * point.score, 2), frame, taken);
    }
  }
  return whiskers + marks + labels;
}

// The colour scale and the length of a whisker, under the axis.
std::string legend(const SearchView& view, const Frame& frame) {
  const double y = frame.y(0) + 58;
  std::string out = view.high > view.low ? colour_bar(view, frame.left + 62, y, 120) : "";
  const double greatest = greatest_deviation(view);
  if (greatest <= 0 || view.search.rows.size() > kMostWhiskers) return out;
  const double x = frame.left + 282;
  out += fmt::format("<path d=\"M{:.1f} {:.1f}V{:.1f}\" class=\"whisker\"/>\n", x,
                     y + 5 - kLongestWhisker, y + 5 + kLongestWhisker);
  return out + svg_text(x + 9, y + 9.5, "start", "",
                        "\xC2\xB1 " + decimal(100 * greatest, 2) + " points");
}

}  // namespace

std::string scatter_chart(std::string_view id, const SearchView& view) {
  if (view.paths.empty()) return "";
  const std::string& first = view.paths[0];
  const bool two = view.paths.size() > 1 && view.varying != 1;
  const Axis across = path_axis(view, first);
  const Axis up = two ? path_axis(view, view.paths[1]) : score_axis(view);
  std::size_t widest = 4;
  for (const Tick& tick : up.ticks) widest = std::max(widest, tick.text.size());
  const double left = 14 + 7.4 * double(std::min<std::size_t>(widest, 16));
  const Frame frame{left, 34, 448 - left, 250};
  const double greatest = greatest_deviation(view);
  std::vector<ScatterPoint> points;
  for (std::size_t i = 0; i < view.search.rows.size(); ++i) {
    const CandidateRow& row = view.search.rows[i];
    const double whisker = greatest > 0 && std::isfinite(row.std_test_score)
                               ? kLongestWhisker * row.std_test_score / greatest
                               : 0;
    points.push_back({frame.x(across.positions[i]), frame.y(up.positions[i]), row.mean_test_score,
                      whisker, int(i) == view.search.best_index});
  }
  const std::string up_name = two ? view.paths[1] : "mean score";
  std::string out = svg_open(
      id, 480, 372, fmt::format("Candidates over {} and {}", first, up_name),
      fmt::format("{} candidates; the best, with mean score {}, has {}. The table lists them all.",
                  view.search.rows.size(), percent(view.best().mean_test_score),
                  to_python(view.best().params)));
  out += svg_text(0, 15, "start", "title", shortened(up_name, 50));
  out += ticks_left(frame, up.ticks) + ticks_below(frame, across.ticks, true);
  out += svg_text(frame.x(0.5), frame.y(0) + 40, "middle", "title", shortened(first, 50));
  return out + draw_points(view, frame, points) + legend(view, frame) + "</svg>\n";
}

}  // namespace tailor::internal
