#include "tailor/study/run_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/core/text.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/search/sampler.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/inference_cost.hpp"
#include "tailor/study/metrics.hpp"
#include "tailor/study/pages/explore.hpp"
#include "tailor/study/pages/report_records.hpp"
#include "tailor/train/calibration.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct Trained {
  TrainedModel first;
  SearchResult search;
  TrainedModel final;
};

void describe_data(const Study& study, const Observer& observer) {
  const std::string& release = study.identity.release;
  observer.say(fmt::format("data: {} training images of {}, {} classes{}",
                           grouped(double(study.train.size())), to_string(study.train.shape),
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
  measured.after = reliability(
      with_temperature(measured.probabilities, classes, trained.model.temperature.value),
      test.labels, classes);
  return measured;
}

// The one place where a model sees the test set, after both are done. Equal files give equal
// metrics, so a run killed after this opens it again to the same end.
FinishedRun open_test_set(Trained trained, const Study& study) {
  FinishedRun run{std::move(trained.first),
                  std::move(trained.search),
                  std::move(trained.final),
                  load_set(study.data, Split::kTest),
                  {},
                  {}};
  run.first_measured = measure(run.first, study, run.test);
  run.final_measured = measure(run.final, study, run.test);
  return run;
}

// nullopt when stopped.
std::optional<Trained> train_everything(const Study& study, const Observer& observer,
                                        RunTimings& timings) {
  auto first = train_model(first_model(study), study, observer, timings);
  if (!first) return std::nullopt;
  auto search = search_stage(study, observer, timings);
  if (!search) return std::nullopt;
  auto final = train_model(final_model(study, *search), study, observer, timings);
  if (!final) return std::nullopt;
  return Trained{std::move(*first), std::move(*search), std::move(*final)};
}

// Both models are trained and the test set was opened.
bool is_measured(const RunFiles& files) {
  return path_exists(files.metrics()) && path_exists(files.cv_results()) &&
         path_exists(first_files(files).model) && path_exists(final_files(files).model);
}

void describe_machine(const Study& study, RunTimings& timings) {
  if (timings.provenance.empty()) timings.provenance = provenance();
  timings.data_dir = absolute_path(study.data.dir).string();
  timings.threads = study.experiment.threads > 0 ? study.experiment.threads : cpu_info().cores;
  timings.parallel_trials = parallel_trials(study.experiment, study.plan);
}

ModelMetrics metrics_of(const TrainedModel& model, const Measured& measured) {
  ModelMetrics m;
  m.params = model.made.settings;
  m.parameters = model.model.params.table.weight_count;
  m.epochs = model.made.experiment.train.epochs;
  m.trained_on = model.made.rows.size();
  m.train_accuracy = model.history.back().accuracy;
  m.train_accuracy_evaluated = measured.train.accuracy;
  m.test_accuracy = measured.test.accuracy;
  m.interval_low = measured.test.interval_low;
  m.interval_high = measured.test.interval_high;
  m.test_loss = measured.test.loss;
  m.test_top2 = measured.test.top2;
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
  m.calibration = {model.model.temperature.value, std::int64_t(model.model.temperature.images),
                   figures(measured.before), figures(measured.after)};
  return m;
}

SearchMetrics metrics_of(const SearchResult& search) {
  const CandidateRow& best = search.rows[std::size_t(search.best_index)];
  return {search.strategy,   best.params,        best.mean_test_score, best.std_test_score,
          search.best_index, search.rows.size(), search.folds};
}

Metrics metrics_of(const FinishedRun& run, const Study& study, std::optional<Explored> explored) {
  return {metrics_of(run.first, run.first_measured),
          final_metrics(run.final, run.final_measured),
          metrics_of(run.search),
          {study.identity.fingerprint, study.identity.release, std::int64_t(study.train.size()),
           std::int64_t(run.test.size()), to_string(study.train.shape), study.train.classes(),
           std::move(explored)}};
}

// The test set, the pages, and last metrics.json, which says that the run is complete. nullopt when
// stopped.
std::optional<Metrics> finish(Trained trained, const Study& study, const Observer& observer,
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
    timings.inference = {{"first", inference_cost(run.first.model, run.test, threads)},
                         {"final", inference_cost(run.final.model, run.test, threads)}};
    write_timings(study.files.timings(), timings);  // not where the page is only made again
  }
  observer.work_on("report");
  Metrics metrics = metrics_of(run, study, std::move(explored));
  write_file_atomic(study.files.report(), render_report(report_data(run, study, metrics, timings)));
  write_file_atomic(study.files.metrics(), json_text(to_json(metrics), 2) + "\n");
  return metrics;
}

}  // namespace

Study open_study(const Experiment& experiment, const RunFiles& files, const FoundData& found) {
  DataOptions data = experiment.data;
  data.dir = found.dir;
  Study study{experiment, files, data, found.identity, load_set(data, Split::kTrain), "",
              {},         {},    {}};
  study.train_fingerprint = fingerprint(study.train);
  study.plan = plan_search(experiment, study.train.labels);
  first_model(study);  // throws where the drawn net does not fit the images
  make_folder(files.folder);
  study.lock.emplace(files.folder);  // first of all: from here on the folder is ours
  study.store = open_store(sqlite_url(files.study()));
  claim_folder(files, experiment, found.identity.fingerprint);
  return study;
}

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
  model.kept = calibration_rows(study.train.labels, study.experiment.final.calibration,
                                study.experiment.seed);
  std::ranges::set_difference(all_rows(study.train).indices, model.kept,
                              std::back_inserter(model.rows));
  return model;
}

std::optional<StudyResult> run_study(const Experiment& typed, const RunFiles& files,
                                     const Observer& observer) {
  const Stopwatch looking;
  const Experiment experiment = effective(typed);
  const FoundData found = find_run_data(experiment.data.dir, files);
  check_same_run(files, experiment, found.identity.fingerprint);
  RunTimings timings = read_timings(files.timings());
  if (is_measured(files) && path_exists(files.report())) {
    StudyResult result{read_metrics(files.metrics()), timings};
    observer.say(fmt::format("{} is complete; nothing to train", files.folder.string()));
    return result;
  }
  const Study study = open_study(experiment, files, found);
  describe_data(study, observer);
  write_file_atomic(files.sprite(), encode_png(overview_sprite(study.train)));
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

fs::path render_run_again(const RunFiles& files, const std::string& data_dir,
                          const Observer& observer) {
  const ClaimedRun claim = read_claim(files);
  if (!is_measured(files)) {
    throw bad_input(fmt::format("{} is not finished; go on with: tailor run {} --out {}",
                                files.folder.string(), files.experiment().string(),
                                files.folder.string()));
  }
  const FoundData found = data_dir.empty() ? find_run_data(claim.experiment.data.dir, files)
                                           : FoundData{data_dir, identify(data_dir)};
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
