// One step of a training, from the images of a batch to changed weights: what fit() repeats and
// `tailor bench train` measures.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/data/augment/augmenter.hpp"
#include "tailor/train/gradient_sums.hpp"
#include "tailor/train/shares.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {

// What a step tells: of the whole batch, with all ranks' shares.
struct StepResult {
  std::size_t images = 0;
  BatchLoss loss;
  double penalty = 0;  // of the weights before the step
  double learning_rate = 0;
  bool stop = false;  // some rank wishes to end after this step
};

class TrainingStep {
 public:
  // All must outlive it. Makes every plan that the job's batches need.
  TrainingStep(const FitJob& job, Engine& engine, TrainingState& state);
  TrainingStep(const TrainingStep&) = delete;

  std::int64_t steps() const;  // of an epoch

  // Draws the order in which epoch state.epoch reads the rows.
  void begin_epoch();

  // Step state.step of that epoch: forward, backward, optimizer. Changes the state's parameters and
  // its optimizer, nothing else of it. Throws diverged() for a loss that is no number, before it
  // changes a weight. `wants_stop` is this rank's wish.
  StepResult run(bool wants_stop = false);

  std::size_t plan_bytes() const;
  std::size_t gradient_bytes() const { return gradients_.bytes(); }

  // How many images its plans are for, of this rank's share: of a whole batch, and of what is left
  // at the end of an epoch where that is something else.
  static std::set<std::size_t> plan_sizes(const FitJob& job, Peers& peers);

  // As Plan's, of the plan for a whole batch, with the parts outside of it.
  void profile(bool on);
  std::vector<PlanEntry> entries() const;
  int reference_kernels() const;

 private:
  // Where this rank's images of a batch are, or what augmentation made of them; filled in place, so
  // a step allocates nothing.
  struct Batch {
    std::vector<const std::uint8_t*> images;
    std::vector<Label> labels;
    std::vector<std::uint8_t> pixels;  // of augmented images
    std::vector<MixedLabel> mixed;     // where images are mixed
    IndexSpan rows;
    std::size_t all_images = 0;  // with the other ranks'
    std::size_t copies = 1;      // of each image, over all ranks
  };

  Plan& plan_for(std::size_t images);
  void gather(Batch& batch);
  void augment(Batch& batch, IndexSpan whole);
  BatchLoss forward_and_backward(const Batch& batch);
  StepResult sum_of_all(const BatchLoss& mine, const Batch& batch, bool wants_stop);
  void optimize(StepResult& result);

  const FitJob& job_;
  Engine& engine_;
  TrainingState& state_;
  std::optional<Augmenter> augmenter_;
  std::map<std::size_t, Plan> plans_;  // the usual one, and one for the end of an epoch
  Buffer gradients_;
  GradientSums sums_;
  std::vector<double> class_weights_;
  SharedBatch whole_;
  Indices order_;  // data set rows in this epoch's order
  Batch batch_;
  double gather_seconds_ = 0;
  double optimize_seconds_ = 0;
};

}  // namespace tailor::internal
