// The folder of a single training: whose it is, and when one may write there.
#pragma once

#include <filesystem>
#include <optional>

#include "tailor/core/folder_lock.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/training.hpp"

namespace tailor::internal {

struct TrainFiles {
  std::filesystem::path folder;
  std::filesystem::path model() const { return folder / "model.safetensors"; }
  std::filesystem::path partial() const { return folder / "training.safetensors"; }
  std::filesystem::path history() const { return folder / "history.csv"; }
  std::filesystem::path experiment() const { return folder / "experiment.toml"; }
  std::filesystem::path timings() const { return folder / "timings.json"; }  // where the data lay
};

// Whether the folder holds this very training, finished. Throws bad_input where it holds anything
// else that training there would lose, unless `overwrite` says that it may: a run or a search it
// never may. Writes nothing.
bool holds_finished(const TrainFiles& files, const ModelCard& card, bool overwrite);

// Locks the folder for this training, which it makes where there is none, and writes its
// experiment.toml unless another finished model is there, which `overwrite` is for: that one stays
// whole until finish_train_folder(). Throws as holds_finished() does.
FolderLock claim_train_folder(const TrainFiles& files, const ModelCard& card, bool overwrite);

// The finished training's files, the model last, in place of whatever model was there.
void finish_train_folder(const TrainFiles& files, const TrainingPlan& plan,
                         const TrainingState& state);

}  // namespace tailor::internal
