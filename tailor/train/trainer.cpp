#include "tailor/train/trainer.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/nn/predictor.hpp"
#include "tailor/train/gradient_sums.hpp"
#include "tailor/train/schedule.hpp"

namespace tailor::internal {

namespace {

// Where the images, labels and rows of one batch are; filled in place, so a step allocates nothing.
struct Batch {
  std::vector<const std::uint8_t*> images;
  std::vector<std::uint8_t> labels;
  std::vector<std::uint32_t> rows;

  void gather(const Dataset& set, std::span<const std::uint32_t> wanted) {
    images.resize(wanted.size());
    labels.resize(wanted.size());
    rows.assign(wanted.begin(), wanted.end());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      images[i] = set.image(wanted[i]).data();
      labels[i] = set.labels[wanted[i]];
    }
  }
};

// This rank's part of `rows`: contiguous, ranks in order.
std::span<const std::uint32_t> share_of(std::span<const std::uint32_t> rows, const Peers& peers) {
  const auto rank = std::size_t(peers.rank());
  const auto size = std::size_t(peers.size());
  const std::size_t first = rows.size() * rank / size;
  return rows.subspan(first, rows.size() * (rank + 1) / size - first);
}

// What this rank takes of a batch, which may have too few images for all ranks: then every rank
// takes them all, and the batch is one in which each image stands that often. Its mean and its
// statistics are the same.
struct BatchShare {
  std::span<const std::uint32_t> rows;
  std::size_t copies = 1;

  BatchShare(std::span<const std::uint32_t> batch, const Peers& peers)
      : rows(share_of(batch, peers)) {
    if (batch.size() >= std::size_t(peers.size())) return;
    rows = batch;
    copies = std::size_t(peers.size());
  }
};

// Training plans by batch size: the usual one, and the smaller one at the end of an epoch.
class Plans {
 public:
  Plans(const Spec& spec, Engine& engine, Precision precision)
      : spec_(spec), engine_(engine), precision_(precision) {}

  Plan& of(std::size_t batch) {
    const auto it = plans_.find(batch);
    if (it != plans_.end()) return it->second;
    return plans_.emplace(batch, Plan(spec_, engine_, int(batch), Phase::kTraining, precision_))
        .first->second;
  }

  std::size_t memory_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [batch, plan] : plans_) bytes += plan.memory_bytes();
    return bytes;
  }

 private:
  const Spec& spec_;
  Engine& engine_;
  Precision precision_;
  std::map<std::size_t, Plan> plans_;
};

std::size_t memory_of(const DataView& view) {
  return view.set->pixels.size() + view.set->labels.size() +
         view.rows.size() * sizeof(view.rows[0]);
}

// A predictor for so many rows, at most kPredictBatch at a time.
Predictor predictor_for(const Spec& spec, Engine& engine, Precision precision, std::size_t rows) {
  const std::size_t batch = std::clamp<std::size_t>(rows, 1, kPredictBatch);
  return Predictor(spec, engine, int(batch), precision);
}

std::size_t memory_of_prediction(const FitJob& job, const DataView& view, Engine& engine) {
  const std::size_t rows = share_of(view.rows, engine.peers()).size();
  return predictor_for(job.spec, engine, job.precision, rows).memory_bytes() +
         view.rows.size() * (sizeof(view.rows[0]) + std::size_t(job.spec.classes) * sizeof(float));
}

// One training in progress: the parts of fit() that the story does not name.
class Session {
 public:
  Session(const FitJob& job, Engine& engine, TrainingState& state, const FitHooks& hooks)
      : job_(job),
        engine_(engine),
        state_(state),
        hooks_(hooks),
        plans_(job_.spec, engine, job.precision),
        gradients_(state.params.weights.bytes()),
        sums_(engine.peers(), gradients_.floats()) {
    whole_.on_gradients = [this](std::size_t first) { sums_.complete_from(first); };
  }
  Session(const Session&) = delete;

  std::int64_t steps() const {
    const auto batch = std::int64_t(job_.options.batch);
    return (std::int64_t(job_.train.rows.size()) + batch - 1) / batch;
  }

  // Every plan is made before the first step, so that what they take is known.
  void prepare() {
    const std::span<const std::uint32_t> rows = job_.train.rows;
    const auto batch = std::size_t(job_.options.batch);
    for (const std::size_t n : {std::min(batch, rows.size()), rows.size() % batch}) {
      if (n > 0) plans_.of(BatchShare(rows.first(n), engine_.peers()).rows.size());
    }
    if (hooks_.on_planned) hooks_.on_planned(memory());
  }

  void begin_epoch() {
    const Rng rng(job_.seed, Purpose::kShuffle, std::uint32_t(state_.epoch));
    order_ = rng.permutation(std::uint32_t(job_.train.rows.size()));
    for (std::uint32_t& i : order_) i = job_.train.rows[i];
  }

  void next_batch() {
    const auto batch = std::size_t(job_.options.batch);
    const std::size_t first = std::size_t(state_.step) * batch;
    images_ = std::min(batch, order_.size() - first);
    const std::span<const std::uint32_t> rows = order_;
    const BatchShare share(rows.subspan(first, images_), engine_.peers());
    copies_ = share.copies;
    whole_.images = int(images_ * copies_);
    batch_.gather(*job_.train.set, share.rows);
    plan_ = &plans_.of(batch_.rows.size());
  }

  void forward() {
    plan_->load(state_.params);
    plan_->forward(batch_.images, state_.params,
                   {job_.seed, std::uint32_t(state_.epoch), batch_.rows});
  }

  void backward() {
    const BatchLoss mine =
        plan_->backward(batch_.labels, job_.options.label_smoothing, gradients_.floats(), whole_);
    sums_.finish();
    const BatchLoss loss = sum_of_all(mine);
    if (!std::isfinite(loss.loss)) {
      throw failure(fmt::format(
          "the loss is not a number in epoch {}, step {}; try a smaller train.learning_rate",
          state_.epoch + 1, state_.step + 1));
    }
    state_.loss_sum += loss.loss;
    state_.correct += loss.correct;
  }

  void step_optimizer() {
    rate_ = learning_rate(job_.options, state_.optimizer.steps(), steps(),
                          steps() * job_.options.epochs);
    const double penalty = state_.optimizer.step(state_.params.weights.floats(),
                                                 gradients_.floats(), rate_, engine_.threads());
    state_.penalty_sum += penalty * double(images_);
    ++state_.step;
  }

  void report_step(double seconds) {
    state_.epoch_seconds += seconds;
    seconds_ += seconds;
    ++done_;
    if (!hooks_.on_step) return;
    const double images = double(images_seen());
    const std::int64_t left = steps() * (job_.options.epochs - state_.epoch) - state_.step;
    hooks_.on_step({state_.epoch + 1, job_.options.epochs, state_.step, steps(),
                    (state_.loss_sum + state_.penalty_sum) / images,
                    double(state_.correct) / images, images / state_.epoch_seconds,
                    double(left) * seconds_ / double(done_)});
  }

  void finish_epoch() {
    const double images = double(job_.train.rows.size());
    EpochRecord r;
    r.epoch = state_.epoch + 1;
    r.cross_entropy = state_.loss_sum / images;
    r.loss = r.cross_entropy + state_.penalty_sum / images;
    r.accuracy = double(state_.correct) / images;
    r.learning_rate = rate_;
    r.seconds = state_.epoch_seconds;
    r.images_per_second = images / state_.epoch_seconds;
    if (job_.watch) {
      const Evaluation e = evaluate(job_.spec, state_.params, engine_, job_.precision, *job_.watch);
      r.watched_loss = e.loss;
      r.watched_accuracy = e.accuracy;
    }
    state_.history.push_back(r);
    ++state_.epoch;
    state_.step = 0;
    state_.loss_sum = state_.penalty_sum = state_.epoch_seconds = 0;
    state_.correct = 0;
    if (hooks_.on_epoch) hooks_.on_epoch(state_);
  }

  bool stop_requested() const { return engine_.peers().size() > 1 ? stop_ : asked_to_stop(); }

 private:
  MemoryPlan memory() const {
    MemoryPlan plan;
    const DataView& evaluated = job_.watch ? *job_.watch : job_.train;
    plan.images = memory_of(job_.train) + (job_.watch ? memory_of(*job_.watch) : 0);
    plan.parameters = 2 * gradients_.bytes() + state_.params.state.bytes();
    for (const Buffer& b : state_.optimizer.moments()) plan.parameters += b.bytes();
    plan.training = plans_.memory_bytes();
    plan.evaluation = memory_of_prediction(job_, evaluated, engine_);
    if (job_.watch) plan.training += plan.evaluation;  // both at a time
    return plan;
  }

  bool asked_to_stop() const { return hooks_.stop != nullptr && hooks_.stop->requested(); }

  // The whole batch's loss; and whether any rank was asked to stop, so that all do after this step.
  BatchLoss sum_of_all(const BatchLoss& mine) {
    std::array<double, 3> sums = {mine.loss, double(mine.correct), asked_to_stop() ? 1.0 : 0.0};
    engine_.peers().sum(sums);
    stop_ = sums[2] > 0;
    return {sums[0] / double(copies_), int(sums[1]) / int(copies_)};
  }

  std::int64_t images_seen() const {
    return std::min(state_.step * job_.options.batch, std::int64_t(job_.train.rows.size()));
  }

  const FitJob& job_;
  Engine& engine_;
  TrainingState& state_;
  const FitHooks& hooks_;
  Plans plans_;
  Plan* plan_ = nullptr;
  Buffer gradients_;
  GradientSums sums_;
  SharedBatch whole_;       // the batch at hand, with the peers' shares
  std::size_t images_ = 0;  // in it,
  std::size_t copies_ = 1;  // so often
  bool stop_ = false;       // some rank was asked to
  Indices order_;           // data set rows in this epoch's order
  Batch batch_;
  double rate_ = 0;
  double seconds_ = 0;     // of this call of fit, for the ETA
  std::int64_t done_ = 0;  // steps of this call
};

std::vector<const std::uint8_t*> images_of(const Dataset& set,
                                           std::span<const std::uint32_t> rows) {
  std::vector<const std::uint8_t*> images;
  images.reserve(rows.size());
  for (const std::uint32_t row : rows) images.push_back(set.image(row).data());
  return images;
}

// Every rank has its own rows and zeros elsewhere: the sum is all of them, exactly.
void gather_rows(std::span<float> values, Peers& peers) {
  constexpr std::size_t kAtOnce = std::size_t(1) << 24;  // MPI counts in int
  for (std::size_t first = 0; first < values.size(); first += kAtOnce) {
    peers.start_sum(values.subspan(first, std::min(kAtOnce, values.size() - first)));
  }
  peers.wait();
}

void check(const FitJob& job) {
  if (job.train.rows.empty()) throw bad_input("there are no images to train on");
}

}  // namespace

DataView all_rows(const Dataset& set) {
  DataView view{&set, Indices(set.size())};
  std::iota(view.rows.begin(), view.rows.end(), 0u);
  return view;
}

std::vector<std::uint8_t> labels_of(const DataView& view) {
  std::vector<std::uint8_t> labels;
  labels.reserve(view.rows.size());
  for (const std::uint32_t row : view.rows) labels.push_back(view.set->labels[row]);
  return labels;
}

TrainingState start_training(const Spec& spec, const TrainOptions& options, std::uint64_t seed) {
  Params params = init_params(spec, seed);
  Optimizer optimizer(options, params.table);
  return {std::move(params), std::move(optimizer), 0, 0, 0, 0, 0, 0, {}};
}

bool fit(const FitJob& job, Engine& engine, TrainingState& state, const FitHooks& hooks) {
  check(job);
  Session session(job, engine, state, hooks);
  session.prepare();
  while (state.epoch < job.options.epochs) {
    session.begin_epoch();
    while (state.step < session.steps()) {
      if (session.stop_requested()) return false;
      const Stopwatch watch;
      session.next_batch();
      session.forward();
      session.backward();
      session.step_optimizer();
      session.report_step(watch.seconds());
    }
    session.finish_epoch();
  }
  return true;
}

std::vector<float> predict(const Spec& spec, const Params& params, Engine& engine,
                           Precision precision, const DataView& view) {
  const auto classes = std::size_t(spec.classes);
  std::vector<float> out(view.rows.size() * classes);
  const auto rows = share_of(view.rows, engine.peers());
  const auto before = std::size_t(rows.data() - view.rows.data());
  Predictor predictor = predictor_for(spec, engine, precision, rows.size());
  predictor.load(params);
  predictor.probabilities(images_of(*view.set, rows),
                          std::span(out).subspan(before * classes, rows.size() * classes));
  gather_rows(out, engine.peers());
  return out;
}

Features features(const Spec& spec, const Params& params, Engine& engine, Precision precision,
                  const DataView& view) {
  Predictor predictor = predictor_for(spec, engine, precision, view.rows.size());
  predictor.load(params);
  Features out;
  out.count = predictor.feature_count();
  out.values.resize(view.rows.size() * out.count);
  predictor.features(images_of(*view.set, view.rows), out.values);
  return out;
}

Evaluation evaluate(const Spec& spec, const Params& params, Engine& engine, Precision precision,
                    const DataView& view) {
  const std::vector<float> p = predict(spec, params, engine, precision, view);
  return evaluate_predictions(p, labels_of(view), view.set->class_names);
}

}  // namespace tailor::internal
