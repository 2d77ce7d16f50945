// One training that can be stopped, killed and gone on with: what a run's two models and
// `tailor train` share.
#pragma once

#include <filesystem>
#include <string>

#include "tailor/study/experiment/experiment.hpp"
#include "tailor/study/observer.hpp"
#include "tailor/train/checkpoint.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {

struct TrainingPlan {
  std::string what;  // "first model": of its lines, and for its observer
  FitJob job;
  ModelCard card;                 // of the trained model; says what a half-trained one must be of
  std::filesystem::path partial;  // where that lies while there is one; empty: nowhere
  std::filesystem::path history = {};  // written again after every epoch; empty: nowhere
  Scopes scopes = Scope::kTraining;    // which options must be equal to go on
  double save_seconds = 0;  // between savings, which happen at ends of epochs; 0 = at each
};

// The job that `experiment` makes of these rows of `train`, of which it watches what
// train.validation_split keeps out.
FitJob fit_job(const Experiment& experiment, const Dataset& train, Indices rows);

// A fresh state, or the one that `partial` holds. Throws bad_input where that is of another
// training.
TrainingState begin_training(const TrainingPlan& plan, const Observer& observer);

// True when done: `partial` is the caller's to remove, once the model is saved. Otherwise stopped,
// and saved in `partial`. Of several ranks the first one writes.
bool train(const TrainingPlan& plan, Engine& engine, TrainingState& state,
           const Observer& observer);

// Throws bad_input, on every rank, where ranks read different files: they would train nonsense
// together.
void check_all_agree(const TrainingPlan& plan, const TrainingState& state, Peers& peers);

// "" where both cards are of the same training, which options of `scopes` decide, otherwise what
// differs.
std::string card_difference(const ModelCard& then, const ModelCard& now, Scopes scopes);

}  // namespace tailor::internal
