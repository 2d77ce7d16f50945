// tailor evaluate: a trained model against a data set.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/command.hpp"
#include "tailor/cli/text_charts.hpp"
#include "tailor/cli/text_width.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/replaceable.hpp"
#include "tailor/core/text.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/own_data.hpp"
#include "tailor/study/predictions_csv.hpp"
#include "tailor/train/calibration.hpp"
#include "tailor/train/rejection.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {
namespace {

struct EvaluateFlags {
  std::string run;
  std::string data;
  std::string split = "test";
  std::string precision;
  std::string predictions;
  bool no_cache = false;
  int threads = 0;
};

std::string class_table(const Evaluation& evaluation) {
  std::string text = fmt::format("{:<16} {:>9} {:>7} {:>7} {:>8}\n", "class", "precision", "recall",
                                 "f1", "support");
  const auto row = [&](const ClassScores& scores) {
    text += fmt::format("{} {:>9.4f} {:>7.4f} {:>7.4f} {:>8}\n", padded(printable(scores.name), 16),
                        scores.precision, scores.recall, scores.f1, scores.support);
  };
  for (const ClassScores& scores : evaluation.per_class) row(scores);
  row(evaluation.macro);
  return text;
}

// "all 10,000 of the test set in DIR; the model's own figures are of 500 (data.test_limit)".
std::string which_images(const EvaluateFlags& flags, std::size_t images, std::size_t all,
                         const DataOptions& trained_on) {
  const int limit = flags.split == "test"    ? trained_on.test_limit
                    : flags.split == "train" ? trained_on.train_limit
                                             : 0;
  const std::string text =
      images == all
          ? fmt::format("all {} of the {} set", grouped(double(all)), flags.split)
          : fmt::format("{} of the {} of the {} set (data.{}_limit)", grouped(double(images)),
                        grouped(double(all)), flags.split, flags.split);
  if (flags.data.empty()) return text;
  const std::string where = text + " in " + printable(flags.data);
  if (limit == 0 || std::size_t(limit) >= all) return where;
  return where +
         fmt::format("; its run took a slice of {} (data.{}_limit)", grouped(limit), flags.split);
}

// Of a model that keeps answers to itself.
std::string answered_line(const Answered& answered, std::int64_t images) {
  const auto [low, high] = wilson_interval(answered.right, answered.answers);
  return fmt::format(
      "answered  {:.4f}  of the images, {:.4f} of these right (95 %: {:.4f} to {:.4f}); unsure "
      "below {:.4f}\n",
      double(answered.answers) / double(images), answered.precision(), low, high,
      answered.threshold);
}

Json answered_json(const Answered& answered, std::int64_t images) {
  const auto [low, high] = wilson_interval(answered.right, answered.answers);
  return {{"reject_below", double(answered.threshold)},
          {"coverage", double(answered.answers) / double(images)},
          {"precision", answered.precision()},
          {"precision_interval", {low, high}}};
}

ExitStatus run_evaluate(const EvaluateFlags& flags, Context& context) {
  Model model = open_model(flags.run);
  if (!flags.predictions.empty()) {
    check_replaceable(flags.predictions, "a table of predictions", "index,label,class,");
  }
  const Split split = flags.split == "test"    ? Split::kTest
                      : flags.split == "train" ? Split::kTrain
                                               : Split::kValidation;
  const DataOptions trained_on = model.experiment.data;
  model.experiment.data = data_for(model, flags.data);
  if (flags.no_cache) model.experiment.data.cache = false;
  auto [set, all, files, bad] = load_part(model.experiment.data, split);
  check_fits(model, set, model.experiment.data.dir);
  set.class_names = model.class_names;
  model.precision = choose_precision(model, flags.precision, context.observer());
  Engine engine(flags.threads);
  context.console.busy("evaluating");
  const std::vector<float> probabilities = predict(model, engine, all_rows(set));
  const Evaluation result = evaluate_predictions(probabilities, set.labels, set.class_names);
  const std::vector<float> calibrated =
      with_temperature(probabilities, model.spec.classes, model.temperature.value);
  if (!flags.predictions.empty()) {
    write_file_atomic(flags.predictions, predictions_csv(set, calibrated));
  }
  Json json = to_json(result);
  std::string answered;
  if (const auto below = model.rejection.below) {
    const auto curve = coverage_curve(calibrated, set.labels, model.spec.classes);
    const Answered kept = answers_from(curve, *below);
    answered = answered_line(kept, result.images);
    json["answered"] = answered_json(kept, result.images);
  }
  Console& console = context.console;
  console.print(
      fmt::format("accuracy  {:.4f}  (95 %: {:.4f} to {:.4f})\n"
                  "balanced  {:.4f}  mean recall of the classes; macro F1 {:.4f}\n"
                  "loss      {:.4f}\ntop 2     {:.4f}\n{}images    {}, in {}\n\n{}\n{}",
                  result.accuracy, result.interval_low, result.interval_high,
                  result.balanced_accuracy, result.macro.f1, result.loss, result.top2, answered,
                  which_images(flags, set.size(), all, trained_on), to_string(model.precision),
                  class_table(result), confusion_text(console, result.confusion, set.class_names)));
  json["of"] = all;
  json["split"] = flags.split;
  json["data"] = model.experiment.data.dir;
  json["precision"] = to_string(model.precision);
  console.result(json);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_evaluate(Options& options) {
  auto flags = std::make_shared<EvaluateFlags>();
  options.add({
      {"RUN", &flags->run, "", "a run's folder or a model file", required()},
      {"--data", &flags->data, "DIR", "another data set than the model's own"},
      no_cache_option(&flags->no_cache),
      {"--split", &flags->split, "TEXT", "test, train or validation",
       one_of("test|train|validation")},
      {"--predictions", &flags->predictions, "FILE",
       "CSV to write: of every image the label, the predicted class and how probable it is"},
      {"--precision", &flags->precision, "P", kPrecisionHelp},
      threads_option(&flags->threads),
  });
  options.examples = {
      {"tailor evaluate runs/quick", "accuracy, loss and confusion on the run's test images"},
      {"tailor evaluate my-model --data my-data --split train",
       "a model of tailor train on other images"},
      {"tailor evaluate runs/quick --predictions wrong.csv",
       "what it says of every image, as a table"}};
  options.files = "Reads the model and the data; writes only the file of --predictions.";
  return [flags](Context& context) { return run_evaluate(*flags, context); };
}

}  // namespace tailor::internal
