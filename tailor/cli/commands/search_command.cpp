// tailor search: cross-validation over the candidates of [search.space]; the test set stays shut.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tailor/cli/command.hpp"
#include "tailor/core/clock.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/folder_lock.hpp"
#include "tailor/core/text.hpp"
#include "tailor/store/store.hpp"
#include "tailor/study/cross_validation.hpp"
#include "tailor/study/metrics.hpp"
#include "tailor/study/model.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct SearchFlags {
  ExperimentFlags experiment;
  bool dry_run = false;
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

void show_result(Console& console, const SearchResult& result, const fs::path& table,
                 double seconds) {
  std::vector<std::size_t> order(result.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return result.rows[a].rank < result.rows[b].rank;
  });
  std::string text = console.bold("rank  score             candidate\n");
  for (const std::size_t i : order) {
    const CandidateRow& row = result.rows[i];
    text += fmt::format("{:>4}  {:.4f} +- {:.4f}  {}\n", row.rank, row.mean_test_score,
                        row.std_test_score, settings_text(row.params));
  }
  const CandidateRow& best = result.rows[std::size_t(result.best_index)];
  console.print(
      text + fmt::format("took {}; all scores are in {}", duration_text(seconds), table.string()));
  console.result({{"strategy", result.strategy},
                  {"best_params", to_json(best.params)},
                  {"best_score", best.mean_test_score},
                  {"candidates", result.rows.size()},
                  {"folds", result.folds},
                  {"seconds", seconds},
                  {"cv_results", table.string()}});
}

fs::path search_folder(const SearchFlags& flags, const Experiment& experiment) {
  if (flags.experiment.out) return *flags.experiment.out;
  return run_folder(experiment).string() + "-search";
}

ExitStatus run_search_command(const SearchFlags& flags, Context& context) {
  Console& console = context.console;
  const Experiment experiment = read_experiment(flags.experiment);
  const Dataset train = load_set(experiment, Split::kTrain);
  const SearchPlan plan = plan_search(experiment, train.labels);
  if (!plan.warning.empty()) console.warn(plan.warning);
  if (flags.dry_run) {
    show_plan(console, plan);
    return ExitStatus::kDone;
  }
  const Stopwatch watch;
  const fs::path folder = search_folder(flags, experiment);
  make_folder(folder);
  const FolderLock lock(folder);
  const auto store = open_store(sqlite_url(folder / "study.db"));
  console.note(fmt::format("search: {} candidates x {} folds, {} at a time, in {}",
                           plan.candidates.size(), plan.folds.size(),
                           parallel_trials(experiment, plan), folder.string()));
  const std::string saved =
      fmt::format("interrupted; every finished training is saved in {}, go on with: {}",
                  (folder / "study.db").string(), context.again);
  context.interruption.save_first();
  const auto result = run_search(
      experiment, plan, train, fingerprint(train), *store,
      {context.observer().hook_for_searching("search", int(plan.folds.size())), &context.stop()});
  if (!result) return context.interrupted(saved);
  context.interruption.end_at_once(saved);
  write_file_atomic(folder / "experiment.toml", toml_of(experiment, kPortable));
  write_file_atomic(folder / "cv_results.csv", cv_results_csv(*result));
  write_file_atomic(folder / "timings.json",
                    json_text({{"search", {{"seconds", watch.seconds()}}},
                               {"data_dir", absolute_path(experiment.data.dir).string()}},
                              2) +
                        "\n");
  show_result(console, *result, folder / "cv_results.csv", watch.seconds());
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_search(Options& options) {
  auto flags = std::make_shared<SearchFlags>();
  add_experiment_flags(options, flags->experiment, FileArgument::kRequired);
  options.add({{"--dry-run", &flags->dry_run, "", "only say what would run, in order"}});
  return [flags](Context& context) { return run_search_command(*flags, context); };
}

}  // namespace tailor::internal
