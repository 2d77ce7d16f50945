#include "tailor/cli/compare_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tailor/cli/progress.hpp"
#include "tailor/cli/run_files.hpp"
#include "tailor/cli/run_results.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/search/strategies.hpp"
#include "tailor/store/store.hpp"

namespace tailor {
namespace {

namespace fs = std::filesystem;

std::vector<std::pair<std::string, std::string>> settings_of(const Json& model) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const auto& [path, value] : model.at("params").items()) {
    settings.emplace_back(path, value.is_string() ? value.get<std::string>() : value.dump());
  }
  settings.emplace_back("epochs", model.at("epochs").dump());
  return settings;
}

ClassScores scores_of(const Json& json) {
  return {json.value("class", "macro avg"), json.at("precision").get<double>(),
          json.at("recall").get<double>(), json.at("f1").get<double>(),
          json.at("support").get<std::int64_t>()};
}

ComparedModel model_of(const Json& model, std::int64_t test_images, const fs::path& history) {
  ComparedModel out;
  out.history = parse_history_csv(read_text(history));
  out.settings = settings_of(model);
  out.train_accuracy = model.at("train_accuracy_evaluated").get<double>();
  Evaluation test;
  if (model.contains("per_class")) {  // the final model
    model.at("confusion").get_to(test.confusion);
    for (const Json& scores : model.at("per_class")) test.per_class.push_back(scores_of(scores));
    test.macro = scores_of(model.at("macro_avg"));
  }
  test.accuracy = model.at("test_accuracy").get<double>();
  test.loss = model.at("test_loss").get<double>();
  test.top2 = model.at("test_top2").get<double>();
  test.interval_low = model.at("test_accuracy_interval").at(0).get<double>();
  test.interval_high = model.at("test_accuracy_interval").at(1).get<double>();
  test.images = test_images;
  out.test = std::move(test);
  return out;
}

SearchResult search_of(const RunFiles& files, const SearchOptions& options) {
  const StoredStudy stored = read_study(sqlite_url(files.study()));
  SearchResult search =
      summarize(stored.candidates, stored.folds, stored.results, options.return_train_score);
  search.strategy = options.strategy;
  search.params_descending = make_strategy(options).params_descending;
  return search;
}

// What makes two runs one experiment with two seeds; named by name_groups().
std::string group_of(Experiment experiment) {
  experiment.name = experiment.out = experiment.data.dir = "";
  experiment.seed = 0;
  experiment.threads = experiment.search.parallel = 0;
  return to_toml(experiment);
}

std::vector<std::pair<std::string, std::string>> facts_of(const ClaimedRun& claim,
                                                          const Json& metrics,
                                                          const RunTimings& timings) {
  const Json& data = metrics.at("data");
  const std::string release = data.at("release").get<std::string>();
  std::vector<std::pair<std::string, std::string>> facts = {
      {"data", release.empty() ? claim.experiment.data.dir : release},
      {"training images", grouped(data.at("train_images").get<double>())},
      {"test images", grouped(data.at("test_images").get<double>())},
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
  if (!fs::exists(files.metrics())) {
    throw bad_input(fmt::format("{} is not finished; go on with: ./run {} --out {}",
                                folder.string(), files.experiment().string(), folder.string()));
  }
  const Json metrics = read_metrics(files.metrics());
  const RunTimings timings = read_timings(files.timings());
  const auto test_images = metrics.at("data").at("test_images").get<std::int64_t>();
  ComparedRun run;
  run.name = folder.lexically_normal().filename().string();
  if (run.name.empty()) run.name = folder.lexically_normal().parent_path().filename().string();
  run.folder = folder.string();
  run.group = group_of(claim.experiment);
  run.seed = std::to_string(claim.experiment.seed);
  run.first = model_of(metrics.at("first"), test_images, first_files(files).history);
  run.final = model_of(metrics.at("final"), test_images, final_files(files).history);
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
                    [&](const ComparedRun& run) { return fs::equivalent(run.folder, folder); })) {
      throw bad_input(fmt::format("{} is named twice", folder.string()));
    }
    runs.push_back(read_run(folder));
    experiments.push_back(read_claim({folder}).experiment.name);
  }
  part_names(runs);
  name_groups(runs, experiments);
  return runs;
}

}  // namespace tailor
