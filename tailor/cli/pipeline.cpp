#include "tailor/cli/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tailor/cli/progress.hpp"
#include "tailor/cli/run_costs.hpp"
#include "tailor/cli/run_explorer.hpp"
#include "tailor/cli/run_page.hpp"
#include "tailor/cli/run_results.hpp"
#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/rng.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/search/sampler.hpp"
#include "tailor/train/calibration.hpp"

namespace tailor {
namespace {

namespace fs = std::filesystem;

struct Trained {
  TrainedModel first;
  SearchResult search;
  TrainedModel final;
};

// The experiment as it is carried out: "auto" is spelled out, since it depends on the CPU.
Experiment effective(Experiment experiment) {
  experiment.precision = to_string(parse_precision(experiment.precision));
  return experiment;
}

void describe_data(const Study& study, Console& console) {
  const std::string& release = study.identity.release;
  console.note(fmt::format("data: {} training images of {}, {} classes{}",
                           grouped(double(study.train.size())), to_string(study.train.shape),
                           study.train.classes(), release.empty() ? "" : "; " + release));
  if (!study.identity.warning.empty()) console.warn(study.identity.warning);
  if (!study.plan.warning.empty()) console.warn(study.plan.warning);
}

// Scores a finished model on the test set (and, dropout off, on what it trained on).
Measured measure(TrainedModel& model, const Study& study, const Dataset& test) {
  const Precision precision = parse_precision(study.experiment.precision);
  const int classes = study.train.classes();
  Engine engine(study.experiment.threads);
  Measured measured;
  measured.train =
      evaluate(model.made.spec, model.params, engine, precision, {&study.train, model.made.rows});
  measured.probabilities =
      predict(model.made.spec, model.params, engine, precision, all_rows(test));
  measured.test =
      evaluate_predictions(measured.probabilities, test.labels, study.train.class_names);
  measured.before = reliability(measured.probabilities, test.labels, classes);
  measured.after =
      reliability(with_temperature(measured.probabilities, classes, model.temperature.value),
                  test.labels, classes);
  return measured;
}

// The one place where a model sees the test set, after both are done. Equal files give equal
// metrics, so a run killed after this opens it again to the same end.
FinishedRun open_test_set(Trained trained, const Study& study) {
  FinishedRun run{std::move(trained.first),
                  std::move(trained.search),
                  std::move(trained.final),
                  load_set(study.experiment, Split::kTest),
                  {},
                  {}};
  run.first_measured = measure(run.first, study, run.test);
  run.final_measured = measure(run.final, study, run.test);
  return run;
}

// nullopt when stopped.
std::optional<Trained> train_everything(const Study& study, Context& context, RunTimings& timings) {
  auto first = train_model(first_model(study), study, context, timings);
  if (!first) return std::nullopt;
  auto search = search_stage(study, context, timings);
  if (!search) return std::nullopt;
  auto final = train_model(final_model(study, *search), study, context, timings);
  if (!final) return std::nullopt;
  return Trained{std::move(*first), std::move(*search), std::move(*final)};
}

// Both models are trained and the test set was opened.
bool is_measured(const RunFiles& files) {
  return fs::exists(files.metrics()) && fs::exists(files.cv_results()) &&
         fs::exists(first_files(files).model) && fs::exists(final_files(files).model);
}

// What was typed, as the script at the root takes it.
std::string command_line(const std::vector<std::string>& words) {
  std::string line = "./run";
  for (std::size_t i = 2; i < words.size(); ++i) {
    const bool plain = words[i].find_first_of(" \t\"'$&|;<>()*?[]{}\\`#") == std::string::npos;
    line += plain ? " " + words[i] : " '" + words[i] + "'";
  }
  return line;
}

void describe_machine(const Study& study, RunTimings& timings) {
  if (timings.provenance.empty()) timings.provenance = provenance();
  timings.threads = study.experiment.threads > 0 ? study.experiment.threads : cpu_info().cores;
  timings.parallel_trials = parallel_trials(study.experiment, study.plan);
}

// The test set, the pages, and last metrics.json, which says that the run is complete. nullopt when
// stopped.
std::optional<Json> finish(Trained trained, const Study& study, Context& context,
                           RunTimings& timings) {
  const Stopwatch testing;
  FinishedRun run = open_test_set(std::move(trained), study);
  timings.seconds.emplace("test", testing.seconds());
  const Stopwatch looking;
  const auto explored = write_explorer(run, study, context);
  if (!explored) return std::nullopt;
  timings.seconds.emplace("explorer", looking.seconds());
  if (timings.inference.empty()) {
    timings.inference = {{"first", inference_cost(run.first, study, run.test)},
                         {"final", inference_cost(run.final, study, run.test)}};
    write_timings(study.files.timings(), timings);  // not where the page is only made again
  }
  Json metrics = metrics_json(run, study, *explored);
  write_file_atomic(study.files.report(), render_report(report_data(run, study, metrics, timings)));
  write_file_atomic(study.files.metrics(), metrics.dump(2) + "\n");
  return metrics;
}

}  // namespace

Study open_study(const Experiment& experiment, const RunFiles& files,
                 const DataIdentity& identity) {
  Study study{experiment, files, identity, load_set(experiment, Split::kTrain), "", {}, {}, {}};
  study.train_fingerprint = fingerprint(study.train);
  study.plan = plan_search(experiment, study.train.labels);
  first_model(study);  // throws where the drawn net does not fit the images
  make_folder(files.folder);
  study.lock.emplace(files.folder);  // first of all: from here on the folder is ours
  study.store = open_store(sqlite_url(files.study()));
  claim_folder(files, experiment, identity.fingerprint);
  return study;
}

StageModel first_model(const Study& study) {
  const auto state = Rng(study.experiment.seed, Purpose::kDraw).words(0)[0];
  const Sample drawn = sample_parameters(study.experiment.search.spaces, 1, state);
  StageModel model{"first", drawn.candidates.front(), {}, first_files(study.files), {}, {}, {}};
  model.experiment = with_settings(study.experiment, model.settings);
  model.experiment.train = stage_options(model.experiment, model.experiment.first);
  model.spec = make_spec(model.experiment.model, study.train.shape, study.train.classes());
  model.rows = all_rows(study.train).rows;
  return model;
}

StageModel final_model(const Study& study, const SearchResult& search) {
  const Settings& best = search.rows[std::size_t(search.best_index)].params;
  StageModel model{"final", best, {}, final_files(study.files), {}, {}, {}};
  model.experiment = with_settings(study.experiment, best);
  model.experiment.train = stage_options(model.experiment, model.experiment.final);
  model.spec = make_spec(model.experiment.model, study.train.shape, study.train.classes());
  model.kept = calibration_rows(study.train.labels, study.experiment.final.calibration,
                                study.experiment.seed);
  std::ranges::set_difference(all_rows(study.train).rows, model.kept,
                              std::back_inserter(model.rows));
  return model;
}

ExitStatus run_pipeline(const Experiment& typed, Context& context) {
  const Stopwatch looking;
  const Experiment experiment = effective(typed);
  const RunFiles files{run_folder(experiment)};
  const DataIdentity identity = identify(experiment.data.dir);
  check_same_run(files, experiment, identity.fingerprint);
  RunTimings timings = read_timings(files.timings());
  if (is_measured(files) && fs::exists(files.report())) {
    context.console.note(fmt::format("{} is complete; nothing to train", files.folder.string()));
    show_run(context.console, read_metrics(files.metrics()), timings, files);
    return ExitStatus::kDone;
  }
  const Study study = open_study(experiment, files, identity);
  describe_data(study, context.console);
  write_file_atomic(files.sprite(), encode_png(overview_sprite(study.train)));
  describe_machine(study, timings);
  timings.seconds.emplace("data", looking.seconds());

  auto trained = train_everything(study, context, timings);
  auto metrics = trained ? finish(std::move(*trained), study, context, timings) : std::nullopt;
  if (!metrics) {
    write_timings(files.timings(), timings);
    context.console.note(fmt::format("interrupted; everything is saved, go on with: {}",
                                     command_line(context.command)));
    return ExitStatus::kInterrupted;
  }
  show_run(context.console, *metrics, timings, files);
  return ExitStatus::kDone;
}

fs::path render_run_again(const RunFiles& files, Context& context) {
  const ClaimedRun claim = read_claim(files);
  if (!is_measured(files)) {
    throw bad_input(fmt::format("{} is not finished; go on with: ./run {} --out {}",
                                files.folder.string(), files.experiment().string(),
                                files.folder.string()));
  }
  const DataIdentity identity = identify(claim.experiment.data.dir);
  check_same_run(files, claim.experiment, identity.fingerprint);
  const Study study = open_study(claim.experiment, files, identity);
  RunTimings timings = read_timings(files.timings());
  auto trained = train_everything(study, context, timings);
  if (!trained) return {};
  return finish(std::move(*trained), study, context, timings) ? files.report() : fs::path();
}

}  // namespace tailor
