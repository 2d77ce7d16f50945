#include "tailor/report/run/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/report/parts/html.hpp"
#include "tailor/report/parts/page.hpp"
#include "tailor/report/run/gallery.hpp"
#include "tailor/report/run/model_part.hpp"
#include "tailor/report/run/search_part.hpp"
#include "tailor/report/run/time_part.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kLongestCaption =
    400;  // bytes of names under a picture; more are folded away

std::string interval_text(const Evaluation& test) {
  return fmt::format("{} to {}", percent(test.interval_low), percent(test.interval_high));
}

// "Final model" within a sentence.
std::string in_sentence(std::string title) {
  if (title.empty()) return "model";
  if (title[0] >= 'A' && title[0] <= 'Z') title[0] = char(title[0] - 'A' + 'a');
  return title;
}

// The last model with a test score: what the whole page is about.
const ModelReport* headline_model(const ReportData& data) {
  for (auto model = data.models.rbegin(); model != data.models.rend(); ++model) {
    if (model->test) return &*model;
  }
  return nullptr;
}

// "2.31 points above the first model".
std::string gain_text(const ReportData& data, const ModelReport& last) {
  const ModelReport& first = data.models.front();
  if (&first == &last || !first.test) return "";
  const double gain = 100 * (last.test->accuracy - first.test->accuracy);
  return fmt::format("; {} points {} the {}", decimal(std::abs(gain), 2),
                     gain < 0 ? "below" : "above", in_sentence(first.title));
}

std::string headline(const ReportData& data) {
  const ModelReport* model = headline_model(data);
  if (!model) return "";
  return fmt::format(
      "<p class=\"score\">{}<small>of {} test images named correctly by the {}; 95\xC2\xA0% "
      "interval {} (Wilson){}.</small></p>\n",
      percent(model->test->accuracy), grouped(model->test->images),
      escape(in_sentence(model->title)), interval_text(*model->test),
      escape(gain_text(data, *model)));
}

std::string notebook_html(const std::vector<NotebookRow>& rows) {
  if (rows.empty()) return "";
  const bool answers = std::any_of(rows.begin(), rows.end(),
                                   [](const NotebookRow& row) { return !row.notebook.empty(); });
  Table table{
      answers ? "Beside the figures of the Keras notebook that did this study first, on the same "
                "60,000 images"
              : "Our figures",
      {},
      {},
      -1,
      false};
  table.columns = {{"figure", false}, {"this run"}};
  if (answers) table.columns.insert(table.columns.begin() + 1, {"Keras notebook"});
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

std::string result_part(const ReportData& data) {
  if (data.notebook_table.empty()) return "";
  return "<div class=\"charts\">\n" + notebook_html(data.notebook_table) + "<div>\n" +
         paragraph(data.notebook_note, "soft") + paragraph(sealed_sentence(data), "soft") +
         "</div>\n</div>\n";
}

std::string sprite_figure(const ReportData& data) {
  if (data.sprite.width <= 0 || data.sprite.height <= 0) return "";
  std::string names;
  for (const std::string& name : data.class_names) names += (names.empty() ? "" : ", ") + name;
  const bool few = names.size() <= kLongestCaption;
  return "<div class=\"sprite\">\n" +
         figure_html(
             image_html(data.sprite, "Training images, some of every class"),
             "Training images, class after class from the top" + (few ? ": " + names + "." : ".")) +
         (few ? ""
              : "<details>\n<summary>The names of all " + std::to_string(data.class_names.size()) +
                    " classes</summary>\n" + paragraph(names + ".", "soft") + "</details>\n") +
         "</div>\n";
}

std::string augmented_figure(const Image& sheet) {
  if (sheet.pixels.empty()) return "";
  return "<div class=\"sprite\">\n" +
         figure_html(image_html(sheet, "Training images and how training saw them"),
                     "What augmentation does: on the left a training image, beside it the same as "
                     "the first epochs of the final model saw it.") +
         "</div>\n";
}

std::string data_part(const ReportData& data) {
  std::string words = paragraph(data.dataset_line);
  if (!data.explorer.empty()) {
    words += fmt::format("<p><a class=\"button\" href=\"{}\">Explore all images</a></p>\n",
                         file_link(data.explorer));
  }
  const std::string sprite = sprite_figure(data);
  const std::string augmented = augmented_figure(data.augmented);
  if (sprite.empty()) return words + augmented;
  return "<div class=\"lead\">\n<div>\n" + words + "</div>\n" + sprite + "</div>\n" + augmented;
}

std::string sets_part(const std::vector<SetUse>& sets) {
  if (sets.empty()) return "";
  Table table{"The sets and what each was used for",
              {{"set", false}, {"images"}, {"used for", false}},
              {},
              -1,
              false};
  for (const SetUse& set : sets) {
    table.rows.push_back({set.name, grouped(set.images), set.used_for});
  }
  return table_html(table);
}

std::string provenance_part(const ReportData& data) {
  std::string out;
  if (data.notebook_table.empty()) out += paragraph(sealed_sentence(data));
  if (!data.command.empty()) {
    out += "<h3>Make it again</h3>\n<div class=\"command\"><pre>" + escape(data.command) +
           "</pre></div>\n" +
           paragraph(data.experiment_toml.empty()
                         ? ""
                         : "The effective experiment stands below and, as experiment.toml, beside "
                           "this page.",
                     "soft");
  }
  if (!data.provenance.empty()) {
    out += "<h3>Provenance</h3>\n" + definitions_html(data.provenance);
  }
  return out + folded("Effective experiment", data.experiment_toml);
}

// The order is the story's: all models but the last stand before the search, the last after it.
std::vector<PagePart> parts_of(const ReportData& data) {
  const PagePart search = {"search", "Search", data.search ? search_part(*data.search) : ""};
  std::vector<PagePart> parts = {{"result", "Result", result_part(data)},
                                 {"data", "Data", data_part(data)},
                                 {"sets", "Sets", sets_part(data.sets)},
                                 {"curves", "Learning curves", curves_part(data)}};
  for (std::size_t i = 0; i < data.models.size(); ++i) {
    if (i + 1 == data.models.size()) parts.push_back(search);
    const std::string id = fmt::format("model-{}", i + 1);
    parts.push_back({id, data.models[i].title, model_part(data, data.models[i], id)});
  }
  if (data.models.empty()) parts.push_back(search);
  parts.push_back({"pictures", "Mistakes and doubts", pictures_part(data)});
  parts.push_back({"anatomy", "Inside the model", anatomy_part(data)});
  parts.push_back({"time", "Where the time went", time_part(data)});
  parts.push_back({"making", "How it was made", provenance_part(data)});
  return parts;
}

}  // namespace

std::string render_report(const ReportData& data) {
  return page_html({data.title, "Training report", headline(data), parts_of(data)});
}

}  // namespace tailor::internal
