#include "tailor/report/run/time_part.hpp"

#include <fmt/format.h>

#include <cmath>

#include "tailor/report/charts/bars.hpp"
#include "tailor/report/charts/search_view.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

std::string stages_chart(const std::vector<StageTime>& stages) {
  double total = 0;
  for (const StageTime& stage : stages) total += stage.seconds;
  std::vector<Bar> bars;
  for (const StageTime& stage : stages) {
    bars.push_back(
        {stage.name, stage.seconds,
         fmt::format("{}, {}", seconds_text(stage.seconds), percent(stage.seconds / total, 0))});
  }
  const std::string chart = bar_chart("time-stages", "Wall time by stage",
                                      fmt::format("{} in all", seconds_text(total)), bars);
  if (chart.empty()) return "";
  return figure_html(chart, fmt::format("{} in all.", seconds_text(total)));
}

// Trials run side by side, so the search's trainings add up to more than its wall time.
std::string search_sentence(const SearchResult& search) {
  double fit = 0, score = 0;
  for (const CandidateRow& row : search.rows) {
    if (std::isfinite(row.mean_fit_time)) fit += row.mean_fit_time * search.folds;
    if (std::isfinite(row.mean_score_time)) score += row.mean_score_time * search.folds;
  }
  if (fit <= 0) return "";
  return paragraph(fmt::format(
      "The {} trainings of the search took {} and their scoring {}, added up over all that ran "
      "side "
      "by side: {} per training.",
      search.rows.size() * std::size_t(search.folds), seconds_text(fit), seconds_text(score),
      seconds_text(fit / double(search.rows.size()) / search.folds)));
}

}  // namespace

std::string time_part(const ReportData& data) {
  std::string chart = stages_chart(data.stages);
  std::string facts;
  if (data.search && !data.search->rows.empty()) facts += search_sentence(*data.search);
  if (!data.timings.empty()) {
    Table table{"Measured", {{"stage", false}, {"measured"}}, {}, -1, false};
    for (const auto& [stage, time] : data.timings) table.rows.push_back({stage, time});
    facts += table_html(table);
  }
  if (chart.empty() && facts.empty()) return "";
  facts += paragraph("Times are all in which two equal runs differ.", "soft");
  return "<div class=\"charts\">\n" + chart + "<div>\n" + facts + "</div>\n</div>\n";
}

}  // namespace tailor::internal
