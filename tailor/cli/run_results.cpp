#include "tailor/cli/run_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tailor/cli/progress.hpp"
#include "tailor/cli/text_charts.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor {
namespace {

Json settings_json(const Settings& settings) {
  Json object = Json::object();
  for (const auto& [path, value] : settings) {
    object[path] = std::visit([](const auto& held) { return Json(held); }, value);
  }
  return object;
}

Json model_json(const TrainedModel& model, const Measured& measured) {
  return {{"params", settings_json(model.made.settings)},
          {"parameters", model.params.table.weight_count},
          {"epochs", model.made.experiment.train.epochs},
          {"trained_on", model.made.rows.size()},
          {"train_accuracy", model.history.back().accuracy},
          {"train_accuracy_evaluated", measured.train.accuracy},
          {"test_accuracy", measured.test.accuracy},
          {"test_accuracy_interval", {measured.test.interval_low, measured.test.interval_high}},
          {"test_loss", measured.test.loss},
          {"test_top2", measured.test.top2}};
}

Json calibration_json(const TrainedModel& model, const Measured& measured) {
  const auto figures = [](const Reliability& r) {
    return Json{{"ece", r.ece}, {"nll", r.nll}, {"brier", r.brier}};
  };
  return {{"temperature", model.temperature.value},
          {"images", model.temperature.images},
          {"before", figures(measured.before)},
          {"after", figures(measured.after)}};
}

Json search_json(const SearchResult& search) {
  const CandidateRow& best = search.rows[std::size_t(search.best_index)];
  return {{"strategy", search.strategy},
          {"best_params", settings_json(best.params)},
          {"best_score", best.mean_test_score},
          {"best_score_std", best.std_test_score},
          {"best_index", search.best_index},
          {"candidates", search.rows.size()},
          {"folds", search.folds}};
}

std::string in_percent(double share) {
  return fmt::format("{:.2f} %", 100 * share);
}

constexpr std::int64_t kFashionImages = 60000;  // what the notebook trained on

struct Figure {
  const char* text;
  const char* model;  // key in metrics.json
  const char* key;
  const char* notebook;
};

constexpr Figure kFigures[] = {
    {"First model, train accuracy", "first", "train_accuracy", "90 % (15 epochs)"},
    {"First model, test accuracy", "first", "test_accuracy", "88 % (15 epochs)"},
    {"Final model, train accuracy", "final", "train_accuracy", "96 % (20 epochs)"},
    {"Final model, test accuracy", "final", "test_accuracy", "92.9 % (20 epochs)"},
};

std::string results_table(const Console& console, const Json& metrics) {
  const std::vector<NotebookRow> rows = result_rows(metrics);
  const bool notebook = !rows.front().notebook.empty();
  std::string text = console.bold(fmt::format("{:<29}{:<20}{}", "", notebook ? "notebook" : "ours",
                                              notebook ? "ours" : "")) +
                     "\n";
  for (const NotebookRow& row : rows) {
    text += notebook ? fmt::format("{:<29}{:<20}{}\n", row.figure, row.notebook, row.ours)
                     : fmt::format("{:<29}{}\n", row.figure, row.ours);
  }
  return text;
}

std::string timings_table(const Console& console, const RunTimings& timings) {
  std::string text = console.bold(fmt::format("{:<29}{:<20}{}", "", "time", "images/s")) + "\n";
  for (const auto& [stage, name] : run_stage_names()) {
    const auto seconds = timings.seconds.find(stage);
    if (seconds == timings.seconds.end()) continue;
    const auto speed = timings.images_per_second.find(stage);
    text += fmt::format("{:<29}{:<20}{}\n", name, duration_text(seconds->second),
                        speed == timings.images_per_second.end() ? "" : grouped(speed->second));
  }
  return text + fmt::format("{:<29}{}\n{:<29}{:.0f} MiB\n", "All",
                            duration_text(timings.total_seconds()), "Peak memory",
                            double(timings.peak_memory_bytes) / (1024 * 1024));
}

std::string best_line(const Json& metrics) {
  const Json& search = metrics.at("search");
  std::string params;
  for (const auto& [path, value] : search.at("best_params").items()) {
    params += fmt::format("{}{} = {}", params.empty() ? "" : ", ", path, value.dump());
  }
  return fmt::format("Best of {} candidates on {} folds: {} ({} +- {:.2f})\n",
                     search.at("candidates").get<int>(), search.at("folds").get<int>(), params,
                     in_percent(search.at("best_score").get<double>()),
                     100 * search.at("best_score_std").get<double>());
}

std::string calibration_line(const Json& metrics) {
  const Json& calibration = metrics.at("final").at("calibration");
  if (calibration.at("images").get<std::int64_t>() == 0) return "";
  return fmt::format("Temperature {:.3f}: expected calibration error {:.4f} -> {:.4f}\n",
                     calibration.at("temperature").get<double>(),
                     calibration.at("before").at("ece").get<double>(),
                     calibration.at("after").at("ece").get<double>());
}

std::vector<double> accuracies(const std::filesystem::path& history) {
  std::vector<double> values;
  for (const EpochRecord& epoch : parse_history_csv(read_text(history))) {
    values.push_back(epoch.accuracy);
  }
  return values;
}

std::string curves_of(const RunFiles& files) {
  return curves_text("Accuracy on the training images, by epoch",
                     {{"first model", 'o', accuracies(first_files(files).history)},
                      {"final model", '*', accuracies(final_files(files).history)}});
}

std::string confusion_of(const Console& console, const Json& metrics) {
  const Json& final = metrics.at("final");
  std::vector<std::string> names;
  for (const Json& scores : final.at("per_class")) names.push_back(scores.at("class"));
  return "Final model on the test images\n" +
         confusion_text(console,
                        final.at("confusion").get<std::vector<std::vector<std::int64_t>>>(), names);
}

std::string pages_text(const RunFiles& files) {
  std::string text = fmt::format("Report    {}", files.report().string());
  if (std::filesystem::exists(files.explorer())) {
    text += fmt::format("\nExplorer  {}", files.explorer().string());
  }
  return text;
}

}  // namespace

std::string settings_text(const Settings& settings) {
  std::string text;
  for (const auto& [path, value] : settings) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", path, to_text(value));
  }
  return text;
}

Json metrics_json(const FinishedRun& run, const Study& study, const Json& explored) {
  Json final_json = model_json(run.final, run.final_measured);
  const Json details = to_json(run.final_measured.test);
  for (const char* key : {"confusion", "per_class", "macro_avg"}) final_json[key] = details.at(key);
  final_json["calibration"] = calibration_json(run.final, run.final_measured);
  return {{"first", model_json(run.first, run.first_measured)},
          {"final", final_json},
          {"search", search_json(run.search)},
          {"data",
           {{"fingerprint", study.identity.fingerprint},
            {"release", study.identity.release},
            {"train_images", study.train.size()},
            {"test_images", run.test.size()},
            {"shape", to_string(study.train.shape)},
            {"classes", study.train.classes()},
            {"checked", explored}}}};
}

Json read_metrics(const std::filesystem::path& path) {
  try {
    Json metrics = Json::parse(read_text(path));
    for (const Figure& figure : kFigures) metrics.at(figure.model).at(figure.key).get<double>();
    metrics.at("search").at("best_score").get<double>();
    metrics.at("final").at("calibration").at("temperature").get<double>();
    metrics.at("data").at("release").get<std::string>();
    return metrics;
  } catch (const Json::exception&) {
    throw bad_input(
        fmt::format("{} is not what a run writes; delete it and run again, the trained "
                    "models stay",
                    path.string()));
  }
}

std::vector<NotebookRow> result_rows(const Json& metrics) {
  const Json& data = metrics.at("data");
  const bool fashion = data.at("release").get<std::string>().starts_with("Fashion-MNIST");
  const auto images = data.at("train_images").get<std::int64_t>();
  const std::string slice = fashion && images != kFashionImages
                                ? fmt::format(", {} images", grouped(double(images)))
                                : "";
  std::vector<NotebookRow> rows;
  for (const Figure& figure : kFigures) {
    const Json& model = metrics.at(figure.model);
    const double accuracy = model.at(figure.key).get<double>();
    rows.push_back({figure.text, fashion ? figure.notebook : "",
                    fmt::format("{} ({} epochs{})", in_percent(accuracy),
                                model.at("epochs").get<int>(), slice)});
  }
  return rows;
}

void show_run(Console& console, const Json& metrics, const RunTimings& timings,
              const RunFiles& files) {
  const Json& interval = metrics.at("final").at("test_accuracy_interval");
  console.print(
      fmt::format("\n{}\n95 % interval of the final test accuracy: {} to {}\n{}{}\n{}\n{}\n{}{}",
                  results_table(console, metrics), in_percent(interval.at(0).get<double>()),
                  in_percent(interval.at(1).get<double>()), best_line(metrics),
                  calibration_line(metrics), curves_of(files), confusion_of(console, metrics),
                  timings_table(console, timings), pages_text(files)));
  Json object = metrics;
  object["timings"] = to_json(timings);
  object["files"] = {{"folder", files.folder.string()},
                     {"report", files.report().string()},
                     {"model", final_files(files).model.string()},
                     {"first_model", first_files(files).model.string()},
                     {"metrics", files.metrics().string()},
                     {"cv_results", files.cv_results().string()}};
  if (std::filesystem::exists(files.explorer())) {
    object["files"]["explorer"] = files.explorer().string();
  }
  console.result(object);
}

}  // namespace tailor
