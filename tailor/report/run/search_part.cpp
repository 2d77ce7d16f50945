#include "tailor/report/run/search_part.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include "tailor/report/charts/search_charts.hpp"
#include "tailor/report/parts/html.hpp"
#include "tailor/report/run/search_findings.hpp"

namespace tailor::internal {
namespace {

constexpr double kWidestParallel = 1200;  // beyond, letters of it are too small for usual screens
constexpr const char* kTold = "data-told=\"\"";  // columns that a candidate's tooltip repeats

std::string settings_text(const SearchView& view, const CandidateRow& row) {
  std::string text;
  for (const auto& [path, value] : row.params) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", short_name(view, path),
                        shown_value(row, path));
  }
  return text;
}

bool any_score(const SearchView& view) {
  return std::isfinite(view.best().mean_test_score);
}

std::string opening(const SearchView& view) {
  const SearchResult& search = view.search;
  std::string text = fmt::format(
      "{} candidate{}, strategy \xE2\x80\x9C{}\xE2\x80\x9D, each trained on {} stratified folds of "
      "the training set and scored on the fold held out.",
      search.rows.size(), search.rows.size() == 1 ? "" : "s", search.strategy, search.folds);
  if (any_score(view)) {
    text += fmt::format(" The best reached {} \xC2\xB1 {}", percent(view.best().mean_test_score),
                        decimal(100 * view.best().std_test_score, 2));
    const std::string settings = settings_text(view, view.best());
    text += settings.empty() ? "." : " with " + settings + ".";
  }
  return paragraph(text);
}

std::string findings_html(const SearchView& view) {
  std::string items;
  for (const std::string& finding : search_findings(view)) {
    items += "<li>" + escape(finding) + "</li>\n";
  }
  if (items.empty()) return "";
  return "<h3>What can be read from it</h3>\n<ul class=\"reading\">\n" + items + "</ul>\n" +
         paragraph(
             "Each hyperparameter is looked at alone, over all others. Rank correlation sees rises "
             "and "
             "falls, not a best value in the middle; and where many are looked at, one may seem to "
             "matter by chance.",
             "soft");
}

bool has_train_scores(const SearchResult& search) {
  return std::any_of(search.rows.begin(), search.rows.end(),
                     [](const CandidateRow& row) { return !row.train_scores.empty(); });
}

std::vector<Column> table_columns(const SearchView& view) {
  std::vector<Column> columns = {{"rank", true, kTold},
                                 {"candidate", true, kTold},
                                 {"mean", true, kTold},
                                 {"\xC2\xB1 std", true, kTold}};
  for (const std::string& path : view.paths)
    columns.push_back({short_name(view, path), true, kTold});
  for (int fold = 0; fold < view.search.folds; ++fold) {
    columns.push_back({fmt::format("fold {}", fold + 1)});
  }
  if (has_train_scores(view.search)) columns.push_back({"train"});
  columns.push_back({"fit, s", true, kTold});
  return columns;
}

std::vector<std::string> table_row(const SearchView& view, std::size_t candidate) {
  const CandidateRow& row = view.search.rows[candidate];
  std::vector<std::string> cells = {std::to_string(row.rank), std::to_string(candidate + 1),
                                    decimal(100 * row.mean_test_score, 2),
                                    decimal(100 * row.std_test_score, 2)};
  for (const std::string& path : view.paths) cells.push_back(shown_value(row, path));
  for (int fold = 0; fold < view.search.folds; ++fold) {
    const bool there = std::size_t(fold) < row.test_scores.size();
    cells.push_back(there ? decimal(100 * row.test_scores[std::size_t(fold)], 2) : "");
  }
  if (has_train_scores(view.search)) {
    cells.push_back(row.train_scores.empty() ? "" : decimal(100 * row.mean_train_score, 2));
  }
  cells.push_back(decimal(row.mean_fit_time, 2));
  return cells;
}

std::string score_name(const SearchResult& search) {
  if (search.scoring == "balanced_accuracy") return "Balanced accuracy";
  return search.scoring == "f1_macro" ? "Macro F1" : "Accuracy";
}

// By rank; equal ranks in the order they were drawn.
std::string candidates_html(const SearchView& view) {
  Table table{fmt::format("{} on the folds held out, in per cent", score_name(view.search)),
              table_columns(view),
              {},
              -1,
              false,
              true};
  std::vector<std::size_t> order(view.search.rows.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return view.search.rows[a].rank < view.search.rows[b].rank;
  });
  for (const std::size_t candidate : order) {
    const double score = view.search.rows[candidate].mean_test_score;
    std::string attributes = fmt::format("data-c=\"{}\"", candidate);
    if (std::isfinite(score)) {
      attributes += fmt::format(" style=\"--q: var(--q{})\"", view.level(score));
    }
    if (int(candidate) == view.search.best_index && any_score(view)) {
      table.marked_row = int(table.rows.size());
    }
    table.row_attributes.push_back(attributes);
    table.rows.push_back(table_row(view, candidate));
  }
  return table_html(table) + paragraph(
                                 "std is over the folds; the edge of a row has the colour its "
                                 "candidate has in the charts. "
                                 "fit: seconds of one training, in which two equal runs differ.",
                                 "soft");
}

// Each training that failed, and why.
std::string failures_html(const SearchResult& search) {
  std::string items;
  for (const FailedFit& fit : search.failed) {
    items += "<li>" + escape(to_text(fit, search.folds)) + "</li>\n";
  }
  return items.empty() ? "" : "<h3>Trainings that failed</h3>\n<ul>\n" + items + "</ul>\n";
}

std::string figure_of(const std::string& chart, std::string_view caption) {
  return chart.empty() ? "" : figure_html(chart, caption);
}

std::string scatter_caption(const SearchView& view) {
  std::string text = view.varying > 2
                         ? "The axes are the two hyperparameters that say most about the score. "
                         : "";
  std::string score = score_name(view.search);
  score[0] = char(std::tolower(score[0]));
  text += fmt::format(
      "Colour is the mean {} on the folds held out; a ring marks the best, a cross a candidate "
      "without a score.",
      score);
  if (view.search.rows.size() <= kMostWhiskers) {
    text +=
        " Whiskers are as long as the standard deviation over the folds; a dot hides a small one.";
  }
  return text;
}

std::string slices_html(const SearchView& view) {
  std::string out;
  for (std::size_t i = 0; i < view.paths.size(); ++i) {
    out += figure_of(slice_chart(fmt::format("search-slice-{}", i + 1), view, view.paths[i]),
                     slice_finding(view, view.paths[i]));
  }
  if (out.empty()) return "";
  return "<h3>One hyperparameter at a time</h3>\n<div class=\"charts\">\n" + out + "</div>\n" +
         paragraph(
             "Whiskers: one standard deviation over the folds. Short bars: the mean of the "
             "candidates that share a value.",
             "soft");
}

std::string parallel_html(const SearchView& view) {
  const ParallelChart beside = parallel_beside("search-parallel", view);
  if (beside.svg.empty()) return "";
  const ParallelChart stacked = parallel_stacked("search-parallel-stacked", view);
  const bool fits = beside.width <= kWidestParallel;
  std::string out = "<h3>All hyperparameters at once</h3>\n";
  if (fits) {
    out += fmt::format("<div class=\"beside\" style=\"max-width: {:.0f}px\">\n{}</div>\n",
                       1.2 * beside.width, beside.svg);
  }
  return out +
         fmt::format("<div class=\"stacked{}\">\n{}</div>\n", fits ? "" : " alone", stacked.svg) +
         paragraph(
             "One line per candidate, in the colour of its score; the thick line is the best, a "
             "dashed one failed.",
             "soft");
}

std::string costs_html(const SearchView& view) {
  std::string out =
      figure_of(score_over_time_chart("search-time", view),
                "Each candidate where it was done, as though one had run after another; the "
                "staircase is the best so far.") +
      figure_of(score_and_cost_chart("search-cost", view),
                "The line joins the candidates that nothing cheaper beats.") +
      figure_of(candidate_time_chart("search-seconds", view),
                "All folds of a candidate, training and scoring, added up.");
  if (out.empty()) return "";
  return "<h3>Score and time</h3>\n<div class=\"charts\">\n" + out + "</div>\n";
}

}  // namespace

std::string search_part(const SearchResult& search) {
  if (search.rows.empty()) return "";
  const SearchView view = view_of(search);
  std::string out =
      "<div class=\"candidates\">\n" + opening(view) + paragraph(search.warning, "soft");
  if (!any_score(view)) {
    return out + findings_html(view) + candidates_html(view) + failures_html(search) + "</div>\n";
  }
  out += "<div class=\"charts\">\n" +
         figure_of(scatter_chart("search-scatter", view), scatter_caption(view)) + "<div>\n" +
         findings_html(view) + "</div>\n</div>\n";
  out += "<h3>All candidates</h3>\n" + candidates_html(view) + failures_html(search);
  return out + parallel_html(view) + slices_html(view) + costs_html(view) + "</div>\n";
}

}  // namespace tailor::internal
