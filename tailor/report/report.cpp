#include "tailor/report/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tailor/report/charts.hpp"
#include "tailor/report/confusion.hpp"
#include "tailor/report/gallery.hpp"
#include "tailor/report/html.hpp"

namespace tailor {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr int kConfusedPairs = 8;

std::string definitions_html(const Pairs& pairs) {
  if (pairs.empty()) return "";
  std::string out = "<dl>\n";
  for (const auto& [name, value] : pairs) {
    out += "<dt>" + escape(name) + "</dt><dd>" + escape(value) + "</dd>\n";
  }
  return out + "</dl>\n";
}

std::string paragraph(std::string_view text, std::string_view style = "") {
  if (text.empty()) return "";
  return style.empty() ? fmt::format("<p>{}</p>\n", escape(text))
                       : fmt::format("<p class=\"{}\">{}</p>\n", style, escape(text));
}

std::string folded(std::string_view summary, const std::string& text) {
  if (text.empty()) return "";
  return fmt::format("<details>\n<summary>{}</summary>\n<pre>{}</pre>\n</details>\n",
                     escape(summary), escape(text));
}

std::string interval_text(const Evaluation& test) {
  return fmt::format("{} to {}", percent(test.interval_low), percent(test.interval_high));
}

// "Final model" within a sentence.
std::string in_sentence(std::string title) {
  if (title.empty()) return "model";
  if (title[0] >= 'A' && title[0] <= 'Z') title[0] = char(title[0] - 'A' + 'a');
  return title;
}

// The figure the whole page is about: the test accuracy of the last model that has one.
std::string headline(const ReportData& data) {
  for (auto model = data.models.rbegin(); model != data.models.rend(); ++model) {
    if (!model->test) continue;
    return fmt::format(
        "<p class=\"score\">{}<small>of {} test images named correctly by the {}; 95\xC2\xA0% "
        "interval {} (Wilson)</small></p>\n",
        percent(model->test->accuracy), grouped(model->test->images),
        escape(in_sentence(model->title)), interval_text(*model->test));
  }
  return "";
}

std::string notebook_html(const std::vector<NotebookRow>& rows) {
  if (rows.empty()) return "";
  const bool answers = std::any_of(rows.begin(), rows.end(),
                                   [](const NotebookRow& row) { return !row.notebook.empty(); });
  Table table{answers ? "The notebook's figures and ours" : "Our figures", {}, {}, -1, false};
  table.columns = {{"figure", false}, {"this run"}};
  if (answers) table.columns.insert(table.columns.begin() + 1, {"notebook"});
  for (const NotebookRow& row : rows) {
    table.rows.push_back(answers ? std::vector{row.figure, row.notebook, row.ours}
                                 : std::vector{row.figure, row.ours});
  }
  return table_html(table);
}

// What was kept from what, said only as far as this page's records bear it out.
std::string sealed_sentence(const ReportData& data) {
  const bool tested = std::any_of(data.models.begin(), data.models.end(),
                                  [](const ModelReport& model) { return model.test.has_value(); });
  std::string text;
  if (data.search) {
    text = fmt::format(
        "Candidates were trained and ranked on {} folds of the training set alone; epochs were "
        "fixed "
        "beforehand. ",
        data.search->folds);
  }
  if (tested) {
    text +=
        "Until every model was finished, the test set was only checked as files (format, checksum, "
        "images it shares with the training set); no model saw it, and its scores chose nothing.";
  } else {
    text += "No model on this page was measured on a test set.";
  }
  return text;
}

Pairs model_facts(const ModelReport& model) {
  Pairs facts = model.settings;
  if (model.params > 0) facts.emplace_back("parameters", grouped(model.params));
  if (!model.history.empty()) {
    facts.emplace_back("train accuracy, last epoch as trained",
                       percent(model.history.back().accuracy));
    facts.emplace_back("train accuracy after training, dropout off", percent(model.train_accuracy));
  }
  if (model.test) {
    facts.emplace_back("test accuracy", percent(model.test->accuracy));
    facts.emplace_back("its 95\xC2\xA0% interval (Wilson)", interval_text(*model.test));
    facts.emplace_back("true class among the two most probable", percent(model.test->top2));
    facts.emplace_back("test loss (cross-entropy)", decimal(model.test->loss, 4));
  }
  return facts;
}

std::string model_html(const ModelReport& model, const std::string& id) {
  std::string out = definitions_html(model_facts(model));
  out += folded("Layers", model.summary);
  if (!model.history.empty()) {
    out += "<h3>Learning curves</h3>\n<div class=\"pair\">\n<figure>\n" +
           accuracy_chart(id + "-accuracy", model.history) + "</figure>\n<figure>\n" +
           loss_chart(id + "-loss", model.history) + "</figure>\n</div>\n";
    out += paragraph(
        "Means over each epoch while it was trained, dropout on; the loss includes the "
        "weights\xE2\x80\x99 penalty.",
        "soft");
  }
  if (model.test) {
    out += "<h3>On the test set</h3>\n" + confusion_html(id + "-confusion", *model.test);
    out += "<div class=\"pair\">\n<div>\n" + class_table_html(*model.test) + "</div>\n<div>\n" +
           confused_pairs_html(*model.test, kConfusedPairs) + "</div>\n</div>\n";
  }
  return section_html(id, model.title, out);
}

std::vector<std::string> all_paths(const SearchResult& search) {
  std::vector<std::string> paths;
  for (const CandidateRow& row : search.rows) {
    for (const auto& [path, value] : row.params) {
      if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    }
  }
  return paths;
}

std::string mean_and_std(const CandidateRow& row) {
  const std::string mean = decimal(100 * row.mean_test_score, 2);
  if (!std::isfinite(row.mean_test_score)) return mean;
  return mean + " \xC2\xB1 " + decimal(100 * row.std_test_score, 2);
}

std::string settings_text(const Settings& settings) {
  std::string text;
  for (const auto& [path, value] : settings) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", path, to_text(value));
  }
  return text;
}

// Candidates by rank; equal ranks in the order they were drawn.
std::string candidates_html(const SearchResult& search) {
  const std::vector<std::string> paths = all_paths(search);
  Table table{"All candidates by rank", {{"rank"}, {"candidate"}}, {}, -1, false};
  for (const std::string& path : paths) table.columns.push_back({path});
  table.columns.push_back({"mean \xC2\xB1 std"});
  for (int fold = 0; fold < search.folds; ++fold) {
    table.columns.push_back({fmt::format("fold {}", fold)});
  }
  std::vector<std::size_t> order(search.rows.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return search.rows[a].rank < search.rows[b].rank;
  });
  for (std::size_t index : order) {
    const CandidateRow& row = search.rows[index];
    std::vector<std::string> cells = {std::to_string(row.rank), std::to_string(index)};
    for (const std::string& path : paths) {
      const auto found = row.params.find(path);
      cells.push_back(found == row.params.end() ? "" : to_text(found->second));
    }
    cells.push_back(mean_and_std(row));
    for (double score : row.test_scores) cells.push_back(decimal(100 * score, 2));
    if (int(index) == search.best_index) table.marked_row = int(table.rows.size());
    table.rows.push_back(std::move(cells));
  }
  return table_html(table);
}

std::string search_html(const ReportData& data) {
  if (!data.search || data.search->rows.empty()) return "";
  const SearchResult& search = *data.search;
  const CandidateRow& best = search.rows[std::size_t(search.best_index)];
  std::string out = paragraph(fmt::format(
      "{} candidates, strategy \xE2\x80\x9C{}\xE2\x80\x9D, each trained on {} stratified folds of "
      "the training set and scored on the fold held out. The best reached {} \xC2\xB1 {} with {}.",
      search.rows.size(), search.strategy, search.folds, percent(best.mean_test_score),
      decimal(100 * best.std_test_score, 2), settings_text(best.params)));
  out += paragraph(search.warning, "soft");
  const std::string chart = search_chart("search-chart", search);
  if (!chart.empty()) {
    out +=
        figure_html(chart,
                    "Mean accuracy on the held-out folds in per cent beside each candidate; "
                    "deeper blue is better, the ring marks the best, a cross a fit that failed.");
  }
  out += candidates_html(search);
  out += paragraph("Accuracy on the held-out fold in per cent; std is over the folds.", "soft");
  return section_html("search", "Search", out);
}

std::string timings_html(const Pairs& timings) {
  if (timings.empty()) return "";
  Table table{"Time by stage", {{"stage", false}, {"measured"}}, {}, -1, false};
  for (const auto& [stage, time] : timings) table.rows.push_back({stage, time});
  return "<h3>Timings</h3>\n" + table_html(table) +
         paragraph("The one part of this page in which two equal runs differ.", "soft");
}

std::string provenance_html(const ReportData& data) {
  std::string out = paragraph(sealed_sentence(data));
  if (!data.command.empty()) {
    out += "<h3>Make it again</h3>\n<pre>" + escape(data.command) + "</pre>\n" +
           paragraph(data.experiment_toml.empty()
                         ? ""
                         : "The effective experiment stands below and, as experiment.toml, beside "
                           "this page.",
                     "soft");
  }
  if (!data.provenance.empty()) {
    out += "<h3>Provenance</h3>\n" + definitions_html(data.provenance);
  }
  out += timings_html(data.timings);
  if (!data.experiment_toml.empty()) {
    out += "<h3>Effective experiment</h3>\n<pre>" + escape(data.experiment_toml) + "</pre>\n";
  }
  return section_html("making", "How it was made", out);
}

std::string data_html(const ReportData& data) {
  std::string out = paragraph(data.dataset_line);
  if (data.sprite.width > 0 && data.sprite.height > 0) {
    std::string names;
    for (const std::string& name : data.class_names) names += (names.empty() ? "" : ", ") + name;
    out += figure_html(image_html(data.sprite, "Training images, some of every class"),
                       "Training images, class after class from the top: " + names + ".");
  }
  return section_html("data", "Data", out);
}

std::string page_link(std::string_view id, std::string_view title) {
  return fmt::format("<a href=\"#{}\">{}</a>\n", id, escape(title));
}

struct Part {
  std::string id, title, html;
};

// The order is the story's: all models but the last stand before the search, the last after it.
std::vector<Part> parts_of(const ReportData& data) {
  std::vector<Part> parts;
  parts.push_back({"data", "Data", data_html(data)});
  for (std::size_t i = 0; i < data.models.size(); ++i) {
    if (i + 1 == data.models.size()) parts.push_back({"search", "Search", search_html(data)});
    const std::string id = fmt::format("model-{}", i + 1);
    parts.push_back({id, data.models[i].title, model_html(data.models[i], id)});
  }
  if (data.models.empty()) parts.push_back({"search", "Search", search_html(data)});
  std::string mistakes;
  if (!data.mistakes.empty()) {
    mistakes =
        paragraph(
            "Test images the final model got wrong, the surest first: what it is \xE2\x86\x92 "
            "what the model said, with the probabilities it gave to both.") +
        gallery_html(data.mistakes, data.class_names);
  }
  parts.push_back(
      {"mistakes", "Worst mistakes", section_html("mistakes", "Worst mistakes", mistakes)});
  parts.push_back({"making", "How it was made", provenance_html(data)});
  std::erase_if(parts, [](const Part& part) { return part.html.empty(); });
  return parts;
}

}  // namespace

std::string render_report(const ReportData& data) {
  const std::vector<Part> parts = parts_of(data);
  const std::string title = escape(data.title);
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
      title + "</title>\n<style>" + std::string(stylesheet()) + "</style>\n</head>\n<body>\n";
  page += "<header>\n<h1>" + title + "</h1>\n" + headline(data) + "<nav aria-label=\"Parts\">\n";
  for (const Part& part : parts) page += page_link(part.id, part.title);
  page += "</nav>\n</header>\n<main>\n";
  page += section_html("result", "Result", notebook_html(data.notebook_table));
  for (const Part& part : parts) page += part.html;
  return page + "</main>\n<footer>Made by Tailor.</footer>\n</body>\n</html>\n";
}

}  // namespace tailor
