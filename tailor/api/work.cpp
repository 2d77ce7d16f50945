// Training and whole studies, and what is heard of them.
#include <nlohmann/json.hpp>

#include "tailor/api/access.hpp"
#include "tailor/api/border.hpp"
#include "tailor/core/file.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/run_study.hpp"
#include "tailor/study/training.hpp"

namespace tailor {
namespace internal {
namespace {

FitHooks hooks_of(const tailor::Observer& shown, const std::string& what) {
  FitHooks hooks;
  if (shown.on_step) {
    hooks.on_step = [&shown, what](const StepProgress& p) {
      shown.on_step(what, {p.epoch, p.epochs, p.step, p.steps, p.loss, p.accuracy,
                           p.images_per_second, p.seconds_left});
    };
  }
  if (shown.on_epoch) {
    hooks.on_epoch = [&shown, what](const TrainingState& state) {
      const EpochRecord& r = state.history.back();
      shown.on_epoch(what, {r.epoch, r.loss, r.accuracy, r.learning_rate, r.seconds});
    };
  }
  return hooks;
}

}  // namespace

Observer observe(const tailor::Observer& shown) {
  Observer observer;
  observer.note = shown.note;
  observer.warn = shown.warn;
  observer.training = [&shown](const std::string& what) { return hooks_of(shown, what); };
  observer.searching = [&shown](const std::string&, int) -> OnStudyProgress {
    if (!shown.on_trial) return {};
    return [&shown](const StudyProgress& p) {
      shown.on_trial({p.done, p.total, p.running, p.best_mean, p.seconds_left, p.best_candidate});
    };
  };
  observer.stop = shown.stop;
  return observer;
}

}  // namespace internal

namespace {

// Seen at the start rather than after the first epoch.
void check_folder_of(const std::filesystem::path& unfinished) {
  const std::filesystem::path folder = unfinished.parent_path();
  if (!folder.empty() && !internal::is_folder(folder)) {
    throw bad_input(folder.string() + " is no folder: an unfinished training cannot be kept there");
  }
}

}  // namespace

std::optional<Model> train(const Experiment& experiment, const Dataset& images,
                           const Observer& observer, const std::filesystem::path& unfinished) {
  return internal::at_border([&]() -> std::optional<Model> {
    internal::check_dataset(images);
    check_folder_of(unfinished);
    const internal::Experiment wanted = internal::effective(internal::Access::of(experiment));
    const internal::TrainingPlan plan{
        .what = "train",
        .job = internal::fit_job(wanted, images, internal::all_rows(images).indices),
        .card = internal::make_card(wanted, "train", images, internal::fingerprint(images)),
        .partial = unfinished};
    const internal::Observer inside = internal::observe(observer);
    internal::TrainingState state = internal::begin_training(plan, inside);
    internal::Engine engine(wanted.threads);
    if (!internal::train(plan, engine, state, inside)) return std::nullopt;
    return internal::Access::show(
        internal::make_model(wanted, images, std::move(state.params), plan.card));
  });
}

std::optional<StudyResult> run_study(const Experiment& experiment, const Observer& observer) {
  return internal::at_border([&]() -> std::optional<StudyResult> {
    const internal::Experiment& wanted = internal::Access::of(experiment);
    const internal::RunFiles files{internal::run_folder(wanted)};
    const auto run = internal::run_study(wanted, files, internal::observe(observer));
    if (!run) return std::nullopt;
    const internal::Metrics& metrics = run->metrics;
    return StudyResult{.folder = files.folder,
                       .first_accuracy = metrics.first.test_accuracy,
                       .final_accuracy = metrics.final.test_accuracy,
                       .best_score = metrics.search.best_score,
                       .best_settings = metrics.search.best_params,
                       .metrics = internal::json_text(internal::to_json(metrics), 2) + "\n"};
  });
}

}  // namespace tailor
