#include "tailor/study/pages/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/search/strategies.hpp"
#include "tailor/store/store.hpp"
#include "tailor/study/cross_validation.hpp"
#include "tailor/study/metrics.hpp"
#include "tailor/study/run_files.hpp"
#include "tailor/study/run_timings.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

std::vector<std::pair<std::string, std::string>> settings_of(const ModelMetrics& model) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const auto& [path, value] : model.params) settings.emplace_back(path, to_text(value));
  settings.emplace_back("epochs", std::to_string(model.epochs));
  return settings;
}

ComparedModel model_of(const ModelMetrics& model, std::int64_t test_images,
                       const fs::path& history) {
  ComparedModel out;
  out.settings = settings_of(model);
  if (!model.failed.empty()) return out;
  out.history = read_history(history);
  out.train_accuracy = model.train_accuracy_evaluated;
  Evaluation& test = out.test.emplace();
  test.accuracy = model.test_accuracy;
  test.loss = model.test_loss;
  test.top2 = model.test_top2;
  test.interval_low = model.interval_low;
  test.interval_high = model.interval_high;
  test.images = test_images;
  return out;
}

ComparedModel final_of(const FinalMetrics& model, std::int64_t test_images,
                       const fs::path& history) {
  ComparedModel out = model_of(model, test_images, history);
  out.test->confusion = model.confusion;
  out.test->per_class = model.per_class;
  out.test->macro = model.macro;
  return out;
}

SearchResult search_of(const RunFiles& files, const SearchOptions& options) {
  const StoredStudy stored = read_study(sqlite_url(files.study()));
  check_scores(stored.results);
  SearchResult search =
      summarize(stored.candidates, stored.folds, stored.results, options.return_train_score);
  search.strategy = options.strategy;
  search.params_descending = make_strategy(options).params_descending;
  return search;
}

// What makes two runs one experiment with two seeds; named by name_groups().
std::string group_of(Experiment experiment) {
  experiment.seed = 0;
  return toml_of(experiment, kSameRun);
}

std::vector<std::pair<std::string, std::string>> facts_of(const ClaimedRun& claim,
                                                          const Metrics& metrics,
                                                          const RunTimings& timings) {
  const DataMetrics& data = metrics.data;
  std::vector<std::pair<std::string, std::string>> facts = {
      {"data", data.release.empty() ? claim.experiment.data.dir : data.release},
      {"training images", grouped(double(data.train_images))},
      {"test images", grouped(double(data.test_images))},
      {"seed", std::to_string(claim.experiment.seed)},
      {"precision", claim.experiment.precision},
      {"threads", std::to_string(timings.threads)}};
  for (const char* key : {"CPU", "commit"}) {
    const auto found = timings.provenance.find(key);
    if (found != timings.provenance.end()) facts.emplace_back(key, found->second);
  }
  return facts;
}

std::vector<std::pair<std::string, std::string>> timings_of(const RunTimings& timings) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& [stage, name] : run_stage_names()) {
    const auto seconds = timings.seconds.find(stage);
    if (seconds != timings.seconds.end()) rows.emplace_back(name, duration_text(seconds->second));
  }
  rows.emplace_back("All", duration_text(timings.total_seconds()));
  return rows;
}

ComparedRun read_run(const fs::path& folder) {
  const RunFiles files{folder};
  const ClaimedRun claim = read_claim(files);
  if (!path_exists(files.metrics())) {
    throw bad_input(fmt::format("{} is not finished; go on with: tailor run {} --out {}",
                                folder.string(), files.experiment().string(), folder.string()));
  }
  const Metrics metrics = read_metrics(files.metrics());
  const RunTimings timings = read_timings(files.timings());
  const std::int64_t test_images = metrics.data.test_images;
  ComparedRun run;
  run.name = folder.lexically_normal().filename().string();
  if (run.name.empty()) run.name = folder.lexically_normal().parent_path().filename().string();
  run.folder = folder.string();
  run.group = group_of(claim.experiment);
  run.seed = std::to_string(claim.experiment.seed);
  run.data = fmt::format("{} {}", metrics.data.fingerprint, test_images);
  run.first = model_of(metrics.first, test_images, first_files(files).history);
  run.final = final_of(metrics.final, test_images, final_files(files).history);
  run.search = search_of(files, claim.experiment.search);
  run.facts = facts_of(claim, metrics, timings);
  run.timings = timings_of(timings);
  return run;
}

// Names are headings: "seed-1", and the whole path where two folders have the same last part.
void part_names(std::vector<ComparedRun>& runs) {
  for (ComparedRun& run : runs) {
    const auto same = std::count_if(runs.begin(), runs.end(), [&](const ComparedRun& other) {
      return other.name == run.name || other.folder == run.name;
    });
    if (same > 1) run.name = run.folder;
  }
}

// From the whole experiment to words: "quick", where several differ "quick 1", "quick 2".
void name_groups(std::vector<ComparedRun>& runs, const std::vector<std::string>& experiments) {
  std::vector<std::string> groups;  // in order of appearance
  std::vector<std::string> names;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (std::find(groups.begin(), groups.end(), runs[i].group) != groups.end()) continue;
    groups.push_back(runs[i].group);
    names.push_back(experiments[i]);
  }
  for (ComparedRun& run : runs) {
    const auto at =
        std::size_t(std::find(groups.begin(), groups.end(), run.group) - groups.begin());
    const auto begin = names.begin(), here = begin + std::ptrdiff_t(at);
    const bool alone = std::count(begin, names.end(), *here) == 1;
    run.group = alone ? *here : fmt::format("{} {}", *here, std::count(begin, here, *here) + 1);
  }
}

}  // namespace

std::vector<ComparedRun> read_compared_runs(const std::vector<fs::path>& folders) {
  std::vector<ComparedRun> runs;
  std::vector<std::string> experiments;  // their names
  for (const fs::path& folder : folders) {
    if (std::any_of(runs.begin(), runs.end(),
                    [&](const ComparedRun& run) { return same_place(run.folder, folder); })) {
      throw bad_input(fmt::format("{} is named twice", folder.string()));
    }
    runs.push_back(read_run(folder));
    experiments.push_back(read_claim({folder}).experiment.name);
  }
  part_names(runs);
  name_groups(runs, experiments);
  return runs;
}

}  // namespace tailor::internal
