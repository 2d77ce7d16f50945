#include "tailor/study/metrics.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json_reader.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

Json model_json(const ModelMetrics& m) {
  Json json = {{"params", to_json(m.params)},
               {"parameters", m.parameters},
               {"epochs", m.epochs},
               {"trained_on", m.trained_on},
               {"train_accuracy", m.train_accuracy},
               {"train_accuracy_evaluated", m.train_accuracy_evaluated},
               {"test_accuracy", m.test_accuracy},
               {"test_accuracy_interval", {m.interval_low, m.interval_high}},
               {"test_loss", m.test_loss},
               {"test_top2", m.test_top2},
               {"test_balanced_accuracy", m.test_balanced_accuracy},
               {"test_f1_macro", m.test_f1_macro}};
  if (!m.failed.empty()) json["failed"] = m.failed;
  return json;
}

Json figures_json(const CalibrationFigures& f) {
  return {{"ece", f.ece}, {"nll", f.nll}, {"brier", f.brier}};
}

Json rejection_json(const FinalMetrics& m, std::int64_t test_images) {
  const Rejection& r = m.rejection;
  Json json = {{"precision", r.wanted},   {"chosen_on", r.chosen_on},
               {"images", r.images},      {"answers", r.chosen.answers},
               {"right", r.chosen.right}, {"reject_below", nullptr}};
  if (!r.below) return json;
  json["reject_below"] = double(*r.below);
  const auto [low, high] = wilson_interval(m.answered.right, m.answered.answers);
  json["test"] = {{"answers", m.answered.answers},
                  {"right", m.answered.right},
                  {"coverage", double(m.answered.answers) / double(test_images)},
                  {"precision", m.answered.precision()},
                  {"precision_interval", {low, high}}};
  return json;
}

Json final_json(const FinalMetrics& m, std::int64_t test_images) {
  Json json = model_json(m);
  json["confusion"] = m.confusion;
  json["per_class"] = Json::array();
  for (const ClassScores& scores : m.per_class) json["per_class"].push_back(to_json(scores));
  json["macro_avg"] = to_json(m.macro);
  json["macro_avg"].erase("class");
  json["calibration"] = {{"temperature", m.calibration.temperature},
                         {"images", m.calibration.images},
                         {"before", figures_json(m.calibration.before)},
                         {"after", figures_json(m.calibration.after)}};
  if (!m.calibration.kept.empty()) json["calibration"]["kept_at_1"] = m.calibration.kept;
  if (!m.coverage.empty()) json["coverage"] = Json::array();
  for (const CoverageMetrics& at : m.coverage) {
    json["coverage"].push_back(
        {{"coverage", at.coverage}, {"accuracy", at.accuracy}, {"threshold", at.threshold}});
  }
  if (m.rejection.wanted > 0) json["rejection"] = rejection_json(m, test_images);
  if (m.validation_images > 0) {
    json["validation"] = {{"images", m.validation_images},
                          {"accuracy", m.validation_accuracy},
                          {"balanced_accuracy", m.validation_balanced_accuracy}};
  }
  return json;
}

Json search_json(const SearchMetrics& m) {
  return {{"strategy", m.strategy},     {"best_params", to_json(m.best_params)},
          {"best_score", m.best_score}, {"best_score_std", m.best_score_std},
          {"best_index", m.best_index}, {"candidates", m.candidates},
          {"folds", m.folds},           {"failed", to_json(m.failed)}};
}

Json explored_json(const std::optional<Explored>& explored) {
  if (!explored) return Json::object();
  Json json = to_json(explored->findings);
  json["maps"] = Json::array();
  for (const MapMetrics& map : explored->maps) {
    json["maps"].push_back({{"name", map.name},
                            {"method", map.method},
                            {"kl", map.kl},
                            {"trustworthiness", map.trustworthiness},
                            {"map_accuracy", map.map_accuracy}});
  }
  return json;
}

Json data_json(const DataMetrics& m) {
  return {{"fingerprint", m.fingerprint},
          {"release", m.release},
          {"train_images", m.train_images},
          {"test_images", m.test_images},
          {"shape", m.shape},
          {"classes", m.classes},
          {"bad_files", m.bad_files},
          {"groups", {{"count", m.groups}, {"images", m.grouped}, {"largest", m.largest_group}}},
          {"checked", explored_json(m.checked)}};
}

// Reading checks whatever is drawn later: ranges, and sizes that belong together.

constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kMostLoss = 1e9;

double share(const JsonReader& json) {
  return json.number(0, 1);
}

double share_or_nan(const JsonReader& json) {
  return json.number_or_nan(0, 1);
}

std::int64_t images(const JsonReader& json) {
  return json.whole(kMostImages);
}

void read_model(const JsonReader& json, ModelMetrics& m) {
  m.params = json.at("params").settings();
  m.parameters = json.at("parameters").whole<std::size_t>(kMostWeights);
  m.epochs = json.at("epochs").whole<int>(kMostImages);
  m.trained_on = json.at("trained_on").whole<std::size_t>(kMostImages);
  if (const auto failed = json.find("failed")) m.failed = failed->text();
  const auto figure = m.failed.empty() ? share : share_or_nan;
  m.train_accuracy = figure(json.at("train_accuracy"));
  m.train_accuracy_evaluated = figure(json.at("train_accuracy_evaluated"));
  m.test_accuracy = figure(json.at("test_accuracy"));
  const auto interval = json.at("test_accuracy_interval").list(2);
  m.interval_low = figure(interval[0]);
  m.interval_high = figure(interval[1]);
  m.test_loss = json.at("test_loss").number_or_nan(0, kMostLoss);
  m.test_top2 = figure(json.at("test_top2"));
  // Older versions wrote neither.
  m.test_balanced_accuracy = m.test_f1_macro = std::numeric_limits<double>::quiet_NaN();
  if (const auto balanced = json.find("test_balanced_accuracy")) {
    m.test_balanced_accuracy = share_or_nan(*balanced);
  }
  if (const auto f1 = json.find("test_f1_macro")) m.test_f1_macro = share_or_nan(*f1);
}

ClassScores scores_from(const JsonReader& json, std::string name) {
  return {std::move(name), share_or_nan(json.at("precision")), share_or_nan(json.at("recall")),
          share_or_nan(json.at("f1")), images(json.at("support"))};
}

CalibrationFigures figures_from(const JsonReader& json) {
  return {share_or_nan(json.at("ece")), json.at("nll").number_or_nan(0, kMostLoss),
          json.at("brier").number_or_nan(0, 2)};
}

// Older versions wrote neither what is below.
void read_coverage(const JsonReader& json, FinalMetrics& m) {
  if (const auto coverage = json.find("coverage")) {
    for (const JsonReader& at : coverage->list()) {
      m.coverage.push_back(
          {share(at.at("coverage")), share(at.at("accuracy")), share(at.at("threshold"))});
    }
  }
  const auto rejection = json.find("rejection");
  if (!rejection) return;
  Rejection& r = m.rejection;
  r.wanted = share(rejection->at("precision"));
  r.chosen_on = rejection->at("chosen_on").text();
  r.images = images(rejection->at("images"));
  r.chosen.answers = images(rejection->at("answers"));
  r.chosen.right = images(rejection->at("right"));
  if (rejection->at("reject_below").is_null()) return;
  r.below = float(share(rejection->at("reject_below")));
  r.chosen.threshold = m.answered.threshold = *r.below;
  m.answered.answers = images(rejection->at("test").at("answers"));
  m.answered.right = images(rejection->at("test").at("right"));
}

void read_final(const JsonReader& json, std::size_t classes, FinalMetrics& m) {
  read_model(json, m);
  for (const JsonReader& row : json.at("confusion").list(classes)) {
    std::vector<std::int64_t>& counts = m.confusion.emplace_back();
    for (const JsonReader& count : row.list(classes)) counts.push_back(images(count));
  }
  for (const JsonReader& scores : json.at("per_class").list(classes)) {
    m.per_class.push_back(scores_from(scores, scores.at("class").text(kMostNameBytes)));
  }
  m.macro = scores_from(json.at("macro_avg"), "macro avg");
  if (const auto validation = json.find("validation")) {
    m.validation_images = images(validation->at("images"));
    m.validation_accuracy = share(validation->at("accuracy"));
    m.validation_balanced_accuracy = share_or_nan(validation->at("balanced_accuracy"));
  }
  read_coverage(json, m);
  const JsonReader calibration = json.at("calibration");
  m.calibration.temperature = calibration.at("temperature").number(0, kMostLoss);
  m.calibration.images = images(calibration.at("images"));
  if (const auto kept = calibration.find("kept_at_1")) m.calibration.kept = kept->text();
  m.calibration.before = figures_from(calibration.at("before"));
  m.calibration.after = figures_from(calibration.at("after"));
}

// A score may be anything: search.error_score says what one that failed has.
void read_search(const JsonReader& json, SearchMetrics& m) {
  m.strategy = json.at("strategy").text();
  m.best_params = json.at("best_params").settings();
  m.best_score = json.at("best_score").number_or_nan(-kLargest, kLargest);
  m.best_score_std = json.at("best_score_std").number_or_nan(0, kLargest);
  m.candidates = json.at("candidates").whole<std::size_t>(kMostCandidates, 1);
  m.best_index = json.at("best_index").whole<int>(m.candidates - 1);
  m.folds = json.at("folds").whole<int>(kMostImages, 1);
  const auto failed = json.find("failed");  // older versions wrote none
  if (!failed) return;
  for (const JsonReader& fit : failed->list()) {
    m.failed.push_back({fit.at("candidate").whole<int>(m.candidates - 1),
                        fit.at("fold").whole<int>(std::uint64_t(m.folds) - 1),
                        fit.at("error").text()});
  }
}

std::optional<Explored> explored_from(const JsonReader& json) {
  if (json.entries().empty()) return std::nullopt;
  Explored explored;
  DataFindings& f = explored.findings;
  constexpr auto kMostPairs = std::uint64_t(std::numeric_limits<std::int64_t>::max());
  f.duplicates = json.at("duplicates").whole(kMostPairs);
  f.duplicates_across = json.at("duplicates_across").whole(kMostPairs);
  f.near_duplicates = json.at("near_duplicates").whole(kMostPairs);
  f.near_duplicates_across = json.at("near_duplicates_across").whole(kMostPairs);
  f.near_listed = f.near_duplicates;
  if (const auto listed = json.find("near_duplicates_listed")) {
    f.near_listed = listed->whole(kMostPairs);
  }
  f.near_threshold = json.at("near_threshold").number(0, kLargest);
  if (const auto suspects = json.find("label_suspects")) {
    f.label_suspects = images(*suspects);
    f.label_source = json.at("label_source").text();
    if (const auto accuracy = json.find("label_judge_accuracy")) {
      f.label_judge_accuracy = accuracy->number(0, 1);
    }
  }
  for (const JsonReader& map : json.at("maps").list()) {
    explored.maps.push_back({map.at("name").text(), map.at("method").text(),
                             map.at("kl").number_or_nan(-kLargest, kLargest),
                             share_or_nan(map.at("trustworthiness")),
                             share_or_nan(map.at("map_accuracy"))});
  }
  return explored;
}

void read_data(const JsonReader& json, DataMetrics& m) {
  m.fingerprint = json.at("fingerprint").text();
  m.release = json.at("release").text();
  m.train_images = images(json.at("train_images"));
  m.test_images = images(json.at("test_images"));
  m.shape = json.at("shape").text();
  m.classes = json.at("classes").whole<int>(kMostClasses, 1);
  if (const auto bad = json.find("bad_files")) m.bad_files = images(*bad);
  if (const auto groups = json.find("groups")) {
    m.groups = images(groups->at("count"));
    m.grouped = images(groups->at("images"));
    m.largest_group = images(groups->at("largest"));
  }
  m.checked = explored_from(json.at("checked"));
}

constexpr std::int64_t kFashionImages = 60000;  // what the notebook trained on

struct Figure {
  const char* text;
  double ModelMetrics::*figure;
  const char* notebook;
};

// Of the first and of the final model.
constexpr Figure kFigures[2][3] = {
    {{"train accuracy, running", &ModelMetrics::train_accuracy, "90 % (15 epochs)"},
     {"train accuracy, evaluated", &ModelMetrics::train_accuracy_evaluated, ""},
     {"test accuracy", &ModelMetrics::test_accuracy, "88 % (15 epochs)"}},
    {{"train accuracy, running", &ModelMetrics::train_accuracy, "96 % (20 epochs)"},
     {"train accuracy, evaluated", &ModelMetrics::train_accuracy_evaluated, ""},
     {"test accuracy", &ModelMetrics::test_accuracy, "92.9 % (20 epochs)"}},
};

std::string figure_text(const ModelMetrics& model, double figure, const std::string& slice) {
  if (!model.failed.empty()) {
    return model.failed.find("diverged") != std::string::npos ? "diverged" : "failed";
  }
  return fmt::format("{:.2f} % ({} epochs{})", 100 * figure, model.epochs, slice);
}

}  // namespace

Json to_json(const Settings& settings) {
  Json object = Json::object();
  for (const auto& [path, value] : settings) {
    object[path] = std::visit([](const auto& held) { return Json(held); }, value);
  }
  return object;
}

Json to_json(const DataFindings& f) {
  Json json = {{"duplicates", f.duplicates},
               {"duplicates_across", f.duplicates_across},
               {"near_duplicates", f.near_duplicates},
               {"near_duplicates_across", f.near_duplicates_across},
               {"near_duplicates_listed", f.near_listed},
               {"near_threshold", f.near_threshold}};
  if (f.label_suspects) {
    json["label_suspects"] = *f.label_suspects;
    json["label_source"] = f.label_source;
    json["label_judge_accuracy"] = f.label_judge_accuracy;
  }
  return json;
}

Json to_json(const Metrics& metrics) {
  return {{"first", model_json(metrics.first)},
          {"final", final_json(metrics.final, metrics.data.test_images)},
          {"search", search_json(metrics.search)},
          {"data", data_json(metrics.data)}};
}

Metrics parse_metrics(const std::string& text, const std::string& source) {
  const JsonReader json(text, source,
                        "move it away and run again: it is made anew of the trained models");
  Metrics metrics;
  read_data(json.at("data"), metrics.data);
  read_model(json.at("first"), metrics.first);
  read_final(json.at("final"), std::size_t(metrics.data.classes), metrics.final);
  read_search(json.at("search"), metrics.search);
  return metrics;
}

Metrics read_metrics(const std::filesystem::path& path) {
  return parse_metrics(read_text(path), path.string());
}

std::vector<NotebookRow> result_rows(const Metrics& metrics) {
  const bool fashion = metrics.data.release.starts_with("Fashion-MNIST");
  const std::int64_t images = metrics.data.train_images;
  const std::string slice = fashion && images != kFashionImages
                                ? fmt::format(", {} images", grouped(double(images)))
                                : "";
  std::vector<NotebookRow> rows;
  const ModelMetrics* const models[] = {&metrics.first, &metrics.final};
  for (int i = 0; i < 2; ++i) {
    for (const Figure& figure : kFigures[i]) {
      rows.push_back({fmt::format("{} model, {}", i == 0 ? "First" : "Final", figure.text),
                      fashion && slice.empty() ? figure.notebook : "",
                      figure_text(*models[i], models[i]->*figure.figure, slice)});
    }
  }
  if (fashion) return rows;  // whose classes are of one size
  const FinalMetrics& final = metrics.final;
  rows.push_back({"Final model, balanced test accuracy", "",
                  figure_text(final, final.test_balanced_accuracy, slice)});
  rows.push_back(
      {"Final model, macro F1 on the test", "", figure_text(final, final.test_f1_macro, slice)});
  if (final.validation_images > 0) {
    rows.push_back({"Final model, validation accuracy", "",
                    figure_text(final, final.validation_accuracy, slice)});
  }
  return rows;
}

std::string settings_text(const Settings& settings) {
  std::string text;
  for (const auto& [path, value] : settings) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", path, to_text(value));
  }
  return text;
}

}  // namespace tailor::internal
