#include "tailor/train/training_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/train/class_weights.hpp"
#include "tailor/train/epoch_rules.hpp"
#include "tailor/train/finite.hpp"
#include "tailor/train/schedule.hpp"

namespace tailor::internal {

TrainingStep::TrainingStep(const FitJob& job, Engine& engine, TrainingState& state)
    : job_(job),
      engine_(engine),
      state_(state),
      gradients_(state.params.weights.bytes()),
      sums_(engine.peers(), gradients_.floats()),
      class_weights_(class_weights(job.options.class_weight, job.train)) {
  whole_.on_gradients = [this](std::size_t first) { sums_.complete_from(first); };
  for (const std::size_t images : plan_sizes(job_, engine_.peers())) plan_for(images);
  if (augments(job_.augment)) {
    augmenter_.emplace(job_.augment, job_.train.set->shape, job_.seed, engine_.threads());
  }
}

std::set<std::size_t> TrainingStep::plan_sizes(const FitJob& job, Peers& peers) {
  const IndexSpan rows = job.train.indices;
  const auto batch = std::size_t(job.options.batch);
  std::set<std::size_t> sizes;
  for (const std::size_t n : {std::min(batch, rows.size()), rows.size() % batch}) {
    if (n > 0) sizes.insert(BatchShare(rows.first(n), peers).rows.size());
  }
  return sizes;
}

std::int64_t TrainingStep::steps() const {
  const auto batch = std::int64_t(job_.options.batch);
  return (std::int64_t(job_.train.size()) + batch - 1) / batch;
}

void TrainingStep::begin_epoch() {
  const Rng rng(job_.seed, Purpose::kShuffle, std::uint32_t(state_.epoch));
  order_ = rng.permutation(std::uint32_t(job_.train.size()));
  for (std::uint32_t& i : order_) i = job_.train.indices[i];
}

StepResult TrainingStep::run(bool wants_stop) {
  gather(batch_);
  const BatchLoss mine = forward_and_backward(batch_);
  StepResult result = sum_of_all(mine, batch_, wants_stop);
  optimize(result);
  return result;
}

Plan& TrainingStep::plan_for(std::size_t images) {
  const auto found = plans_.find(images);
  if (found != plans_.end()) return found->second;
  return plans_
      .emplace(images, Plan(job_.spec, engine_, int(images), Phase::kTraining, job_.precision))
      .first->second;
}

void TrainingStep::gather(Batch& batch) {
  const Clocked clock(gather_seconds_);
  const auto size = std::size_t(job_.options.batch);
  const std::size_t first = std::size_t(state_.step) * size;
  batch.all_images = std::min(size, order_.size() - first);
  const IndexSpan whole = IndexSpan(order_).subspan(first, batch.all_images);
  const BatchShare share(whole, engine_.peers());
  batch.rows = share.rows;
  batch.copies = share.copies;
  batch.images.resize(share.rows.size());
  batch.labels.resize(share.rows.size());
  const Dataset& set = *job_.train.set;
  for (std::size_t i = 0; i < share.rows.size(); ++i) {
    batch.images[i] = set.image(share.rows[i]).data();
    batch.labels[i] = set.labels[share.rows[i]];
  }
  if (augmenter_) augment(batch, whole);
}

void TrainingStep::augment(Batch& batch, IndexSpan whole) {
  const Dataset& set = *job_.train.set;
  const std::size_t each = set.shape.size(), count = batch.rows.size();
  batch.pixels.resize(std::max(batch.pixels.size(), count * each));
  batch.mixed.resize(mixes(job_.augment) ? count : 0);
  const auto first = std::size_t(batch.rows.data() - whole.data());
  augmenter_->images(set, whole, first, count, std::uint32_t(state_.epoch), engine_.team(),
                     batch.pixels, batch.mixed);
  for (std::size_t i = 0; i < count; ++i) batch.images[i] = &batch.pixels[i * each];
}

BatchLoss TrainingStep::forward_and_backward(const Batch& batch) {
  Plan& plan = plan_for(batch.rows.size());
  plan.load(state_.params);
  plan.forward(batch.images, state_.params, {job_.seed, std::uint32_t(state_.epoch), batch.rows});
  whole_.images = int(batch.all_images * batch.copies);
  const Targets targets = {batch.labels, job_.options.label_smoothing, batch.mixed, class_weights_};
  const BatchLoss loss = plan.backward(targets, gradients_.floats(), whole_);
  sums_.finish();
  return loss;
}

// Any rank's wish to stop is everybody's, so that all end after the same step.
StepResult TrainingStep::sum_of_all(const BatchLoss& mine, const Batch& batch, bool wants_stop) {
  std::array<double, 3> sums = {mine.loss, double(mine.correct), wants_stop ? 1.0 : 0.0};
  engine_.peers().sum(sums);
  const BatchLoss loss = {sums[0] / double(batch.copies), int(sums[1]) / int(batch.copies)};
  if (!std::isfinite(loss.loss)) {
    throw diverged(state_.epoch + 1, fmt::format("the loss of step {}", state_.step + 1));
  }
  return {.images = batch.all_images, .loss = loss, .stop = sums[2] > 0};
}

void TrainingStep::optimize(StepResult& result) {
  const Clocked clock(optimize_seconds_);
  result.learning_rate = rate_after_plateaus(
      job_.options.plateau,
      learning_rate(job_.options, state_.optimizer.steps(), steps(), steps() * job_.options.epochs),
      state_.history);
  result.penalty = state_.optimizer.step(state_.params.weights.floats(), gradients_.floats(),
                                         result.learning_rate, engine_.team());
}

std::size_t TrainingStep::plan_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [images, plan] : plans_) bytes += plan.memory_bytes();
  return bytes;
}

void TrainingStep::profile(bool on) {
  gather_seconds_ = optimize_seconds_ = 0;
  for (auto& [images, plan] : plans_) plan.profile(on);
}

std::vector<PlanEntry> TrainingStep::entries() const {
  std::vector<PlanEntry> entries = plans_.rbegin()->second.entries();
  entries.push_back({"gather batch", "tailor", gather_seconds_});
  entries.push_back({"optimizer", job_.options.optimizer, optimize_seconds_});
  return entries;
}

int TrainingStep::reference_kernels() const {
  return plans_.rbegin()->second.reference_kernels();
}

}  // namespace tailor::internal
