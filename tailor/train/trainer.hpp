// One model trained on one list of rows: fit() reads as the story goes; everything it changes is in
// TrainingState, so a state saved after any step and restored goes on to the same bytes.
//
// On an Engine with peers all ranks call the same function with the same job and an equal state.
// Each takes its contiguous share of every batch's images, gradients and sums are added up, and all
// end with the same state: what one process would have, up to rounding.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "tailor/core/stop.hpp"
#include "tailor/data/augment/options.hpp"
#include "tailor/data/rows.hpp"
#include "tailor/nn/params.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/train/optimizer.hpp"
#include "tailor/train/options.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

struct TrainingState {
  Params params;
  Optimizer optimizer;
  int epoch = 0;             // finished epochs
  std::int64_t step = 0;     // finished steps of the running epoch
  double loss_sum = 0;       // over the running epoch's images: cross-entropy,
  double penalty_sum = 0;    // penalty times images,
  std::int64_t correct = 0;  // hits
  double epoch_seconds = 0;  // spent on the running epoch so far
  std::vector<EpochRecord> history;
  std::optional<Params> best = {};  // of the best epoch, where options.early_stopping wants them
};

TrainingState start_training(const Spec& spec, const TrainOptions& options, std::uint64_t seed);

struct StepProgress {
  int epoch = 0;  // from 1
  int epochs = 0;
  std::int64_t step = 0;  // from 1, within the epoch
  std::int64_t steps = 0;
  double loss = 0;      // running, penalty included
  double accuracy = 0;  // running
  double images_per_second = 0;
  double seconds_left = 0;  // for the whole fit
};

// Called on the training thread; any may be empty.
struct FitHooks {
  std::function<void(const StepProgress&)> on_step;
  std::function<void(const TrainingState&)> on_epoch;  // history.back() is the new record
  const StopFlag* stop = nullptr;  // looked at after every step; one rank's stops all
};

struct FitJob {
  Spec spec;
  TrainOptions options;
  AugmentOptions augment = {};  // of `train`, never of what is watched
  std::uint64_t seed = 0;
  Precision precision = Precision::kF32;
  Rows train;
  // Evaluated after every epoch; used to choose by early_stopping and plateau only.
  std::optional<Rows> watch;
};

// Moves options.validation_split of job.train to job.watch: of each class alike, and whole groups
// where the set has groups. Throws bad_input where one side would be empty.
void keep_out_validation(FitJob& job);

// What a training takes of this process's memory, in bytes.
struct MemoryPlan {
  std::size_t images = 0;  // the data sets, as they lie in memory
  std::size_t parameters =
      0;                     // weights, state, gradients, the optimizer's moments, the best epoch's
  std::size_t training = 0;  // activations, their gradients and packed weights
  std::size_t evaluation = 0;  // the same of predict(), which comes after
  std::size_t peak() const { return images + parameters + std::max(training, evaluation); }
};

// What is known of it before anything is made, so at least: images and parameters.
MemoryPlan least_memory(const FitJob& job);

// Of fit() and what follows it, before any of it is taken. Making it takes a copy or two of the
// weights for a moment: whoever fears for those looks at least_memory() first.
MemoryPlan memory_plan(const FitJob& job, Engine& engine);

// Trains until options.epochs are done, early_stopping ends it or the flag is set; true if done,
// and then with the best epoch's weights where early_stopping restores them. Throws diverged()
// (train/finite.hpp) where a loss, a weight or a running statistic is not finite; the state is then
// not to be saved.
bool fit(const FitJob& job, Engine& engine, TrainingState& state, const FitHooks& hooks);

inline constexpr int kPredictBatch = 256;  // images, of all threads together, at a time

// Looks at what nobody has seen yet, what the last step left: throws diverged() where the model's
// answers for some of the images are no numbers.
void check_last_step(const FitJob& job, Engine& engine, const TrainingState& state);

// Softmax probabilities, rows x classes, in the order of `rows`. Ranks share the rows and all
// get the whole. Throws bad_input, as features() does, where one is no number.
std::vector<float> predict(const Spec& spec, const Params& params, Engine& engine,
                           Precision precision, const Rows& rows);

// What the last hidden layer sees: rows x feature_count values, in the order of `rows`.
struct Features {
  std::size_t count = 0;  // per image
  std::vector<float> values;
};
Features features(const Spec& spec, const Params& params, Engine& engine, Precision precision,
                  const Rows& rows);

// predict() scored against the labels.
Evaluation evaluate(const Spec& spec, const Params& params, Engine& engine, Precision precision,
                    const Rows& rows);

}  // namespace tailor::internal
