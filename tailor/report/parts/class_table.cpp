#include "tailor/report/parts/class_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kTallTable = 40;  // rows; more scroll in a box of their own

// Hits of `n`: the share as figure and bar, its interval as text and whisker.
std::string meter_cell(std::int64_t hits, std::int64_t n) {
  if (n == 0) return "<td class=\"meter\"><span>" + decimal(std::nan(""), 1) + "</span></td>";
  const auto [low, high] = wilson_interval(hits, n);
  const double share = 100 * double(hits) / double(n);
  return fmt::format(
      "<td class=\"meter\"><span><b>{:.1f}</b> <small>{:.1f}\xE2\x80\x93{:.1f}</small></span>"
      "<i class=\"track\"><i style=\"width:{:.1f}%\"></i>"
      "<u style=\"left:{:.1f}%;width:{:.1f}%\"></u></i></td>",
      share, 100 * low, 100 * high, share, 100 * low, 100 * (high - low));
}

struct ClassCounts {
  std::int64_t hits = 0, images = 0, predicted = 0;
};

std::vector<ClassCounts> count_classes(const Evaluation& test) {
  std::vector<ClassCounts> counts(test.per_class.size());
  for (std::size_t r = 0; r < test.confusion.size(); ++r) {
    counts[r].hits = test.confusion[r][r];
    for (std::size_t c = 0; c < test.confusion[r].size(); ++c) {
      counts[r].images += test.confusion[r][c];
      counts[c].predicted += test.confusion[r][c];
    }
  }
  return counts;
}

std::string figure_cell(const std::string& text) {
  return "<td class=\"n\">" + text + "</td>";
}

std::string class_row(const ClassScores& scores, const ClassCounts& counts) {
  const bool scored = counts.images + counts.predicted > 0;
  return "<tr><th scope=\"row\">" + escape(scores.name) + "</th>" +
         meter_cell(counts.hits, counts.predicted) + meter_cell(counts.hits, counts.images) +
         figure_cell(decimal(scored ? 100 * scores.f1 : std::nan(""), 1)) +
         figure_cell(grouped(scores.support)) + "</tr>\n";
}

}  // namespace

std::string class_table_html(const Evaluation& test) {
  if (test.per_class.empty()) return "";
  const std::vector<ClassCounts> counts = count_classes(test);
  std::string out = fmt::format(
      "<div class=\"scroll classes{}\" tabindex=\"0\" role=\"region\" aria-label=\"Scores by "
      "class\">\n<table>\n<caption><span>Scores by class in per cent, with 95\xC2\xA0% Wilson "
      "intervals"
      "</span></caption>\n<thead><tr><th scope=\"col\">class</th>"
      "<th scope=\"col\">precision<small>of those called it</small></th>"
      "<th scope=\"col\">recall<small>of those that are it</small></th>"
      "<th scope=\"col\" class=\"n\">F1</th><th scope=\"col\" class=\"n\">images</th></tr></thead>"
      "\n<tbody>\n",
      test.per_class.size() > kTallTable ? " tall" : "");
  for (std::size_t i = 0; i < test.per_class.size(); ++i) {
    out += class_row(test.per_class[i], counts[i]);
  }
  const ClassScores& macro = test.macro;
  out += "<tr class=\"total\"><th scope=\"row\">" + escape(macro.name) + "</th>" +
         "<td class=\"meter\"><span><b>" + decimal(100 * macro.precision, 1) +
         "</b></span></td><td class=\"meter\"><span><b>" + decimal(100 * macro.recall, 1) +
         "</b></span></td>" + figure_cell(decimal(100 * macro.f1, 1)) +
         figure_cell(grouped(macro.support)) + "</tr>\n";
  return out + "</tbody>\n</table>\n</div>\n";
}

}  // namespace tailor::internal
