#include "tailor/study/run_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/group_folds.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/search/sampler.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/inference_cost.hpp"
#include "tailor/study/metrics.hpp"
#include "tailor/study/near_groups.hpp"
#include "tailor/study/pages/explore.hpp"
#include "tailor/study/pages/report_records.hpp"
#include "tailor/study/predictions_csv.hpp"
#include "tailor/study/split_list.hpp"
#include "tailor/train/calibration.hpp"
#include "tailor/train/class_weights.hpp"
#include "tailor/train/rejection.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

void describe_data(const Study& study, const Observer& observer) {
  const std::string& release = study.identity.release;
  observer.say(fmt::format("data: {} training images of {}, {} classes{}",
                           grouped(double(study.train.size())), picture_text(study.train.shape),
                           study.train.classes(), release.empty() ? "" : "; " + release));
  if (!study.identity.warning.empty()) observer.caution(study.identity.warning);
  if (!study.plan.warning.empty()) observer.caution(study.plan.warning);
}

// Scores a finished model on the test set (and, dropout off, on what it trained on).
Measured measure(const TrainedModel& trained, const Study& study, const Dataset& test) {
  const int classes = study.train.classes();
  Engine engine(study.experiment.threads);
  Measured measured;
  measured.train = evaluate(trained.model, engine, {&study.train, trained.made.rows});
  measured.probabilities = predict(trained.model, engine, all_rows(test));
  measured.test =
      evaluate_predictions(measured.probabilities, test.labels, study.train.class_names);
  measured.before = reliability(measured.probabilities, test.labels, classes);
  const std::vector<float> calibrated =
      with_temperature(measured.probabilities, classes, trained.model.temperature.value);
  measured.after = reliability(calibrated, test.labels, classes);
  measured.coverage = coverage_curve(calibrated, test.labels, classes);
  return measured;
}

// The one place where a model sees the test set, after both are done. Equal files give equal
// metrics, so a run killed after this opens it again to the same end.
FinishedRun open_test_set(TrainedRun trained, const Study& study) {
  FinishedRun run{std::move(trained), load_set(study.data, Split::kTest), {}, {}};
  if (run.first) run.first_measured = measure(*run.first, study, run.test);
  run.final_measured = measure(run.final, study, run.test);
  if (has_split(study.data, Split::kValidation)) {
    const Dataset set = load_set(study.data, Split::kValidation);
    Engine engine(study.experiment.threads);
    run.final_measured.validation = evaluate(run.final.model, engine, all_rows(set));
  }
  return run;
}

// False when stopped.
bool train_first(const Study& study, const Observer& observer, RunTimings& timings,
                 TrainedRun& run) {
  run.first_made = first_model(study);
  const fs::path& failed = run.first_made.files.failed;
  if (path_exists(failed)) {
    run.first_failed = read_text(failed);
    return true;
  }
  try {
    run.first = train_model(run.first_made, study, observer, timings);
    return run.first.has_value();
  } catch (const ModelFailure& failure) {
    run.first_failed = failure.what();
  }
  write_file_atomic(failed, run.first_failed);
  remove_file(run.first_made.files.partial);
  observer.caution(
      fmt::format("the first model has no result ({}); the search goes on", run.first_failed));
  return true;
}

// nullopt when stopped.
std::optional<TrainedRun> train_everything(const Study& study, const Observer& observer,
                                           RunTimings& timings) {
  TrainedRun run;
  if (!train_first(study, observer, timings, run)) return std::nullopt;
  auto search = search_stage(study, observer, timings);
  if (!search) return std::nullopt;
  auto final = train_model(final_model(study, *search), study, observer, timings);
  if (!final) return std::nullopt;
  run.search = std::move(*search);
  run.final = std::move(*final);
  return run;
}

// Both models are trained and the test set was opened.
bool is_measured(const RunFiles& files) {
  return path_exists(files.metrics()) && path_exists(files.cv_results()) &&
         (path_exists(first_files(files).model) || path_exists(first_files(files).failed)) &&
         path_exists(final_files(files).model);
}

void describe_machine(const Study& study, RunTimings& timings) {
  if (timings.provenance.empty()) timings.provenance = provenance();
  timings.data_dir = absolute_path(study.data.dir).string();
  timings.threads = study.experiment.threads > 0 ? study.experiment.threads : cpu_info().cores;
  timings.parallel_trials = parallel_trials(study.experiment, study.plan);
}

ModelMetrics metrics_of(const StageModel& made) {
  ModelMetrics m;
  m.params = made.settings;
  m.epochs = made.experiment.train.epochs;
  m.trained_on = made.rows.size();
  return m;
}

ModelMetrics metrics_of(const TrainedModel& model, const Measured& measured) {
  ModelMetrics m = metrics_of(model.made);
  m.epochs = int(model.history.size());  // early stopping may have ended it
  m.parameters = model.model.params.table.weight_count;
  m.train_accuracy = model.history.back().accuracy;
  m.train_accuracy_evaluated = measured.train.accuracy;
  m.test_accuracy = measured.test.accuracy;
  m.interval_low = measured.test.interval_low;
  m.interval_high = measured.test.interval_high;
  m.test_loss = measured.test.loss;
  m.test_top2 = measured.test.top2;
  m.test_balanced_accuracy = measured.test.balanced_accuracy;
  m.test_f1_macro = measured.test.macro.f1;
  return m;
}

ModelMetrics first_metrics(const FinishedRun& run) {
  if (run.first) return metrics_of(*run.first, *run.first_measured);
  ModelMetrics m = metrics_of(run.first_made);
  m.failed = run.first_failed;
  for (double* figure : {&m.train_accuracy, &m.train_accuracy_evaluated, &m.test_accuracy,
                         &m.interval_low, &m.interval_high, &m.test_loss, &m.test_top2,
                         &m.test_balanced_accuracy, &m.test_f1_macro}) {
    *figure = std::numeric_limits<double>::quiet_NaN();
  }
  return m;
}

FinalMetrics final_metrics(const TrainedModel& model, const Measured& measured) {
  const auto figures = [](const Reliability& r) {
    return CalibrationFigures{r.ece, r.nll, r.brier};
  };
  FinalMetrics m;
  static_cast<ModelMetrics&>(m) = metrics_of(model, measured);
  m.confusion = measured.test.confusion;
  m.per_class = measured.test.per_class;
  m.macro = measured.test.macro;
  if (measured.validation) {
    m.validation_images = measured.validation->images;
    m.validation_accuracy = measured.validation->accuracy;
    m.validation_balanced_accuracy = measured.validation->balanced_accuracy;
  }
  for (const double coverage : {1.0, 0.95, 0.9, 0.8, 0.7, 0.5}) {
    const Answered surest = surest_answers(measured.coverage, coverage);
    m.coverage.push_back({double(surest.answers) / double(measured.test.images), surest.precision(),
                          surest.threshold});
  }
  m.rejection = model.model.rejection;
  if (m.rejection.below) m.answered = answers_from(measured.coverage, *m.rejection.below);
  m.calibration = {model.model.temperature.value, std::int64_t(model.model.temperature.images),
                   figures(measured.before), figures(measured.after), model.model.temperature.kept};
  return m;
}

SearchMetrics metrics_of(const SearchResult& search) {
  const CandidateRow& best = search.rows[std::size_t(search.best_index)];
  return {search.strategy,   best.params,        best.mean_test_score, best.std_test_score,
          search.best_index, search.rows.size(), search.folds,         search.failed};
}

Metrics metrics_of(const FinishedRun& run, const Study& study, std::optional<Explored> explored) {
  const GroupCounts groups = count_groups(study.train.groups);
  return {first_metrics(run),
          final_metrics(run.final, run.final_measured),
          metrics_of(run.search),
          {study.identity.fingerprint, study.identity.release, std::int64_t(study.train.size()),
           std::int64_t(run.test.size()), to_string(study.train.shape), study.train.classes(),
           std::int64_t(study.bad.size()), std::int64_t(groups.groups), std::int64_t(groups.images),
           std::int64_t(groups.largest), std::move(explored)}};
}

// The test set, the pages, and last metrics.json, which says that the run is complete. nullopt when
// stopped.
std::optional<Metrics> finish(TrainedRun trained, const Study& study, const Observer& observer,
                              RunTimings& timings) {
  const Stopwatch testing;
  observer.work_on("test");
  FinishedRun run = open_test_set(std::move(trained), study);
  timings.seconds.emplace("test", testing.seconds());
  const Stopwatch looking;
  std::optional<Explored> explored = write_explorer(run, study, observer);
  if (observer.stopped() && !explored) return std::nullopt;
  timings.seconds.emplace("explorer", looking.seconds());
  if (timings.inference.empty()) {
    const int threads = study.experiment.threads;
    if (run.first) {
      timings.inference["first"] = inference_cost(run.first->model, run.test, threads);
    }
    timings.inference["final"] = inference_cost(run.final.model, run.test, threads);
    write_timings(study.files.timings(), timings);  // not where the page is only made again
  }
  write_file_atomic(study.files.predictions(),
                    predictions_csv(run.test, with_temperature(run.final_measured.probabilities,
                                                               study.train.classes(),
                                                               run.final.model.temperature.value)));
  observer.work_on("report");
  Metrics metrics = metrics_of(run, study, std::move(explored));
  write_file_atomic(study.files.report(), render_report(report_data(run, study, metrics, timings)));
  write_file_atomic(study.files.metrics(), json_text(to_json(metrics), 2) + "\n");
  return metrics;
}

// Throws what the first model's net, or its class weights, do not fit by, unless another's do.
void check_some_net(const Study& study) {
  const auto make = [&](const Experiment& chosen) {
    make_spec(chosen.model, study.train.shape, study.train.classes());
    class_weights(chosen.train.class_weight, all_rows(study.train));
  };
  try {
    return make(first_model(study).experiment);
  } catch (const Error&) {
    for (const Settings& candidate : study.plan.candidates) {
      try {
        return make(with_settings(study.experiment, candidate));
      } catch (const Error&) {
        continue;  // its trials say so
      }
    }
    throw;
  }
}

// Of a run that goes on: what had failed is as if nobody had tried. What follows from it goes
// first, so that a run killed meanwhile is no complete one.
void forget_failed(const RunFiles& files, const Observer& observer) {
  if (!path_exists(files.study())) return;
  const FolderLock lock(files.folder);
  const auto store = open_store(sqlite_url(files.study()));
  const fs::path first = first_files(files).failed;
  const auto results = store->results();
  const bool any = std::any_of(results.begin(), results.end(),
                               [](const FoldResult& result) { return !result.error.empty(); });
  const int firsts = path_exists(first) ? 1 : 0;
  if (!any && firsts == 0) return observer.say("nothing had failed");
  const ModelFiles final = final_files(files);
  for (const fs::path& file :
       {files.metrics(), final.model, final.history, final.partial, files.cv_results(), first}) {
    remove_file(file);
  }
  observer.say(fmt::format("{} failed trainings are tried again", store->forget_failed() + firsts));
}

// Of models that are there already: one run calls its classes by one set of names.
void check_class_names_of(const RunFiles& files, const Study& study) {
  for (const fs::path& file : {first_files(files).model, final_files(files).model}) {
    if (path_exists(file)) check_fits(open_model(file), study.train, study.data.dir);
  }
}

}  // namespace

Study open_study(const Experiment& experiment, const RunFiles& files, const FoundData& found) {
  DataOptions data = experiment.data;
  data.dir = found.dir;
  SetPart train = load_part(data, Split::kTrain, experiment.threads);
  Study study{experiment, files, data, found.identity,      std::move(train.set), "",
              {},         {},    {},   std::move(train.bad)};
  study.train_fingerprint = fingerprint(study.train);
  study.plan = plan_search(experiment, study.train);
  check_some_net(study);
  check_class_names_of(files, study);
  make_folder(files.folder);
  study.lock.emplace(files.folder);  // first of all: from here on the folder is ours
  claim_folder(files, experiment, found.identity.fingerprint);
  study.store = open_store(sqlite_url(files.study()));
  return study;
}

namespace {

// Of images in groups, whole groups.
Indices kept_for_calibration(const Dataset& train, const Experiment& experiment) {
  const double share = experiment.final.calibration;
  Indices rows = calibration_rows(train.labels, share, experiment.seed);
  if (rows.empty() || train.groups.empty()) return rows;
  return cut_groups(train.labels, train.groups, share, experiment.seed);
}

}  // namespace

StageModel first_model(const Study& study) {
  const auto state = Rng(study.experiment.seed, Purpose::kDraw).words(0)[0];
  const Sample drawn = sample_parameters(study.experiment.search.spaces, 1, state);
  StageModel model{"first", drawn.candidates.front(), {}, first_files(study.files), {}, {}};
  model.experiment = with_settings(study.experiment, model.settings);
  model.experiment.train = stage_options(model.experiment, model.experiment.first);
  model.rows = all_rows(study.train).indices;
  return model;
}

StageModel final_model(const Study& study, const SearchResult& search) {
  const Settings& best = search.rows[std::size_t(search.best_index)].params;
  StageModel model{"final", best, {}, final_files(study.files), {}, {}};
  model.experiment = with_settings(study.experiment, best);
  model.experiment.train = stage_options(model.experiment, model.experiment.final);
  model.kept = kept_for_calibration(study.train, study.experiment);
  model.candidate = search.best_index;
  std::ranges::set_difference(all_rows(study.train).indices, model.kept,
                              std::back_inserter(model.rows));
  return model;
}

std::optional<StudyResult> run_study(const Experiment& typed, const RunFiles& files,
                                     const Observer& observer, bool retry_failed) {
  const Stopwatch looking;
  const Experiment experiment = effective(typed);
  const FoundData found = find_run_data(experiment, files, observer);
  check_same_run(files, experiment, found.identity.fingerprint);
  if (retry_failed) forget_failed(files, observer);
  RunTimings timings = read_timings(files.timings());
  if (is_measured(files) && path_exists(files.report())) {
    StudyResult result{read_metrics(files.metrics()), timings};
    observer.say(fmt::format("{} is complete; nothing to train", files.folder.string()));
    return result;
  }
  const Study study = open_study(experiment, files, found);
  describe_data(study, observer);
  write_file_atomic(files.sprite(), encode_png(overview_sprite(study.train)));
  if (const std::string csv = split_csv(study.data); !csv.empty()) {
    write_file_atomic(files.split(), csv);
  }
  if (!study.bad.empty()) write_file_atomic(files.bad_files(), bad_files_csv(study.bad));
  describe_machine(study, timings);
  timings.seconds.emplace("data", looking.seconds());

  observer.save_when_stopped(true);
  auto trained = train_everything(study, observer, timings);
  observer.save_when_stopped(false);
  auto metrics = trained ? finish(std::move(*trained), study, observer, timings) : std::nullopt;
  if (!metrics) {
    write_timings(files.timings(), timings);
    return std::nullopt;
  }
  return StudyResult{std::move(*metrics), timings};
}

namespace {

// A page is made of what is there; training is for who asks for it.
void check_search_is_whole(const RunFiles& files) {
  const StoredStudy stored = read_study(sqlite_url(files.study()));
  const std::size_t trials = stored.candidates.size() * std::size_t(stored.folds);
  if (trials > 0 && stored.results.size() == trials) return;
  throw bad_input(
      fmt::format("{} lacks trials of its search; make them with: tailor run {} --out {}",
                  files.study().string(), files.experiment().string(), files.folder.string()));
}

}  // namespace

fs::path render_run_again(const RunFiles& files, const std::string& data_dir,
                          const Observer& observer) {
  const ClaimedRun claim = read_claim(files);
  if (!is_measured(files)) {
    throw bad_input(fmt::format("{} is not finished; go on with: tailor run {} --out {}",
                                files.folder.string(), files.experiment().string(),
                                files.folder.string()));
  }
  check_search_is_whole(files);
  DataOptions named = claim.experiment.data;
  named.dir = data_dir;
  const FoundData found =
      data_dir.empty() ? recorded_run_data(files) : FoundData{data_dir, identify(named)};
  if (found.identity.fingerprint != claim.data_fingerprint) {
    throw bad_input(fmt::format(
        "the images in {} are not those of {} (fingerprint {:.12} instead of {:.12}); "
        "name the folder that holds them with --data",
        found.dir, files.folder.string(), found.identity.fingerprint, claim.data_fingerprint));
  }
  const Study study = open_study(claim.experiment, files, found);
  RunTimings timings = read_timings(files.timings());
  observer.save_when_stopped(true);
  auto trained = train_everything(study, observer, timings);
  observer.save_when_stopped(false);
  if (!trained) return {};
  return finish(std::move(*trained), study, observer, timings) ? files.report() : fs::path();
}

}  // namespace tailor::internal
