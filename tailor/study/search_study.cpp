#include "tailor/study/search_study.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/pages/report_records.hpp"
#include "tailor/study/training.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

// What experiment.toml there says; nullopt where there is none.
std::optional<Experiment> experiment_in(const RunFiles& files) {
  if (!path_exists(files.experiment())) return std::nullopt;
  return parse_experiment(read_text(files.experiment()), files.experiment().string());
}

// An experiment.toml without a search may be anybody's: it is left alone unless it says the same.
void check_experiment_file(const RunFiles& files, const Experiment& experiment,
                           const std::optional<Experiment>& then) {
  if (!then || owner_of(files.folder) == FolderOwner::kSearch) return;
  const std::string differs = difference(*then, experiment, kSameSearch);
  if (differs.empty()) return;
  throw bad_input(fmt::format("{} is of another experiment: {}; choose another --out",
                              files.experiment().string(), differs));
}

// True where there is more to search than was searched there. Writes nothing where it throws.
bool open_search(Study& study, const std::optional<Experiment>& then, const SearchChoices& choices,
                 const Observer& observer) {
  const RunFiles& files = study.files;
  study.store = open_store(sqlite_url(files.study()));
  const Experiment& now = study.experiment;
  const bool longer =
      then && extend_search(*then, now, study.plan, study.train_fingerprint, *study.store);
  if (longer) {
    observer.say(
        fmt::format("the search there goes on to {} candidates", study.plan.candidates.size()));
  }
  const std::string key = study.store->key();
  // Which images there are says the fingerprint; which of them are one group only the option.
  const std::string differs = then ? difference(*then, now, kSameSearch | Scope::kImages) : "";
  const bool other_folds = then && then->data.group != now.data.group;
  if (!key.empty() && (other_folds || key != study_key(now, study.train_fingerprint))) {
    throw bad_input(fmt::format("{} holds another search: {}; choose another --out",
                                files.folder.string(),
                                differs.empty() ? "the data or options differ" : differs));
  }
  write_file_atomic(files.experiment(), toml_of(now, kPortable));
  const int forgotten = choices.retry_failed ? study.store->forget_failed() : 0;
  if (choices.retry_failed) {
    observer.say(fmt::format("{} failed trainings are tried again", forgotten));
  }
  return longer || forgotten > 0;
}

StageModel refit_model(const Study& study, const SearchResult& search) {
  const Settings& best = search.rows[std::size_t(search.best_index)].params;
  StageModel model{"search", best, {}, final_files(study.files), {}, {}};
  model.experiment = with_settings(study.experiment, best);
  model.experiment.train = stage_options(model.experiment, model.experiment.trial);
  model.rows = all_rows(study.train).indices;
  return model;
}

// What an earlier, shorter search left is of another candidate: it goes when the new one is known.
void remove_other_model(const StageModel& model, const Study& study) {
  const ModelCard card =
      make_card(model.experiment, model.stage, study.train, study.train_fingerprint);
  const auto differs = [&](const fs::path& file) {
    return path_exists(file) && !card_difference(read_model_card(file), card, kSameRun).empty();
  };
  if (differs(model.files.partial)) remove_file(model.files.partial);
  if (!differs(model.files.model)) return;
  remove_file(model.files.model);
  remove_file(model.files.history);
}

// False when stopped.
bool refit_best(const Study& study, const Observer& observer, RunTimings& timings,
                SearchOutcome& outcome) {
  const StageModel model = refit_model(study, outcome.search);
  remove_other_model(model, study);
  try {
    outcome.refit = train_model(model, study, observer, timings);
  } catch (const ModelFailure& failure) {
    remove_file(model.files.partial);
    outcome.refit_failed = failure.what();
    return true;
  }
  if (!outcome.refit) return false;
  Engine engine(study.experiment.threads);
  outcome.train_accuracy = evaluate(outcome.refit->model, engine, all_rows(study.train)).accuracy;
  return true;
}

}  // namespace

std::optional<SearchOutcome> search_in_folder(const Experiment& typed, const RunFiles& files,
                                              const SearchChoices& choices,
                                              const Observer& observer) {
  const Stopwatch watch;
  const Experiment experiment = effective(typed);
  refuse_others_folder(files.folder, FolderOwner::kSearch);
  Study study{
      experiment, files, experiment.data, {}, load_set(experiment, Split::kTrain, observer), "", {},
      {},         {}};
  study.train_fingerprint = fingerprint(study.train);
  study.identity.fingerprint = study.train_fingerprint;  // the test set stays shut
  study.plan = plan_search(experiment, study.train);
  if (!study.plan.warning.empty()) observer.caution(study.plan.warning);
  const std::optional<Experiment> then = experiment_in(files);
  check_experiment_file(files, experiment, then);
  make_folder(files.folder);
  study.lock.emplace(files.folder);
  observer.say(fmt::format("search in {}", files.folder.string()));
  const bool more = open_search(study, then, choices, observer);
  if (more) remove_file(files.cv_results());

  RunTimings timings = read_timings(files.timings());
  timings.provenance = provenance();
  timings.threads = experiment.threads > 0 ? experiment.threads : cpu_info().cores;
  timings.parallel_trials = parallel_trials(experiment, study.plan);
  timings.data_dir = absolute_path(experiment.data.dir).string();
  observer.save_when_stopped(true);
  auto search = search_stage(study, observer, timings);
  if (!search) return std::nullopt;
  write_file_atomic(files.cv_results(),
                    cv_results_csv(*search));  // a killed call may have left less
  SearchOutcome outcome{std::move(*search), std::nullopt, "", 0, 0};
  if (choices.refit && !refit_best(study, observer, timings, outcome)) return std::nullopt;
  observer.save_when_stopped(false);
  outcome.seconds = watch.seconds();
  write_file_atomic(files.report(), render_report(search_report_data(outcome, study, timings)));
  write_timings(files.timings(), timings);
  return outcome;
}

}  // namespace tailor::internal
