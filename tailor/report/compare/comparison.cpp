#include "tailor/report/compare/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/report/charts/curves.hpp"
#include "tailor/report/charts/search_charts.hpp"
#include "tailor/report/compare/comparison_results.hpp"
#include "tailor/report/parts/html.hpp"
#include "tailor/report/parts/page.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kLongestTitle = 80;  // bytes of the runs' names
constexpr std::size_t kMostScatters = 6;  // more drawings of searches no longer compare at a glance

NamedTexts prefixed(const std::string& prefix, const NamedTexts& settings) {
  NamedTexts out;
  for (const auto& [name, text] : settings) out.emplace_back(prefix + name, text);
  return out;
}

NamedTexts all_settings(const ComparedRun& run) {
  NamedTexts out = run.facts;
  for (const NamedTexts& more : {prefixed("first model: ", run.first.settings),
                                 prefixed("final model: ", run.final.settings)}) {
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

std::string text_of(const NamedTexts& texts, const std::string& name) {
  const auto found = std::find_if(texts.begin(), texts.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  return found == texts.end() ? "" : found->second;
}

std::string differences_part(const std::vector<ComparedRun>& runs) {
  std::vector<NamedTexts> of_runs, differing(runs.size());
  for (const ComparedRun& run : runs) of_runs.push_back(all_settings(run));
  std::vector<std::string> names;
  for (const NamedTexts& texts : of_runs) {
    for (const auto& [name, text] : texts) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::size_t equal = 0;
  for (const std::string& name : names) {
    const std::string first = text_of(of_runs.front(), name);
    const bool same = std::all_of(of_runs.begin(), of_runs.end(), [&](const NamedTexts& texts) {
      return text_of(texts, name) == first;
    });
    equal += same;
    for (std::size_t r = 0; !same && r < runs.size(); ++r) {
      differing[r].emplace_back(name, text_of(of_runs[r], name));
    }
  }
  if (names.empty()) return "";
  const std::string table = side_by_side_html("What differs", runs, differing);
  return (table.empty() ? paragraph("The runs differ in nothing that is recorded.") : table) +
         paragraph(
             fmt::format("Equal in all runs: {} of {} settings and facts.", equal, names.size()),
             "soft");
}

std::string curves_of(const std::string& id, const std::string& title,
                      const std::vector<RunGroup>& groups, ComparedModel ComparedRun::*model) {
  std::vector<CurveGroup> curves;
  for (const RunGroup& group : groups) {
    CurveGroup& curve = curves.emplace_back(CurveGroup{group.name, {}});
    for (const ComparedRun* run : group.runs) curve.runs.push_back((run->*model).history);
  }
  const std::string figures = curve_figures(id, curves);
  return figures.empty() ? "" : "<h3>" + title + "</h3>\n" + figures;
}

NamedTexts search_rows(const SearchResult& search) {
  const SearchView view = view_of(search);
  double seconds = 0;
  for (const CandidateRow& row : search.rows) {
    if (std::isfinite(row.mean_fit_time)) seconds += row.mean_fit_time * search.folds;
  }
  NamedTexts rows = {{"strategy", search.strategy},
                     {"candidates", std::to_string(search.rows.size())},
                     {"folds", std::to_string(search.folds)},
                     {"best mean", percent(view.best().mean_test_score)},
                     {"its std over the folds", decimal(100 * view.best().std_test_score, 2)}};
  for (const std::string& path : view.paths) {
    rows.emplace_back("best " + path, shown_value(view.best(), path));
  }
  rows.emplace_back("time of all trainings", seconds_text(seconds));
  return rows;
}

std::string searches_part(const std::vector<ComparedRun>& runs) {
  std::vector<NamedTexts> of_runs(runs.size());
  std::string drawings;
  std::size_t drawn = 0;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    if (!runs[r].search || runs[r].search->rows.empty()) continue;
    of_runs[r] = search_rows(*runs[r].search);
    if (drawn == kMostScatters) continue;
    const std::string chart =
        scatter_chart(fmt::format("search-{}", r + 1), view_of(*runs[r].search));
    if (chart.empty()) continue;
    drawings += figure_html(chart, runs[r].name);
    ++drawn;
  }
  const std::string table = side_by_side_html("The searches", runs, of_runs);
  if (drawings.empty()) return table;
  return table + "<div class=\"charts\">\n" + drawings + "</div>\n" +
         paragraph("Each drawing has a scale of colours of its own.", "soft");
}

std::string provenance_part(const std::vector<ComparedRun>& runs) {
  std::vector<NamedTexts> facts;
  for (const ComparedRun& run : runs) {
    facts.push_back({{"folder", run.folder}, {"group", run.group}, {"seed", run.seed}});
    facts.back().insert(facts.back().end(), run.facts.begin(), run.facts.end());
  }
  return side_by_side_html("Provenance", runs, facts);
}

std::string timings_part(const std::vector<ComparedRun>& runs) {
  std::vector<NamedTexts> of_runs;
  for (const ComparedRun& run : runs) of_runs.push_back(run.timings);
  return side_by_side_html("Measured times", runs, of_runs);
}

// The best final model; of equals the first.
std::string headline(const std::vector<ComparedRun>& runs) {
  if (!on_same_data(runs)) {
    return "<p>The runs are on different test images, so their accuracies do not compare.</p>\n";
  }
  const ComparedRun* best = nullptr;
  for (const ComparedRun& run : runs) {
    if (!run.final.test) continue;
    if (!best || run.final.test->accuracy > best->final.test->accuracy) best = &run;
  }
  if (!best) return "";
  return fmt::format(
      "<p class=\"score\">{}<small>of {} test images named correctly by the final model of {}, the "
      "most of {} runs; 95\xC2\xA0% interval {} to {} (Wilson).</small></p>\n",
      percent(best->final.test->accuracy), grouped(best->final.test->images), escape(best->name),
      runs.size(), percent(best->final.test->interval_low),
      percent(best->final.test->interval_high));
}

std::string title_of(const std::vector<ComparedRun>& runs) {
  std::string title;
  for (const ComparedRun& run : runs) title += (title.empty() ? "" : ", ") + run.name;
  if (title.size() > kLongestTitle && runs.size() > 1) {
    const std::size_t others = runs.size() - 1;
    return fmt::format("{} and {} other{}", runs.front().name, others, others == 1 ? "" : "s");
  }
  return title.empty() ? "No runs" : title;
}

}  // namespace

std::string render_comparison(const std::vector<ComparedRun>& runs) {
  Page page{title_of(runs), "Runs side by side", headline(runs), {}};
  if (!runs.empty()) {
    const std::vector<RunGroup> groups = group_runs(runs);
    page.parts = {{"results", "Results", compared_results(runs)},
                  {"differences", "What differs", differences_part(runs)},
                  {"curves", "Learning curves",
                   curves_of("final-curves", "Final models", groups, &ComparedRun::final) +
                       curves_of("first-curves", "First models", groups, &ComparedRun::first)},
                  {"classes", "Class by class", compared_classes(runs)},
                  {"searches", "Searches", searches_part(runs)},
                  {"time", "Times", timings_part(runs)},
                  {"provenance", "Provenance", provenance_part(runs)}};
  }
  return page_html(page);
}

}  // namespace tailor::internal
