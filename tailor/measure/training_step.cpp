#include "tailor/measure/training_step.hpp"

#include "tailor/core/random/rng.hpp"

namespace tailor::internal {

TrainingStep::TrainingStep(const BenchSetup& setup, Engine& engine)
    : setup_(setup),
      engine_(engine),
      params_(init_params(setup.spec, setup.seed)),
      optimizer_(setup.train, params_.table),
      gradients_(params_.weights.bytes()),
      plan_(setup.spec, engine, setup.train.batch, Phase::kTraining, setup.precision),
      rows_(Rng(setup.seed, Purpose::kShuffle).permutation(std::uint32_t(setup.set.size()))),
      images_(std::size_t(plan_.batch())),
      labels_(std::size_t(plan_.batch())) {
  plan_.load(params_);
}

void TrainingStep::operator()() {
  const auto samples = gather();
  plan_.forward(images_, params_, {setup_.seed, 0, samples});
  plan_.backward(labels_, setup_.train.label_smoothing, gradients_.floats());
  optimize();
  plan_.load(params_);
}

void TrainingStep::profile(bool on) {
  gather_seconds_ = optimize_seconds_ = 0;
  plan_.profile(on);
}

std::vector<PlanEntry> TrainingStep::entries() const {
  std::vector<PlanEntry> entries = plan_.entries();
  entries.push_back({"gather batch", "tailor", gather_seconds_});
  entries.push_back({"optimizer", setup_.train.optimizer, optimize_seconds_});
  return entries;
}

std::size_t TrainingStep::bytes() const {
  std::size_t sum =
      plan_.memory_bytes() + gradients_.bytes() + params_.weights.bytes() + params_.state.bytes();
  for (const Buffer& moment : optimizer_.moments()) sum += moment.bytes();
  return sum;
}

std::span<const std::uint32_t> TrainingStep::gather() {
  const Clocked clock(gather_seconds_);
  const auto batch = std::size_t(plan_.batch());
  if (next_ + batch > rows_.size()) next_ = 0;
  const auto samples = std::span<const std::uint32_t>(rows_).subspan(next_, batch);
  next_ += batch;
  for (std::size_t i = 0; i < batch; ++i) {
    images_[i] = setup_.set.image(samples[i]).data();
    labels_[i] = setup_.set.labels[samples[i]];
  }
  return samples;
}

void TrainingStep::optimize() {
  const Clocked clock(optimize_seconds_);
  optimizer_.step(params_.weights.floats(), gradients_.floats(), setup_.train.learning_rate,
                  engine_.threads());
}

}  // namespace tailor::internal
