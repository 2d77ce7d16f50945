// tailor search: cross-validation over the candidates of [search.space]; the test set stays shut.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tailor/cli/command.hpp"
#include "tailor/cli/run_text.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"
#include "tailor/study/search_study.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct SearchFlags {
  ExperimentFlags experiment;
  bool dry_run = false;
  bool no_refit = false;
  bool retry_failed = false;
};

void show_plan(Console& console, const SearchPlan& plan) {
  Json candidates = Json::array();
  std::string text = fmt::format("{} candidates x {} folds = {} trainings\n",
                                 plan.candidates.size(), plan.folds.size(), plan.trainings());
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
    candidates.push_back(to_json(plan.candidates[i]));
    text += fmt::format("{:>4}  {}\n", i + 1, settings_text(plan.candidates[i]));
  }
  console.print(text);
  console.result(
      {{"candidates", candidates}, {"folds", plan.folds.size()}, {"trainings", plan.trainings()}});
}

std::string ranking(const Console& console, const SearchResult& result) {
  std::vector<std::size_t> order(result.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return result.rows[a].rank < result.rows[b].rank;
  });
  std::string text = console.bold("rank  score             candidate\n");
  for (const std::size_t i : order) {
    const CandidateRow& row = result.rows[i];
    text += fmt::format("{:>4}  {:.4f} +- {:.4f}  {:>4}: {}\n", row.rank, row.mean_test_score,
                        row.std_test_score, i + 1, settings_text(row.params));
  }
  return text + failed_fits_text(result.failed, result.folds);
}

// Of the refitted model, whose score is the search's.
std::string model_text(const SearchOutcome& outcome, const fs::path& file) {
  if (!outcome.refit_failed.empty()) {
    return fmt::format("model     none: {}\n", printable(outcome.refit_failed));
  }
  if (!outcome.refit) return "";
  return fmt::format(
      "model     {}, the best candidate trained on all training images; its score is the "
      "search's\n",
      file.string());
}

void show_result(Console& console, const SearchOutcome& outcome, const RunFiles& files) {
  const SearchResult& result = outcome.search;
  const CandidateRow& best = result.rows[std::size_t(result.best_index)];
  const fs::path model = final_files(files).model;
  console.print(ranking(console, result) + model_text(outcome, model) +
                fmt::format("report    {}\ntook {}; all scores are in {}", files.report().string(),
                            duration_text(outcome.seconds), files.cv_results().string()));
  Json json = {{"strategy", result.strategy},
               {"best_params", to_json(best.params)},
               {"best_score", best.mean_test_score},
               {"best_index", result.best_index},
               {"candidates", result.rows.size()},
               {"folds", result.folds},
               {"failed", to_json(result.failed)},
               {"seconds", outcome.seconds},
               {"cv_results", files.cv_results().string()},
               {"report", files.report().string()},
               {"model", nullptr}};
  if (outcome.refit) {
    json["model"] = model.string();
    json["train_accuracy"] = outcome.refit->history.back().accuracy;
    json["train_accuracy_evaluated"] = outcome.train_accuracy;
  }
  if (!outcome.refit_failed.empty()) json["refit_failed"] = outcome.refit_failed;
  console.result(json);
}

fs::path search_folder(const SearchFlags& flags, const Experiment& experiment) {
  if (flags.experiment.out) return *flags.experiment.out;
  return run_folder(experiment).string() + "-search";
}

void dry_run(const Experiment& experiment, Console& console) {
  const SearchPlan plan = plan_search(experiment, load_set(experiment, Split::kTrain));
  if (!plan.warning.empty()) console.warn(plan.warning);
  show_plan(console, plan);
}

ExitStatus run_search_command(const SearchFlags& flags, Context& context) {
  const Experiment experiment = read_experiment(flags.experiment);
  if (flags.dry_run) {
    dry_run(experiment, context.console);
    return ExitStatus::kDone;
  }
  const RunFiles files{search_folder(flags, experiment)};
  const auto outcome = search_in_folder(
      experiment, files, {.refit = !flags.no_refit, .retry_failed = flags.retry_failed},
      context.observer());
  if (!outcome) {
    return context.interrupted(
        fmt::format("interrupted; every finished training is saved in {}, go on with: {}",
                    files.study().string(), context.again));
  }
  show_result(context.console, *outcome, files);
  if (outcome->refit_failed.empty()) return ExitStatus::kDone;
  throw bad_input(
      fmt::format("the search is done, but the best candidate trained on all images: {}",
                  outcome->refit_failed));
}

}  // namespace

Runner declare_search(Options& options) {
  auto flags = std::make_shared<SearchFlags>();
  add_experiment_flags(
      options, flags->experiment, FileArgument::kRequired,
      {"name", "out", "seed", "threads", "precision", "data.", "model.", "train.", "search."});
  options.add({{"--dry-run", &flags->dry_run, "", "only say what would run, in order"},
               {"--no-refit", &flags->no_refit, "",
                "leave no model: do not train the best candidate on all images"},
               {"--retry-failed", &flags->retry_failed, "",
                "run candidates again of which a training failed"}});
  options.examples = {
      {"tailor search experiments/quick.toml",
       "every candidate on every fold, and the best of them trained on all images"},
      {"tailor search experiments/quick.toml --dry-run", "what would run, in order"}};
  options.files =
      "Reads the experiment and the training images; writes study.db, cv_results.csv, "
      "experiment.toml, model.safetensors and report.html into the folder of --out. The same "
      "command goes on where it was interrupted.";
  return [flags](Context& context) { return run_search_command(*flags, context); };
}

}  // namespace tailor::internal
