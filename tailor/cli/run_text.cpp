#include "tailor/cli/run_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "tailor/cli/text_charts.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/train/rejection.hpp"

namespace tailor::internal {
namespace {

std::string in_percent(double share) {
  return fmt::format("{:.2f} %", 100 * share);
}

std::string results_table(const Console& console, const Metrics& metrics) {
  const std::vector<NotebookRow> rows = result_rows(metrics);
  const bool notebook = !rows.front().notebook.empty();
  std::string text = console.bold(notebook ? fmt::format("{:<40}{:<20}ours", "", "notebook")
                                           : fmt::format("{:<40}this run", "")) +
                     "\n";
  for (const NotebookRow& row : rows) {
    text += notebook ? fmt::format("{:<40}{:<20}{}\n", row.figure, row.notebook, row.ours)
                     : fmt::format("{:<40}{}\n", row.figure, row.ours);
  }
  text += fmt::format("{}\n", kTrainAccuracies);
  const std::string& failed = metrics.first.failed;
  return failed.empty() ? text : text + fmt::format("First model: {}\n", printable(failed));
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

std::string best_line(const SearchMetrics& search) {
  return fmt::format("Best of {} candidates on {} folds: {} ({} +- {:.2f})\n", search.candidates,
                     search.folds, settings_text(search.best_params), in_percent(search.best_score),
                     100 * search.best_score_std);
}

std::string calibration_line(const CalibrationMetrics& calibration) {
  if (calibration.images == 0) return "";
  if (!calibration.kept.empty()) {
    return fmt::format("Temperature stays 1: {}\n", printable(calibration.kept));
  }
  return fmt::format("Temperature {:.3f}: expected calibration error {:.4f} -> {:.4f}\n",
                     calibration.temperature, calibration.before.ece, calibration.after.ece);
}

std::string rejection_line(const FinalMetrics& final, std::int64_t test_images) {
  if (final.rejection.wanted == 0) return "";
  std::string text = rejection_text(final.rejection) + "\n";
  if (!final.rejection.below) return text;
  return text + fmt::format("On the test images it answers {}, {} of these right\n",
                            in_percent(double(final.answered.answers) / double(test_images)),
                            in_percent(final.answered.precision()));
}

std::vector<double> accuracies(const std::filesystem::path& history) {
  std::vector<double> values;
  if (!path_exists(history)) return values;  // of a model that failed at once
  for (const EpochRecord& epoch : read_history(history)) {
    values.push_back(epoch.accuracy);
  }
  return values;
}

std::string curves_of(const RunFiles& files) {
  return curves_text("Accuracy on the training images, by epoch",
                     {{"first model", 'o', accuracies(first_files(files).history)},
                      {"final model", '*', accuracies(final_files(files).history)}});
}

std::string confusion_of(const Console& console, const FinalMetrics& final) {
  std::vector<std::string> names;
  for (const ClassScores& scores : final.per_class) names.push_back(scores.name);
  return "Final model on the test images\n" + confusion_text(console, final.confusion, names);
}

std::string pages_text(const RunFiles& files) {
  std::string text = fmt::format("Report    {}", files.report().string());
  if (path_exists(files.explorer())) {
    text += fmt::format("\nExplorer  {}", files.explorer().string());
  }
  return text;
}

}  // namespace

std::string failed_fits_text(const std::vector<FailedFit>& failed, int folds) {
  constexpr std::size_t kShown = 10;  // all of them are in --json
  std::string text;
  for (std::size_t i = 0; i < std::min(failed.size(), kShown); ++i) {
    text += fmt::format("Failed: {}\n", printable(to_text(failed[i], folds)));
  }
  if (failed.size() > kShown) text += fmt::format("Failed: {} more\n", failed.size() - kShown);
  return text;
}

void show_run(Console& console, const StudyResult& run, const RunFiles& files) {
  const auto& [metrics, timings] = run;
  console.print(fmt::format(
      "\n{}\n95 % interval of the final test accuracy: {} to {}\n{}{}{}{}\n{}\n{}\n{}{}",
      results_table(console, metrics), in_percent(metrics.final.interval_low),
      in_percent(metrics.final.interval_high), best_line(metrics.search),
      failed_fits_text(metrics.search.failed, metrics.search.folds),
      calibration_line(metrics.final.calibration),
      rejection_line(metrics.final, metrics.data.test_images), curves_of(files),
      confusion_of(console, metrics.final), timings_table(console, timings), pages_text(files)));
  Json object = to_json(metrics);
  object["timings"] = to_json(timings);
  object["files"] = {{"folder", files.folder.string()},
                     {"report", files.report().string()},
                     {"model", final_files(files).model.string()},
                     {"first_model", first_files(files).model.string()},
                     {"metrics", files.metrics().string()},
                     {"cv_results", files.cv_results().string()}};
  if (path_exists(files.explorer())) {
    object["files"]["explorer"] = files.explorer().string();
  }
  console.result(object);
}

void show_training_result(Console& console, const TrainingResult& result) {
  const EpochRecord last = result.history.empty() ? EpochRecord{} : result.history.back();
  double seconds = 0;
  for (const EpochRecord& record : result.history) seconds += record.seconds;
  Json json = {{"train_accuracy", last.accuracy},
               {"train_accuracy_evaluated", result.train.accuracy},
               {"loss", last.loss},
               {"loss_evaluated", result.train.loss}};
  std::string text = fmt::format(
      "train accuracy  {:.4f}  evaluated, dropout off\n"
      "                {:.4f}  running mean over the last epoch, as it was trained\n",
      result.train.accuracy, last.accuracy);
  if (result.validation) {
    json["validation_accuracy"] = result.validation->accuracy;
    text += fmt::format("validation      {:.4f}  accuracy on {} images\n",
                        result.validation->accuracy, grouped(double(result.validation->images)));
  }
  if (result.test) {
    const Evaluation& test = *result.test;
    json["test_accuracy"] = test.accuracy;
    json["test_accuracy_interval"] = {test.interval_low, test.interval_high};
    text += fmt::format("test accuracy   {:.4f}  (95 %: {:.4f} to {:.4f})\n", test.accuracy,
                        test.interval_low, test.interval_high);
  }
  json["epochs"] = last.epoch;
  json["seconds"] = seconds;
  json["images_per_second"] = last.images_per_second;
  json["params"] = result.weights;
  json["model"] = result.model_file.string();
  json["history"] = result.history_file.string();
  text += fmt::format("epochs          {} in {}, {} images/s\n", last.epoch, duration_text(seconds),
                      grouped(last.images_per_second));
  console.print(text + fmt::format("model           {}", result.model_file.string()));
  console.result(json);
}

}  // namespace tailor::internal
