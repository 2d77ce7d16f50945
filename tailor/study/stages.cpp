// The long stages of the main job: training a model, searching. Each can be stopped, killed and
// gone on with.
#include <fmt/format.h>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/lasting.hpp"
#include "tailor/core/memory/machine_memory.hpp"
#include "tailor/study/held_out.hpp"
#include "tailor/study/memory_limit.hpp"
#include "tailor/study/metrics.hpp"
#include "tailor/study/run_study.hpp"
#include "tailor/study/training.hpp"
#include "tailor/train/calibration.hpp"
#include "tailor/train/checkpoint.hpp"
#include "tailor/train/rejection.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr double kSaveSeconds = 20;  // a killed training loses at most this and an epoch

ModelCard card_of(const StageModel& model, const Study& study) {
  return make_card(model.experiment, model.stage, study.train, study.train_fingerprint);
}

// Throws bad_input unless the file is of this very training.
void check_card(const fs::path& path, const ModelCard& card) {
  const std::string differs = card_difference(read_model_card(path), card, kSameRun);
  if (!differs.empty()) {
    throw bad_input(
        fmt::format("{} is of another training: {}; choose another --out", path.string(), differs));
  }
}

void note_speed(const StageModel& model, const std::vector<EpochRecord>& history,
                RunTimings& timings) {
  double seconds = 0;
  for (const EpochRecord& epoch : history) seconds += epoch.seconds;
  // A search's own time stands beside that of its best candidate, trained once more.
  const std::string key = model.stage == "search" ? "refit" : model.stage;
  timings.seconds[key] = seconds;
  timings.images_per_second[key] =
      seconds > 0 ? double(history.size()) * double(model.rows.size()) / seconds : 0;
}

TrainedModel load_trained(const StageModel& model, const ModelCard& card) {
  check_card(model.files.model, card);
  remove_file(model.files.partial);  // killed between saving the model and this
  return {model, open_model(model.files.model), read_history(model.files.history)};
}

TrainingPlan plan_of(const StageModel& model, const Study& study, const ModelCard& card) {
  TrainingPlan plan{.what = model.stage + " model",
                    .job = fit_job(model.experiment, study.train, model.rows),
                    .card = card,
                    .partial = model.files.partial,
                    .history = model.files.history,
                    .scopes = kSameRun,
                    .save_seconds = kSaveSeconds};
  return plan;
}

// work(), whose lasting errors are the model's own.
template <typename Work>
auto of_the_model(Work work) {
  try {
    return work();
  } catch (const Error& error) {
    if (!is_lasting(error)) throw;
    throw ModelFailure(error.kind(), error.what());
  }
}

// What makes the trained model's probabilities honest, by the images it did not train on.
Temperature temperature_of_kept(const Model& model, const Rows& kept) {
  if (kept.empty()) return {};
  Engine engine(model.experiment.threads);
  return fit_temperature(predict(model, engine, kept), labels_of(kept), model.spec.classes);
}

// The images that a threshold is chosen on: those kept out where they are enough to tell 99 % right
// from 98 %, else all training images, as the search's nets saw them that did not train on them.
constexpr std::size_t kEnoughKept = 1000;

struct Unseen {
  std::vector<float> probabilities;  // calibrated
  std::vector<Label> labels;
  std::string what;  // in words
};

Unseen unseen_images(const Model& net, const StageModel& model, const Study& study) {
  const int classes = net.spec.classes;
  if (model.kept.size() < kEnoughKept && model.candidate) {
    auto found = out_of_fold_probabilities(study.plan, *study.store, *model.candidate, classes);
    if (found) {
      const bool calibrated = net.temperature.value != 1;  // then so are these, by their own
      const double temperature =
          calibrated ? fit_temperature(*found, study.train.labels, classes).value : 1;
      return {with_temperature(*found, classes, temperature), study.train.labels,
              "out-of-fold predictions of the search"};
    }
  }
  if (model.kept.empty()) return {};
  const Rows kept{&study.train, model.kept};
  Engine engine(model.experiment.threads);
  return {with_temperature(predict(net, engine, kept), classes, net.temperature.value),
          labels_of(kept), "training images kept out of training"};
}

// What makes the model's answers right as often as the experiment wants.
Rejection rejection_for(const Model& net, const StageModel& model, const Study& study) {
  const double wanted = model.experiment.final.reject_precision;
  if (wanted == 0 || model.stage != "final") return {};
  const Unseen unseen = unseen_images(net, model, study);
  CoverageCurve curve;
  if (!unseen.labels.empty()) {
    curve = coverage_curve(unseen.probabilities, unseen.labels, net.spec.classes);
  }
  Rejection rejection = choose_rejection(curve, wanted);
  rejection.chosen_on = unseen.what;
  return rejection;
}

// Images that all trials together train on.
double images_of_search(const Study& study) {
  double rows = 0, images = 0;
  for (const Fold& fold : study.plan.folds) rows += double(fold.train.size());
  for (const Settings& candidate : study.plan.candidates) {
    const Experiment chosen = with_settings(study.experiment, candidate);
    images += rows * stage_options(chosen, chosen.trial).epochs;
  }
  return images;
}

// `seconds` of all processes that worked on this search so far.
void note_search(const Study& study, double seconds, RunTimings& timings) {
  timings.seconds["search"] = seconds;
  timings.images_per_second["search"] = seconds > 0 ? images_of_search(study) / seconds : 0;
}

}  // namespace

std::optional<TrainedModel> train_model(const StageModel& model, const Study& study,
                                        const Observer& observer, RunTimings& timings) {
  ModelCard card = card_of(model, study);
  if (path_exists(model.files.model) && path_exists(model.files.history)) {
    TrainedModel trained = load_trained(model, card);
    note_speed(model, trained.history, timings);
    return trained;
  }
  observer.say(fmt::format("{} model: {}, {} epochs", model.stage, settings_text(model.settings),
                           model.experiment.train.epochs));
  Engine engine(model.experiment.threads);
  const TrainingPlan plan = of_the_model([&] {
    TrainingPlan made = plan_of(model, study, card);
    checked_memory_plan(made.job, engine, machine_memory(), "this machine's");
    return made;
  });
  TrainingState state = begin_training(plan, observer);
  if (!of_the_model([&] { return train(plan, engine, state, observer); })) return std::nullopt;
  write_file_atomic(model.files.history, history_csv(state.history));
  Model net = make_model(model.experiment, study.train, std::move(state.params), std::move(card));
  net.temperature = temperature_of_kept(net, {&study.train, model.kept});
  if (net.temperature.images > 0) set_temperature(net.card, net.temperature);
  if (!net.temperature.kept.empty()) {
    observer.say(fmt::format("{} model: its temperature stays 1, since {}", model.stage,
                             net.temperature.kept));
  }
  net.rejection = rejection_for(net, model, study);
  if (net.rejection.wanted > 0) set_rejection(net.card, net.rejection);
  if (net.rejection.wanted > 0 && !net.rejection.below) {
    observer.caution(fmt::format("{} model: {}", model.stage, rejection_text(net.rejection)));
  }
  save_model(model.files.model, net.card, net.params);
  remove_file(model.files.partial);
  note_speed(model, state.history, timings);
  write_timings(study.files.timings(), timings);
  return TrainedModel{model, std::move(net), std::move(state.history)};
}

std::optional<SearchResult> search_stage(const Study& study, const Observer& observer,
                                         RunTimings& timings) {
  const bool done = path_exists(study.files.cv_results());
  const double before = timings.seconds.contains("search") ? timings.seconds.at("search") : 0;
  const Stopwatch watch;
  if (!done) {
    observer.say(fmt::format("search: {} candidates x {} folds, {} at a time",
                             study.plan.candidates.size(), study.plan.folds.size(),
                             parallel_trials(study.experiment, study.plan)));
  }
  int saved = 0;
  const auto show = observer.hook_for_searching("search", int(study.plan.folds.size()));
  SearchHooks hooks;
  hooks.stop = observer.stop;
  hooks.on_progress = [&](const StudyProgress& now) {
    if (show) show(now);
    if (done || now.done == saved) return;
    saved = now.done;  // with every fold, so that a killed search counts the time of what it kept
    note_search(study, before + watch.seconds(), timings);
    write_timings(study.files.timings(), timings);
  };
  auto result = run_search(study.experiment, study.plan, study.train, study.train_fingerprint,
                           *study.store, hooks);
  if (!done) note_search(study, before + watch.seconds(), timings);
  if (!result) return std::nullopt;
  if (!done) write_file_atomic(study.files.cv_results(), cv_results_csv(*result));
  if (!result->failed.empty()) {
    observer.caution(fmt::format("{}; --retry-failed tries them again", result->warning));
  }
  return result;
}

}  // namespace tailor::internal
