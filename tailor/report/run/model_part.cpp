#include "tailor/report/run/model_part.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/report/charts/curves.hpp"
#include "tailor/report/parts/class_table.hpp"
#include "tailor/report/parts/html.hpp"
#include "tailor/report/run/anatomy.hpp"
#include "tailor/report/run/confusion.hpp"
#include "tailor/report/run/coverage_chart.hpp"
#include "tailor/report/run/gallery.hpp"
#include "tailor/report/run/reliability_chart.hpp"

namespace tailor::internal {
namespace {

struct Figure {
  std::string value, name, note;
};

// The few figures a reader came for, large.
std::string figures_html(const std::vector<Figure>& figures) {
  if (figures.empty()) return "";
  std::string out = "<ul class=\"figures\">\n";
  for (const Figure& figure : figures) {
    out += fmt::format("<li><b>{}</b><span>{}</span><small>{}</small></li>\n", escape(figure.value),
                       escape(figure.name), escape(figure.note));
  }
  return out + "</ul>\n";
}

std::string result_html(const ModelReport& model) {
  std::vector<Figure> figures;
  if (model.test) {
    const Evaluation& test = *model.test;
    figures.push_back({percent(test.accuracy), "test accuracy",
                       fmt::format("{} to {} (95\xC2\xA0%, Wilson)", percent(test.interval_low),
                                   percent(test.interval_high))});
    figures.push_back({percent(test.top2), "true class in the first two", ""});
    figures.push_back({decimal(test.loss, 4), "test loss", "mean cross-entropy"});
  }
  if (!model.history.empty()) {
    figures.push_back({percent(model.train_accuracy), "training accuracy, evaluated",
                       fmt::format("after training, dropout off; running mean over the last epoch, "
                                   "as trained: {}",
                                   percent(model.history.back().accuracy))});
  }
  return figures_html(figures);
}

// 1.35 million, 12.4 thousand: figures of which nobody wants every digit.
std::string rounded(double value) {
  if (value >= 1e9) return fmt::format("{:.2f} billion", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.2f} million", value / 1e6);
  return grouped(std::llround(value));
}

std::string file_size(std::int64_t bytes) {
  if (bytes >= 1'000'000) return fmt::format("{:.2f} MB", double(bytes) / 1e6);
  return fmt::format("{:.1f} kB", double(bytes) / 1e3);
}

std::string duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = std::llround(seconds);
  return fmt::format("{} min {:02d} s", whole / 60, whole % 60);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs cost_pairs(const ModelReport& model) {
  Pairs pairs;
  if (model.params > 0) pairs.emplace_back("parameters", grouped(model.params));
  if (model.costs) {
    const ModelCosts& costs = *model.costs;
    if (costs.file_bytes > 0) pairs.emplace_back("file", file_size(costs.file_bytes));
    if (costs.forward_multiply_adds > 0) {
      pairs.emplace_back("one image forward",
                         rounded(costs.forward_multiply_adds) + " multiply-adds");
    }
    if (costs.latency_us > 0) {
      pairs.emplace_back("latency of one image",
                         fmt::format("{:.3g} ms, one thread", costs.latency_us / 1000));
    }
    if (costs.images_per_second > 0) {
      pairs.emplace_back("predicting", grouped(std::llround(costs.images_per_second)) +
                                           " images/s, 256 at a time");
    }
  }
  if (model.images_per_second > 0) {
    pairs.emplace_back("training", grouped(std::llround(model.images_per_second)) + " images/s");
  }
  if (model.seconds > 0) pairs.emplace_back("trained for", duration(model.seconds));
  return pairs;
}

std::string headed(std::string_view heading, const std::string& body) {
  return body.empty() ? "" : fmt::format("<h3>{}</h3>\n{}", heading, body);
}

std::string column(std::string_view heading, const std::string& body) {
  return body.empty() ? "" : "<div>\n" + headed(heading, body) + "</div>\n";
}

// Only the model that the report's pictures are of has images behind its figures.
std::span<const Pictured> cells_of(const ReportData& data, const ModelReport& model) {
  if (data.models.empty() || &model != &data.models.back()) return {};
  return data.cells;
}

std::string calibrated_note(const ReportData& data) {
  if (data.models.empty() || !data.models.back().calibration) return "";
  const Temperature& temperature = data.models.back().calibration->temperature;
  if (temperature.images == 0 || !temperature.kept.empty()) return "";
  return fmt::format(" Probabilities are calibrated (temperature {:.3f}).", temperature.value);
}

std::string evidence_note(const ReportData& data) {
  if (data.hidden_side == 0) return "";
  return fmt::format(
      " Under each picture, what decided: where a square of {0} by {0} pixels was made to look "
      "like "
      "what is around it, the answer lost (orange) or gained (blue).",
      data.hidden_side);
}

}  // namespace

std::string curves_part(const ReportData& data) {
  std::vector<CurveGroup> groups;
  for (const ModelReport& model : data.models) groups.push_back({model.title, {model.history}});
  return curve_figures("curves", groups);
}

std::string model_part(const ReportData& data, const ModelReport& model, const std::string& id) {
  std::string out = model.failed.empty()
                        ? result_html(model)
                        : paragraph("There is no such model: its training failed. " + model.failed);
  const std::string columns = column("What it is", definitions_html(model.settings)) +
                              column("What it costs", definitions_html(cost_pairs(model)));
  if (!columns.empty()) out += "<div class=\"pair\">\n" + columns + "</div>\n";
  out += folded("Layers", model.summary);
  if (!model.test) return out;
  out += headed("Confusion matrix",
                confusion_html(id + "-confusion", *model.test, cells_of(data, model)));
  out += headed("Classes", class_table_html(*model.test));
  if (model.calibration) {
    out += headed("Calibration", calibration_html(id + "-calibration", *model.calibration));
  }
  if (model.coverage) {
    out += headed("Coverage", coverage_html(id + "-coverage", *model.coverage));
  }
  return out;
}

std::string pictures_part(const ReportData& data) {
  std::string out;
  if (!data.mistakes.empty()) {
    out += headed("Most confident mistakes",
                  paragraph("Test images the final model got wrong, the surest first. Bold is what "
                            "it said, the tick what the label says." +
                            calibrated_note(data) + evidence_note(data)) +
                      gallery_html(data.mistakes, data.class_names));
  }
  if (!data.unsure_hits.empty()) {
    out += headed("Least confident hits",
                  paragraph("Right, but only just: test images it named correctly with the least "
                            "probability.") +
                      gallery_html(data.unsure_hits, data.class_names));
  }
  return out;
}

std::string anatomy_part(const ReportData& data) {
  if (!data.anatomy) return "";
  const std::string body = anatomy_html(*data.anatomy, data.class_names);
  if (body.empty()) return "";
  return paragraph(
             "What the final model\xE2\x80\x99s layers make of one test image: each layer "
             "looks at the maps of the one before it.") +
         body;
}

}  // namespace tailor::internal
