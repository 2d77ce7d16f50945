#include "tailor/study/train_folder.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/study/run_files.hpp"
#include "tailor/study/run_timings.hpp"
#include "tailor/study/training.hpp"
#include "tailor/train/checkpoint.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kChoices = "choose another --out, or replace it with --overwrite";

// An experiment.toml without a model is somebody's own, unless our timings.json stands beside it: a
// training that was killed at its beginning or diverged, of which there is nothing to lose.
void check_experiment_of(const TrainFiles& files, const ModelCard& card) {
  if (!path_exists(files.experiment()) || path_exists(files.timings())) return;
  const std::string differs =
      difference(parse_experiment(read_text(files.experiment()), files.experiment().string()),
                 parse_experiment(card.at("experiment"), "this training"),
                 Scopes(Scope::kTraining) | Scope::kImages);
  if (differs.empty()) return;
  throw bad_input(fmt::format("{} is of another training: {}; {}", files.experiment().string(),
                              differs, kChoices));
}

// An experiment.toml that was there first is somebody's own and says the same: it keeps its words.
void describe_training(const TrainFiles& files, const ModelCard& card) {
  const bool own_file = path_exists(files.experiment()) && !path_exists(files.timings());
  const Experiment experiment = parse_experiment(card.at("experiment"), "this training");
  write_file_atomic(files.timings(), data_dir_json(experiment.data.dir));
  if (!own_file) write_file_atomic(files.experiment(), card.at("experiment"));
}

}  // namespace

bool holds_finished(const TrainFiles& files, const ModelCard& card, bool overwrite) {
  const FolderOwner owner = owner_of(files.folder);
  if (owner == FolderOwner::kStranger && !overwrite) {
    throw bad_input(
        fmt::format("{} is there, and no tailor wrote it; {}", files.model().string(), kChoices));
  }
  if (owner != FolderOwner::kStranger) refuse_others_folder(files.folder, FolderOwner::kTrain);
  if (overwrite) return false;
  const bool finished = path_exists(files.model());
  if (!finished && !path_exists(files.partial())) {
    check_experiment_of(files, card);
    return false;
  }
  const std::string differs = card_difference(
      read_model_card(finished ? files.model() : files.partial()), card, Scope::kTraining);
  if (differs.empty()) return finished;
  throw bad_input(fmt::format("{} holds another training, {}: {}; {}", files.folder.string(),
                              finished ? "which is finished" : "half done", differs, kChoices));
}

FolderLock claim_train_folder(const TrainFiles& files, const ModelCard& card, bool overwrite) {
  make_folder(files.folder);
  FolderLock lock(files.folder);
  if (holds_finished(files, card, overwrite)) {  // since somebody asked before
    throw bad_input(
        fmt::format("another tailor has finished this training in {}; run again to see it",
                    files.folder.string()));
  }
  if (overwrite) {
    const bool is_other =
        path_exists(files.partial()) &&
        !card_difference(read_model_card(files.partial()), card, Scope::kTraining).empty();
    if (is_other) remove_file(files.partial());
  }
  // What stands beside a finished model is that model's until the new one is there.
  if (!path_exists(files.model())) describe_training(files, card);
  return lock;
}

void finish_train_folder(const TrainFiles& files, const TrainingPlan& plan,
                         const TrainingState& state) {
  if (path_exists(files.model())) describe_training(files, plan.card);
  write_file_atomic(files.history(), history_csv(state.history));
  save_model(files.model(), plan.card, state.params);
  remove_file(files.partial());
}

}  // namespace tailor::internal
