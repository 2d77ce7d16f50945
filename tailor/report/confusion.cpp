#include "tailor/report/confusion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "tailor/report/html.hpp"
#include "tailor/report/svg.hpp"

namespace tailor {
namespace {

constexpr std::size_t kTableClasses = 30;  // beyond, figures no longer fit any screen

std::int64_t row_sum(const std::vector<std::int64_t>& row) {
  std::int64_t sum = 0;
  for (std::int64_t count : row) sum += count;
  return sum;
}

double share_of(std::int64_t count, std::int64_t total) {
  return total > 0 ? double(count) / double(total) : 0;
}

// Mistakes are a few per cent of a row, so their shade grows with the square root of the share.
double shade(double share, bool hit) {
  return hit ? 0.08 + 0.42 * share : 0.85 * std::sqrt(share);
}

std::string cell_html(std::int64_t count, double share, bool hit) {
  if (count == 0 && !hit) return "<td class=\"zero\">0</td>";
  return fmt::format("<td{} style=\"--a: {:.2f}\">{}</td>", hit ? " class=\"hit\"" : "",
                     std::min(shade(share, hit), 0.6), grouped(count));
}

std::string counts_table(const Evaluation& test) {
  std::string out =
      "<div class=\"scroll confusion\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Confusion matrix\">\n<table>\n<caption>Confusion matrix: rows are true "
      "classes, "
      "columns what the model said; shaded by the share of the row</caption>\n"
      "<thead><tr><th scope=\"col\">true \\ predicted</th>";
  for (const ClassScores& scores : test.per_class) {
    out += "<th scope=\"col\"><div class=\"turned\">" + escape(scores.name) + "</div></th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < test.confusion.size(); ++r) {
    const std::int64_t total = row_sum(test.confusion[r]);
    out += "<tr><th scope=\"row\">" + escape(test.per_class[r].name) + "</th>";
    for (std::size_t c = 0; c < test.confusion[r].size(); ++c) {
      const std::int64_t count = test.confusion[r][c];
      out += cell_html(count, share_of(count, total), r == c);
    }
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n</div>\n";
}

std::string heat_map(std::string_view id, const Evaluation& test) {
  const std::size_t classes = test.confusion.size();
  const double cell = std::max(2.0, std::floor(800.0 / double(classes)));
  const double side = cell * double(classes), offset = 24;
  std::string out = svg_open(
      id, side + offset, side + offset, "Confusion matrix",
      fmt::format("{} classes; rows are true classes, columns predicted ones. The hits on the "
                  "diagonal are {} of all images; the worst pairs stand in a table.",
                  classes, percent(test.accuracy)));
  out += svg_text(offset, 14, "start", "", "predicted, 0 to " + std::to_string(classes - 1));
  for (std::size_t r = 0; r < classes; ++r) {
    const std::int64_t total = row_sum(test.confusion[r]);
    for (std::size_t c = 0; c < classes; ++c) {
      const std::int64_t count = test.confusion[r][c];
      if (count == 0) continue;
      out += fmt::format(
          "<rect x=\"{:g}\" y=\"{:g}\" width=\"{}\" height=\"{}\" fill-opacity=\"{:.2f}\" "
          "class=\"{}\"/>\n",
          offset + cell * double(c), offset + cell * double(r), cell, cell,
          std::min(1.0, 0.15 + shade(share_of(count, total), r == c)), r == c ? "right" : "wrong");
    }
  }
  out += svg_line(offset, offset, offset + side, offset, "axis");
  out += svg_line(offset, offset, offset, offset + side, "axis");
  return figure_html(
      out + "</svg>\n",
      "Rows: true classes from the top; columns: what the model said. Blue diagonal: "
      "hits, orange: mistakes.");
}

}  // namespace

std::string confusion_html(std::string_view id, const Evaluation& test) {
  if (test.confusion.empty()) return "";
  return test.confusion.size() <= kTableClasses ? counts_table(test) : heat_map(id, test);
}

std::string confused_pairs_html(const Evaluation& test, int count) {
  std::vector<std::tuple<std::int64_t, std::size_t, std::size_t>> pairs;
  for (std::size_t r = 0; r < test.confusion.size(); ++r) {
    for (std::size_t c = 0; c < test.confusion[r].size(); ++c) {
      if (r != c && test.confusion[r][c] > 0) pairs.emplace_back(test.confusion[r][c], r, c);
    }
  }
  if (pairs.empty()) return "";
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& a, const auto& b) { return std::get<0>(a) > std::get<0>(b); });
  if (int(pairs.size()) > count) pairs.resize(std::size_t(count));
  Table table{"Most often confused",
              {{"true class", false}, {"taken for", false}, {"images"}, {"share of class"}},
              {},
              -1,
              false};
  for (const auto& [images, r, c] : pairs) {
    table.rows.push_back({test.per_class[r].name, test.per_class[c].name, grouped(images),
                          percent(share_of(images, row_sum(test.confusion[r])), 1)});
  }
  return table_html(table);
}

std::string class_table_html(const Evaluation& test) {
  if (test.per_class.empty()) return "";
  Table table{"Scores by class",
              {{"class", false}, {"precision"}, {"recall"}, {"F1"}, {"support"}},
              {},
              -1,
              true};
  const auto add = [&](const ClassScores& s) {
    table.rows.push_back({s.name, decimal(s.precision, 4), decimal(s.recall, 4), decimal(s.f1, 4),
                          grouped(s.support)});
  };
  for (const ClassScores& scores : test.per_class) add(scores);
  add(test.macro);
  return table_html(table);
}

}  // namespace tailor
