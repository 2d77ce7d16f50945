#include "tailor/report/run/heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "tailor/report/charts/svg.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr int kShades = 20;
constexpr double kSide = 640;       // of the square, as nearly as whole cells come
constexpr double kNameHeight = 15;  // that a name needs for itself
constexpr double kNameLetter = 7.3;
constexpr std::size_t kLongestClassName = 18;
constexpr std::size_t kLevelName = 4;  // letters of a column's name that is not turned

struct Heat {
  const Evaluation& test;
  std::vector<std::string> names;
  double cell = 1;
  double left = 0, top = 0;  // of the square

  std::size_t classes() const { return test.confusion.size(); }
  double side() const { return cell * double(classes()); }
};

// Where names are alike as far as there is room for them, their numbers stand before them.
std::vector<std::string> class_names(const Evaluation& test) {
  std::vector<std::string> names;
  for (const ClassScores& scores : test.per_class) {
    names.push_back(shortened(scores.name, kLongestClassName));
  }
  const bool apart = std::set<std::string>(names.begin(), names.end()).size() == names.size();
  for (std::size_t i = 0; !apart && i < names.size(); ++i) {
    names[i] = shortened(fmt::format("{} {}", i, test.per_class[i].name), kLongestClassName);
  }
  names.resize(test.confusion.size());
  return names;
}

// One path per shade: a hundred classes have up to 10,000 cells.
std::string heat_paths(const Heat& heat) {
  std::map<std::pair<bool, int>, std::string> paths;
  for (std::size_t r = 0; r < heat.classes(); ++r) {
    const std::vector<std::int64_t>& row = heat.test.confusion[r];
    const auto total = double(std::accumulate(row.begin(), row.end(), std::int64_t(0)));
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (row[c] == 0) continue;
      const double deep = 0.15 + 0.85 * std::sqrt(double(row[c]) / total);
      paths[{r == c, int(std::ceil(deep * kShades))}] +=
          fmt::format("M{:g} {:g}h{:g}v{:g}h{:g}z", heat.left + heat.cell * double(c),
                      heat.top + heat.cell * double(r), heat.cell, heat.cell, -heat.cell);
    }
  }
  std::string out;
  for (const auto& [key, path] : paths) {
    out += fmt::format("<path d=\"{}\" fill-opacity=\"{:.2f}\" class=\"{}\"/>\n", path,
                       double(key.second) / kShades, key.first ? "right" : "wrong");
  }
  return out;
}

// Every how many classes there is room for a name that takes `length` along the axis.
std::size_t every(const Heat& heat, double length) {
  return std::size_t(std::max(1.0, std::ceil(length / heat.cell)));
}

std::string row_names(const Heat& heat) {
  std::string out;
  for (std::size_t i = 0; i < heat.classes(); i += every(heat, kNameHeight)) {
    const double y = heat.top + heat.cell * (double(i) + 0.5);
    out += svg_line(heat.left - 4, y, heat.left, y, "axis");
    out += svg_text(heat.left - 7, y + 4.5, "end", "", heat.names[i]);
  }
  return out;
}

std::string column_names(const Heat& heat, std::size_t longest) {
  const bool level = longest <= kLevelName;
  std::string out;
  for (std::size_t i = 0; i < heat.classes();
       i += every(heat, level ? kNameLetter * double(longest) + 6 : kNameHeight)) {
    const double x = heat.left + heat.cell * (double(i) + 0.5);
    out += svg_line(x, heat.top - 4, x, heat.top, "axis");
    out += level ? svg_text(x, heat.top - 7, "middle", "", heat.names[i])
                 : fmt::format("<g transform=\"translate({:.1f} {:.1f}) rotate(-90)\">{}</g>\n",
                               x + 4.5, heat.top - 7, svg_text(0, 0, "start", "", heat.names[i]));
  }
  return out;
}

}  // namespace

std::string heat_map_html(std::string_view id, const Evaluation& test) {
  Heat heat{test, class_names(test),
            std::max(2.0, std::floor(kSide / double(test.confusion.size())))};
  std::size_t longest = 1;
  for (const std::string& name : heat.names) longest = std::max(longest, letter_count(name));
  heat.left = 12 + kNameLetter * double(longest);
  heat.top = longest <= kLevelName ? 26 : heat.left;
  const double width = heat.left + heat.side() + 2;
  std::string out = svg_open(
      id, width, heat.top + heat.side() + 2, "Confusion matrix",
      fmt::format("{} classes; rows are true classes, columns predicted ones. The hits on the "
                  "diagonal are {} of all images; the worst pairs stand in a table.",
                  heat.classes(), percent(test.accuracy)));
  out += row_names(heat) + column_names(heat, longest) + heat_paths(heat);
  out += svg_line(heat.left, heat.top, heat.left + heat.side(), heat.top, "axis");
  out += svg_line(heat.left, heat.top, heat.left, heat.top + heat.side(), "axis");
  const std::size_t step = every(heat, kNameHeight);
  return fmt::format(
             "<div class=\"heat\">\n<div class=\"scroll wide\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"Confusion matrix\" style=\"--least: {:.0f}px; --most: {:.0f}px\">\n",
             0.8 * width, 1.1 * width) +
         out + "</svg>\n</div>\n" +
         paragraph(fmt::format(
                       "Rows: true classes from the top; columns: what the model said. Blue "
                       "diagonal: hits, orange: mistakes; deeper for a larger share of the row.{}",
                       step > 1 ? fmt::format(" One class in {} has its name here.", step) : ""),
                   "soft") +
         "</div>\n";
}

}  // namespace tailor::internal
