#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tailor/report/axis.hpp"
#include "tailor/report/charts.hpp"
#include "tailor/report/html.hpp"
#include "tailor/report/svg.hpp"

namespace tailor {
namespace {

struct Box {
  double x, y, width, height;
  bool meets(const Box& other) const {
    return x < other.x + other.width && other.x < x + width && y < other.y + other.height &&
           other.y < y + height;
  }
};

struct ScatterPoint {
  double x = 0, y = 0;  // SVG units
  double score = 0;     // mean test score, NaN where a fold failed
  bool best = false;
};

// The first two paths whose values differ between candidates; where fewer differ, the first ones.
std::vector<std::string> scatter_paths(const SearchResult& search) {
  std::vector<std::string> varying, still;
  for (const auto& [path, value] : search.rows.front().params) {
    const bool differs =
        std::any_of(search.rows.begin(), search.rows.end(), [&](const CandidateRow& row) {
          const auto found = row.params.find(path);
          return found == row.params.end() || !(found->second == value);
        });
    (differs ? varying : still).push_back(path);
  }
  varying.insert(varying.end(), still.begin(), still.end());
  if (varying.size() > 2) varying.resize(2);
  return varying;
}

Axis path_axis(const SearchResult& search, const std::string& path) {
  std::vector<Value> values;
  for (const CandidateRow& row : search.rows) {
    const auto found = row.params.find(path);
    values.push_back(found == row.params.end() ? Value(std::string("\xE2\x80\x93"))
                                               : found->second);
  }
  return make_axis(values);
}

Axis score_axis(const SearchResult& search) {
  std::vector<double> scores;
  for (const CandidateRow& row : search.rows) scores.push_back(row.mean_test_score);
  const Limits limits = round_limits(scores, 0, 1);
  Axis axis;
  axis.ticks = value_ticks(limits, 100, "\xC2\xA0%");
  for (double score : scores) {
    axis.positions.push_back(
        std::isfinite(score) ? (score - limits.low) / (limits.high - limits.low) : 0);
  }
  return axis;
}

// Places a label right, left, above or below its point where it meets nothing; the table has the
// value where no place is free.
std::string place_label(const ScatterPoint& point, const std::string& text, const Frame& frame,
                        std::vector<Box>& taken) {
  const double width = 7.6 * double(text.size()), height = 14;
  const double gap = point.best ? 15 : 11;
  const Box places[] = {{point.x + gap, point.y - 7, width, height},
                        {point.x - gap - width, point.y - 7, width, height},
                        {point.x - width / 2, point.y - 26, width, height},
                        {point.x - width / 2, point.y + 12, width, height}};
  for (const Box& box : places) {
    const bool inside = box.x >= frame.left && box.x + box.width <= frame.x(1) + 40 &&
                        box.y >= frame.top - 14 && box.y + box.height <= frame.y(0);
    if (!inside) continue;
    if (std::any_of(taken.begin(), taken.end(), [&](const Box& b) { return b.meets(box); })) {
      continue;
    }
    taken.push_back(box);
    return svg_text(box.x, box.y + 11.5, "start", "value", text);
  }
  return "";
}

std::string draw_points(const Frame& frame, const std::vector<ScatterPoint>& points) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  std::vector<Box> taken;
  for (const ScatterPoint& point : points) {
    if (std::isfinite(point.score)) {
      low = std::min(low, point.score);
      high = std::max(high, point.score);
    }
    taken.push_back({point.x - 9, point.y - 9, 18, 18});
  }
  std::string out;
  for (const ScatterPoint& point : points) {
    if (!std::isfinite(point.score)) {
      out += fmt::format(
          "<path d=\"M{0:.1f} {2:.1f}L{1:.1f} {3:.1f}M{0:.1f} {3:.1f}L{1:.1f} {2:.1f}\" "
          "class=\"failed\"/>\n",
          point.x - 5, point.x + 5, point.y - 5, point.y + 5);
      continue;
    }
    const double depth = high > low ? (point.score - low) / (high - low) : 1;
    out += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6.5\" fill-opacity=\"{:.2f}\" class=\"point\"/>\n",
        point.x, point.y, 0.06 + 0.94 * depth * depth);
    if (point.best) {
      out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"10.5\" class=\"best\"/>\n",
                         point.x, point.y);
    }
    out += place_label(point, decimal(100 * point.score, 2), frame, taken);
  }
  return out;
}

}  // namespace

std::string search_chart(std::string_view id, const SearchResult& search) {
  if (search.rows.empty() || search.rows.front().params.empty()) return "";
  const std::vector<std::string> paths = scatter_paths(search);
  const Axis across = path_axis(search, paths[0]);
  const Axis up = paths.size() > 1 ? path_axis(search, paths[1]) : score_axis(search);
  std::size_t widest = 4;
  for (const Tick& tick : up.ticks) widest = std::max(widest, tick.text.size());
  const double left = 14 + 7.4 * double(std::min<std::size_t>(widest, 16));
  const Frame frame{left, 40, 600 - left, 300};
  std::vector<ScatterPoint> points;
  for (std::size_t i = 0; i < search.rows.size(); ++i) {
    points.push_back({frame.x(across.positions[i]), frame.y(up.positions[i]),
                      search.rows[i].mean_test_score, int(i) == search.best_index});
  }
  const std::string up_name = paths.size() > 1 ? paths[1] : "mean score";
  const CandidateRow& best = search.rows[std::size_t(search.best_index)];
  std::string out = svg_open(
      id, 640, 392, fmt::format("Candidates over {} and {}", paths[0], up_name),
      fmt::format("{} candidates; the best, with mean score {}, has {}. The table lists them all.",
                  search.rows.size(), percent(best.mean_test_score), to_python(best.params)));
  out += svg_text(0, 15, "start", "title", up_name);
  out += ticks_left(frame, up.ticks) + ticks_below(frame, across.ticks, true);
  out += svg_text(frame.x(0.5), frame.y(0) + 40, "middle", "title", paths[0]);
  return out + draw_points(frame, points) + "</svg>\n";
}

}  // namespace tailor
