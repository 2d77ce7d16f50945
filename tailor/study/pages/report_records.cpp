#include "tailor/study/pages/report_records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/file.hpp"
#include "tailor/core/shell.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/augment/as_seen.hpp"
#include "tailor/data/sprite.hpp"
#include "tailor/study/explanation.hpp"
#include "tailor/study/metrics.hpp"
#include "tailor/study/near_groups.hpp"
#include "tailor/study/pages/pictures.hpp"
#include "tailor/study/training.hpp"

namespace tailor::internal {
namespace {

constexpr int kSpriteWidth = 840;    // 30 images of 28 pixels
constexpr int kSpriteHeight = 4000;  // beyond, one image of each class has to do

Image as_image(Sprite sprite) {
  return {sprite.height, sprite.width, sprite.channels, std::move(sprite.pixels)};
}

// One image of every class, in class order.
Indices one_of_each(const Dataset& set) {
  Indices rows;
  for (int label = 0; label < set.classes(); ++label) {
    const auto found = std::find(set.labels.begin(), set.labels.end(), Label(label));
    if (found != set.labels.end()) rows.push_back(std::uint32_t(found - set.labels.begin()));
  }
  return rows;
}

// Some images as the model's training saw them; none where it saw them as they are.
Image augmented_images(const StageModel& made, const Dataset& set) {
  const AugmentOptions& options = made.experiment.augment;
  if (!augments(options)) return {};
  constexpr std::size_t kLines = 10;
  Indices rows = one_of_each(set);
  rows.resize(std::min(rows.size(), kLines));
  const int epochs = std::clamp(kSpriteWidth / set.shape.width, 4, 30) - 1;
  const Dataset seen = as_seen(set, rows, options, made.experiment.seed, epochs);
  return as_image(grid_sprite(seen, all_rows(seen).indices, epochs + 1));
}

ModelCosts costs_of(const TrainedModel& model, const RunTimings& timings) {
  ModelCosts costs;
  costs.file_bytes = std::int64_t(size_of_file(model.made.files.model));
  costs.forward_multiply_adds = multiply_adds(model.model.spec);
  const auto cost = timings.inference.find(model.made.stage);
  if (cost != timings.inference.end()) {
    costs.latency_us = cost->second.latency_us;
    costs.images_per_second = cost->second.images_per_second;
  }
  return costs;
}

ModelReport model_report(const std::string& title, const StageModel& made) {
  ModelReport report;
  report.title = title;
  for (const auto& [path, value] : made.settings) {
    report.settings.emplace_back(path, to_text(value));
  }
  const TrainOptions& options = made.experiment.train;
  report.settings.emplace_back("epochs", std::to_string(options.epochs));
  report.settings.emplace_back("batch", std::to_string(options.batch));
  report.settings.emplace_back("optimizer",
                               fmt::format("{}, learning rate {}, schedule {}", options.optimizer,
                                           options.learning_rate, options.schedule));
  return report;
}

ModelReport model_report(const std::string& title, const TrainedModel& model,
                         const RunTimings& timings) {
  ModelReport report = model_report(title, model.made);
  report.summary = summary(model.model.spec);
  report.params = std::int64_t(model.model.params.table.weight_count);
  report.history = model.history;
  report.costs = costs_of(model, timings);
  return report;
}

ModelReport model_report(const std::string& title, const TrainedModel& model,
                         const Measured& measured, const RunTimings& timings) {
  ModelReport report = model_report(title, model, timings);
  report.train_accuracy = measured.train.accuracy;
  report.test = measured.test;
  return report;
}

ModelReport first_report(const FinishedRun& run, const RunTimings& timings) {
  if (run.first) return model_report("First model", *run.first, *run.first_measured, timings);
  ModelReport report = model_report("First model", run.first_made);
  report.failed = run.first_failed;
  return report;
}

std::vector<std::pair<std::string, std::string>> provenance_rows(const Study& study,
                                                                 const RunTimings& timings) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const char* key : {"commit", "tailor", "CPU", "vector unit", "kernels", "cores usable",
                          "compiler", "libraries"}) {
    const auto found = timings.provenance.find(key);
    if (found != timings.provenance.end()) rows.emplace_back(key, found->second);
  }
  rows.emplace_back("precision", study.experiment.precision);
  rows.emplace_back("threads", std::to_string(timings.threads));
  rows.emplace_back("trials at a time", std::to_string(timings.parallel_trials));
  rows.emplace_back("data", study.experiment.data.dir);
  if (!study.identity.release.empty()) rows.emplace_back("release", study.identity.release);
  if (!study.identity.warning.empty()) rows.emplace_back("warning", study.identity.warning);
  rows.emplace_back("data fingerprint", study.identity.fingerprint);
  if (const GroupCounts groups = count_groups(study.train.groups); groups.groups > 0) {
    rows.emplace_back(
        "near copies",
        fmt::format("{} of {} training images ({:.1f} %) in {} groups, the largest of "
                    "{}; each on one side of every split",
                    grouped(double(groups.images)), grouped(double(study.train.size())),
                    100 * double(groups.images) / double(study.train.size()),
                    grouped(double(groups.groups)), grouped(double(groups.largest))));
  }
  if (!study.bad.empty()) {
    rows.emplace_back("files left out",
                      fmt::format("{} that are no pictures, listed in bad_files.csv",
                                  grouped(double(study.bad.size()))));
  }
  rows.emplace_back("seed of the models", std::to_string(study.experiment.seed));
  rows.emplace_back("random state of the search",
                    std::to_string(study.experiment.search.random_state));
  return rows;
}

std::vector<std::pair<std::string, std::string>> timing_rows(const RunTimings& timings) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& [stage, name] : run_stage_names()) {
    const auto speed = timings.images_per_second.find(stage);
    if (speed == timings.images_per_second.end()) continue;
    rows.emplace_back(name + ", training", grouped(speed->second) + " images/s");
  }
  rows.emplace_back("Peak memory",
                    fmt::format("{:.0f} MiB", double(timings.peak_memory_bytes) / (1024 * 1024)));
  return rows;
}

std::vector<StageTime> stage_times(const RunTimings& timings) {
  std::vector<StageTime> stages;
  for (const auto& [stage, name] : run_stage_names()) {
    const auto seconds = timings.seconds.find(stage);
    if (seconds != timings.seconds.end()) stages.push_back({name, seconds->second});
  }
  return stages;
}

// `count`: "60,000 training images".
std::string dataset_line(const Study& study, const std::string& count) {
  const DataOptions& options = study.experiment.data;
  const bool slice = options.train_limit > 0 || options.test_limit > 0;
  const std::string& release = study.identity.release;
  return fmt::format("{}, {}, {} classes{}{}", count, to_string(study.train.shape),
                     study.train.classes(), release.empty() ? "" : "; " + release,
                     slice ? "; a slice that keeps the classes' shares" : "");
}

// The sets and what each was used for.
std::vector<SetUse> set_uses(const FinishedRun& run, const Study& study) {
  const StageModel& made = run.final.made;
  std::vector<SetUse> uses;
  uses.push_back(
      {"training images", std::int64_t(study.train.size()),
       fmt::format("The first model trained on all of them. The search split them into {} "
                   "stratified folds: every candidate trained on all but one and was "
                   "scored on the one held out, fold after fold.",
                   study.plan.folds.size())});
  uses.push_back({"of these, for training", std::int64_t(made.rows.size()),
                  "The final model, with the best candidate\u2019s settings, trained on them."});
  if (made.experiment.train.validation_split > 0) {
    const FitJob job = fit_job(made.experiment, study.train, made.rows);
    uses.push_back({"of these, for validation", std::int64_t(job.watch->size()),
                    "Kept out of the final model and evaluated after every epoch. Early stopping "
                    "and drops of the learning rate look at them where they are asked for."});
  }
  if (!made.kept.empty()) {
    uses.push_back({"of these, for calibration", std::int64_t(made.kept.size()),
                    "Kept out of the final model, to fit its temperature on: what makes its "
                    "probabilities honest."});
  }
  uses.push_back({"test images", std::int64_t(run.test.size()),
                  "Opened once, when both models were finished; every test figure on this page is "
                  "from them. They chose nothing."});
  return uses;
}

// From where this one was typed, into a folder beside its own.
std::string again_command(const std::string& command, const RunFiles& files) {
  const std::string again = files.folder.lexically_normal().string();
  const std::string stem = again.ends_with('/') ? again.substr(0, again.size() - 1) : again;
  return fmt::format("tailor {} {} --out {}", command, shell_word(files.experiment().string()),
                     shell_word(stem + "-again"));
}

}  // namespace

Image overview_sprite(const Dataset& set) {
  const int columns = std::clamp(kSpriteWidth / set.shape.width, 4, 30);
  const int rows = std::clamp(30 / set.classes(), 1, 3);
  const std::int64_t height = std::int64_t(rows) * set.classes() * set.shape.height;
  if (height <= kSpriteHeight) return as_image(class_sprite(set, rows, columns));
  return as_image(grid_sprite(set, one_of_each(set), columns));
}

ReportData report_data(const FinishedRun& run, const Study& study, const Metrics& metrics,
                       const RunTimings& timings) {
  ReportData data;
  data.title = study.experiment.name;
  data.dataset_line = dataset_line(
      study, fmt::format("{} training and {} test images", grouped(double(study.train.size())),
                         grouped(double(run.test.size()))));
  data.sprite = overview_sprite(study.train);
  data.augmented = augmented_images(run.final.made, study.train);
  data.class_names = study.train.class_names;
  data.notebook_table = result_rows(metrics);
  data.notebook_note = kTrainAccuracies;
  data.models = {first_report(run, timings),
                 model_report("Final model", run.final, run.final_measured, timings)};
  data.models.back().calibration = {run.final.model.temperature, run.final_measured.before,
                                    run.final_measured.after};
  data.models.back().coverage = {run.final_measured.coverage, run.final.model.rejection,
                                 metrics.final.answered};
  data.search = run.search;
  data.sets = set_uses(run, study);
  const Answers answers = answers_of(run);
  data.mistakes = worst_mistakes(answers);
  data.unsure_hits = unsure_hits(answers);
  add_evidence(run, study.experiment.threads, data.mistakes);
  add_evidence(run, study.experiment.threads, data.unsure_hits);
  data.hidden_side = hidden_side(study.train.shape);
  data.cells = confusion_cells(answers);
  data.anatomy = anatomy_of(run, answers);
  if (path_exists(study.files.explorer())) {
    data.explorer = study.files.explorer().filename().string();
  }
  data.experiment_toml = toml_of(study.experiment, kPortable);
  data.provenance = provenance_rows(study, timings);
  data.command = again_command("run", study.files);
  data.timings = timing_rows(timings);
  data.stages = stage_times(timings);
  return data;
}

ReportData search_report_data(const SearchOutcome& outcome, const Study& study,
                              const RunTimings& timings) {
  ReportData data;
  data.title = study.experiment.name + ", search";
  data.dataset_line =
      dataset_line(study, fmt::format("{} training images", grouped(double(study.train.size()))));
  data.sprite = overview_sprite(study.train);
  data.class_names = study.train.class_names;
  data.search = outcome.search;
  data.sets = {
      {"training images", std::int64_t(study.train.size()),
       fmt::format("The search split them into {} stratified folds: every candidate trained "
                   "on all but one and was scored on the one held out, fold after fold.{}",
                   study.plan.folds.size(),
                   outcome.refit ? " The refitted model, with the best candidate\u2019s "
                                   "settings, trained on all of them; its score is the "
                                   "search\u2019s, since no image was left to measure it on."
                                 : "")}};
  if (outcome.refit) {
    data.models.push_back(model_report("Refitted model", *outcome.refit, timings));
    data.models.back().train_accuracy = outcome.train_accuracy;
  } else if (!outcome.refit_failed.empty()) {
    ModelReport& none = data.models.emplace_back();
    none.title = "Refitted model";
    none.failed = outcome.refit_failed;
  }
  data.experiment_toml = toml_of(study.experiment, kPortable);
  data.provenance = provenance_rows(study, timings);
  data.command = again_command("search", study.files);
  data.timings = timing_rows(timings);
  data.stages = stage_times(timings);
  return data;
}

}  // namespace tailor::internal
