#include "tailor/study/metrics.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

Json model_json(const ModelMetrics& m) {
  return {{"params", to_json(m.params)},
          {"parameters", m.parameters},
          {"epochs", m.epochs},
          {"trained_on", m.trained_on},
          {"train_accuracy", m.train_accuracy},
          {"train_accuracy_evaluated", m.train_accuracy_evaluated},
          {"test_accuracy", m.test_accuracy},
          {"test_accuracy_interval", {m.interval_low, m.interval_high}},
          {"test_loss", m.test_loss},
          {"test_top2", m.test_top2}};
}

Json figures_json(const CalibrationFigures& f) {
  return {{"ece", f.ece}, {"nll", f.nll}, {"brier", f.brier}};
}

Json final_json(const FinalMetrics& m) {
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
  return json;
}

Json search_json(const SearchMetrics& m) {
  return {{"strategy", m.strategy},
          {"best_params", to_json(m.best_params)},
          {"best_score", m.best_score},
          {"best_score_std", m.best_score_std},
          {"best_index", m.best_index},
          {"candidates", m.candidates},
          {"folds", m.folds}};
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
          {"checked", explored_json(m.checked)}};
}

// Reading throws Json::exception for a key that is missing or of another type.

Settings settings_from(const Json& json) {
  Settings settings;
  for (const auto& [path, value] : json.items()) {
    if (value.is_boolean()) {
      settings[path] = value.get<bool>();
    } else if (value.is_number_integer()) {
      settings[path] = value.get<std::int64_t>();
    } else if (value.is_number()) {
      settings[path] = value.get<double>();
    } else {
      settings[path] = value.get<std::string>();
    }
  }
  return settings;
}

// A loss that was no number is null in a file.
double number_or_nan(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

void read_model(const Json& json, ModelMetrics& m) {
  m.params = settings_from(json.at("params"));
  json.at("parameters").get_to(m.parameters);
  json.at("epochs").get_to(m.epochs);
  json.at("trained_on").get_to(m.trained_on);
  json.at("train_accuracy").get_to(m.train_accuracy);
  json.at("train_accuracy_evaluated").get_to(m.train_accuracy_evaluated);
  json.at("test_accuracy").get_to(m.test_accuracy);
  json.at("test_accuracy_interval").at(0).get_to(m.interval_low);
  json.at("test_accuracy_interval").at(1).get_to(m.interval_high);
  m.test_loss = number_or_nan(json.at("test_loss"));
  json.at("test_top2").get_to(m.test_top2);
}

ClassScores scores_from(const Json& json) {
  return {json.value("class", "macro avg"), json.at("precision").get<double>(),
          json.at("recall").get<double>(), json.at("f1").get<double>(),
          json.at("support").get<std::int64_t>()};
}

CalibrationFigures figures_from(const Json& json) {
  return {number_or_nan(json.at("ece")), number_or_nan(json.at("nll")),
          number_or_nan(json.at("brier"))};
}

void read_final(const Json& json, FinalMetrics& m) {
  read_model(json, m);
  json.at("confusion").get_to(m.confusion);
  for (const Json& scores : json.at("per_class")) m.per_class.push_back(scores_from(scores));
  m.macro = scores_from(json.at("macro_avg"));
  const Json& calibration = json.at("calibration");
  calibration.at("temperature").get_to(m.calibration.temperature);
  calibration.at("images").get_to(m.calibration.images);
  m.calibration.before = figures_from(calibration.at("before"));
  m.calibration.after = figures_from(calibration.at("after"));
}

void read_search(const Json& json, SearchMetrics& m) {
  json.at("strategy").get_to(m.strategy);
  m.best_params = settings_from(json.at("best_params"));
  json.at("best_score").get_to(m.best_score);
  json.at("best_score_std").get_to(m.best_score_std);
  json.at("best_index").get_to(m.best_index);
  json.at("candidates").get_to(m.candidates);
  json.at("folds").get_to(m.folds);
}

std::optional<Explored> explored_from(const Json& json) {
  if (json.empty()) return std::nullopt;
  Explored explored;
  DataFindings& f = explored.findings;
  json.at("duplicates").get_to(f.duplicates);
  json.at("duplicates_across").get_to(f.duplicates_across);
  json.at("near_duplicates").get_to(f.near_duplicates);
  json.at("near_duplicates_across").get_to(f.near_duplicates_across);
  json.at("near_threshold").get_to(f.near_threshold);
  if (json.contains("label_suspects")) {
    f.label_suspects = json.at("label_suspects").get<std::int64_t>();
    json.at("label_source").get_to(f.label_source);
  }
  for (const Json& map : json.at("maps")) {
    explored.maps.push_back({map.at("name"), map.at("method"), number_or_nan(map.at("kl")),
                             number_or_nan(map.at("trustworthiness")),
                             number_or_nan(map.at("map_accuracy"))});
  }
  return explored;
}

void read_data(const Json& json, DataMetrics& m) {
  json.at("fingerprint").get_to(m.fingerprint);
  json.at("release").get_to(m.release);
  json.at("train_images").get_to(m.train_images);
  json.at("test_images").get_to(m.test_images);
  json.at("shape").get_to(m.shape);
  json.at("classes").get_to(m.classes);
  m.checked = explored_from(json.at("checked"));
}

// Tables are drawn by these sizes.
bool has_one_size(const FinalMetrics& m, int classes) {
  if (m.per_class.size() != std::size_t(classes) || m.confusion.size() != m.per_class.size()) {
    return false;
  }
  for (const auto& row : m.confusion) {
    if (row.size() != m.confusion.size()) return false;
  }
  return true;
}

[[noreturn]] void refuse(const std::string& source) {
  throw bad_input(fmt::format(
      "{} is not what a run writes; delete it and run again, the trained models stay", source));
}

constexpr std::int64_t kFashionImages = 60000;  // what the notebook trained on

struct Figure {
  const char* text;
  double (*ours)(const Metrics&);
  int (*epochs)(const Metrics&);
  const char* notebook;
};

constexpr Figure kFigures[] = {
    {"First model, train accuracy", [](const Metrics& m) { return m.first.train_accuracy; },
     [](const Metrics& m) { return m.first.epochs; }, "90 % (15 epochs)"},
    {"First model, test accuracy", [](const Metrics& m) { return m.first.test_accuracy; },
     [](const Metrics& m) { return m.first.epochs; }, "88 % (15 epochs)"},
    {"Final model, train accuracy", [](const Metrics& m) { return m.final.train_accuracy; },
     [](const Metrics& m) { return m.final.epochs; }, "96 % (20 epochs)"},
    {"Final model, test accuracy", [](const Metrics& m) { return m.final.test_accuracy; },
     [](const Metrics& m) { return m.final.epochs; }, "92.9 % (20 epochs)"},
};

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
               {"near_threshold", f.near_threshold}};
  if (f.label_suspects) {
    json["label_suspects"] = *f.label_suspects;
    json["label_source"] = f.label_source;
  }
  return json;
}

Json to_json(const Metrics& metrics) {
  return {{"first", model_json(metrics.first)},
          {"final", final_json(metrics.final)},
          {"search", search_json(metrics.search)},
          {"data", data_json(metrics.data)}};
}

Metrics metrics_from_json(const Json& json, const std::string& source) {
  Metrics metrics;
  try {
    read_model(json.at("first"), metrics.first);
    read_final(json.at("final"), metrics.final);
    read_search(json.at("search"), metrics.search);
    read_data(json.at("data"), metrics.data);
  } catch (const Json::exception&) {
    refuse(source);
  }
  if (!has_one_size(metrics.final, metrics.data.classes)) refuse(source);
  return metrics;
}

Metrics read_metrics(const std::filesystem::path& path) {
  const Json json = Json::parse(read_text(path), nullptr, false);
  if (json.is_discarded()) refuse(path.string());
  return metrics_from_json(json, path.string());
}

std::vector<NotebookRow> result_rows(const Metrics& metrics) {
  const bool fashion = metrics.data.release.starts_with("Fashion-MNIST");
  const std::int64_t images = metrics.data.train_images;
  const std::string slice = fashion && images != kFashionImages
                                ? fmt::format(", {} images", grouped(double(images)))
                                : "";
  std::vector<NotebookRow> rows;
  for (const Figure& figure : kFigures) {
    rows.push_back({figure.text, fashion && slice.empty() ? figure.notebook : "",
                    fmt::format("{:.2f} % ({} epochs{})", 100 * figure.ours(metrics),
                                figure.epochs(metrics), slice)});
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
