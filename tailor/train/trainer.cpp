#include "tailor/train/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/data/folds.hpp"
#include "tailor/data/group_folds.hpp"
#include "tailor/nn/predictor.hpp"
#include "tailor/train/epoch_rules.hpp"
#include "tailor/train/finite.hpp"
#include "tailor/train/shares.hpp"
#include "tailor/train/training_step.hpp"

namespace tailor::internal {

namespace {

std::size_t memory_of(const Rows& rows) {
  return rows.set->pixels.size() + rows.set->labels.size() + rows.size() * sizeof(rows.indices[0]);
}

// So many rows are predicted so many at a time.
int predict_batch(std::size_t rows) {
  return int(std::clamp<std::size_t>(rows, 1, kPredictBatch));
}

Predictor predictor_for(const Spec& spec, Engine& engine, Precision precision, std::size_t rows) {
  return Predictor(spec, engine, predict_batch(rows), precision);
}

std::size_t memory_of_prediction(const FitJob& job, const Rows& rows, Engine& engine) {
  const std::size_t own = share_of(rows.indices, engine.peers()).size();
  return Predictor::planned_bytes(job.spec, engine, predict_batch(own), job.precision) +
         rows.size() * (sizeof(rows.indices[0]) + std::size_t(job.spec.classes) * sizeof(float));
}

// Of a batch, beside the set.
std::size_t augmented_bytes(const FitJob& job, Peers& peers) {
  const std::set<std::size_t> sizes = TrainingStep::plan_sizes(job, peers);
  return *sizes.rbegin() * job.train.set->shape.size();
}

// One training in progress: what fit() counts and tells, step by step.
class Session {
 public:
  Session(const FitJob& job, Engine& engine, TrainingState& state, const FitHooks& hooks)
      : job_(job), engine_(engine), state_(state), hooks_(hooks), step_(job_, engine, state) {}

  bool runs() const {
    return state_.epoch < job_.options.epochs &&
           !stops_early(job_.options.early_stopping, state_.history);
  }
  void begin_epoch() { step_.begin_epoch(); }
  bool epoch_runs() const { return state_.step < step_.steps(); }
  bool stop_requested() const { return engine_.peers().size() > 1 ? stop_ : asked_to_stop(); }

  void step() {
    const Stopwatch watch;
    const StepResult done = step_.run(asked_to_stop());
    stop_ = done.stop;
    rate_ = done.learning_rate;
    state_.loss_sum += done.loss.loss;
    state_.penalty_sum += done.penalty * double(done.images);
    state_.correct += done.loss.correct;
    ++state_.step;
    report(watch.seconds());
  }

  // Throws diverged() where a weight or a running statistic is not finite: the loss need not show
  // it, since the library's ReLU makes 0 of what is no number.
  void check_finite() const {
    const std::string bad = first_not_finite(state_.params);
    if (!bad.empty()) throw diverged(state_.epoch + 1, bad);
  }

  void finish_epoch() {
    check_finite();
    const double images = double(job_.train.size());
    EpochRecord r;
    r.epoch = state_.epoch + 1;
    r.cross_entropy = state_.loss_sum / images;
    r.loss = r.cross_entropy + state_.penalty_sum / images;
    if (!std::isfinite(r.loss)) throw diverged(r.epoch, "the loss");
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
    const EarlyStopping& rule = job_.options.early_stopping;
    if (rule.restore_best_weights && best_epoch(rule, state_.history) == state_.epoch) {
      state_.best = state_.params;
    }
    ++state_.epoch;
    state_.step = 0;
    state_.loss_sum = state_.penalty_sum = state_.epoch_seconds = 0;
    state_.correct = 0;
    if (hooks_.on_epoch) hooks_.on_epoch(state_);
  }

 private:
  void report(double seconds) {
    state_.epoch_seconds += seconds;
    seconds_ += seconds;
    ++done_;
    if (!hooks_.on_step) return;
    const double images = double(images_seen());
    const std::int64_t left = step_.steps() * (job_.options.epochs - state_.epoch) - state_.step;
    hooks_.on_step({state_.epoch + 1, job_.options.epochs, state_.step, step_.steps(),
                    (state_.loss_sum + state_.penalty_sum) / images,
                    double(state_.correct) / images, images / state_.epoch_seconds,
                    double(left) * seconds_ / double(done_)});
  }

  bool asked_to_stop() const { return hooks_.stop != nullptr && hooks_.stop->requested(); }

  std::int64_t images_seen() const {
    return std::min(state_.step * job_.options.batch, std::int64_t(job_.train.size()));
  }

  const FitJob& job_;
  Engine& engine_;
  TrainingState& state_;
  const FitHooks& hooks_;
  TrainingStep step_;
  bool stop_ = false;      // some rank was asked to
  double rate_ = 0;        // of the last step
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

// Probabilities, rows x classes, whatever they are.
std::vector<float> answers(const Spec& spec, const Params& params, Engine& engine,
                           Precision precision, const Rows& rows) {
  const auto classes = std::size_t(spec.classes);
  std::vector<float> out(rows.size() * classes);
  const auto own = share_of(rows.indices, engine.peers());
  const auto before = std::size_t(own.data() - rows.indices.data());
  Predictor predictor = predictor_for(spec, engine, precision, own.size());
  predictor.load(params);
  predictor.probabilities(images_of(*rows.set, own),
                          std::span(out).subspan(before * classes, own.size() * classes));
  gather_rows(out, engine.peers());
  return out;
}

void check(const FitJob& job) {
  if (job.train.empty()) throw bad_input("there are no images to train on");
  for (const auto& [option, monitor] :
       {std::pair("early_stopping", &job.options.early_stopping.monitor),
        std::pair("plateau", &job.options.plateau.monitor)}) {
    if (!needs_validation(*monitor) || job.watch) continue;
    throw bad_input(fmt::format(
        "train.{}.monitor = {} needs images to validate on: set train.validation_split, as in 0.1",
        option, *monitor));
  }
}

}  // namespace

TrainingState start_training(const Spec& spec, const TrainOptions& options, std::uint64_t seed) {
  Params params = init_params(spec, seed);
  Optimizer optimizer(options, params.table);
  return {std::move(params), std::move(optimizer), 0, 0, 0, 0, 0, 0, {}, {}};
}

void keep_out_validation(FitJob& job) {
  const double share = job.options.validation_split;
  if (share == 0) return;
  const Dataset& set = *job.train.set;
  const Indices all = std::move(job.train.indices);
  std::vector<Label> labels;
  std::vector<std::uint32_t> groups;
  for (const std::uint32_t row : all) {
    labels.push_back(set.labels[row]);
    if (!set.groups.empty()) groups.push_back(set.groups[row]);
  }
  const auto count = std::size_t(std::round(share * double(all.size())));
  Indices kept;
  if (!groups.empty()) {
    kept = cut_groups(labels, groups, share, job.seed);
  } else if (count > 0) {
    kept = stratified_slice(labels, count, job.seed);
  }
  job.watch = Rows{&set, {}};
  job.train.indices.clear();
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    Rows& side = std::ranges::binary_search(kept, i) ? *job.watch : job.train;
    side.indices.push_back(all[i]);
  }
  if (!job.watch->empty() && !job.train.empty()) return;
  throw bad_input(fmt::format("train.validation_split = {} of {} images leaves none to {} on",
                              share, all.size(), job.watch->empty() ? "validate" : "train"));
}

MemoryPlan least_memory(const FitJob& job) {
  const ParamTable table = param_table(job.spec);
  MemoryPlan plan;
  plan.images = memory_of(job.train) + (job.watch ? memory_of(*job.watch) : 0);
  plan.parameters = (2 + Optimizer::moments_of(job.options)) * table.weight_count * sizeof(float) +
                    table.state_count * sizeof(float);
  if (job.options.early_stopping.restore_best_weights) {
    plan.parameters += (table.weight_count + table.state_count) * sizeof(float);
  }
  return plan;
}

MemoryPlan memory_plan(const FitJob& job, Engine& engine) {
  check(job);
  MemoryPlan plan = least_memory(job);
  const Rows& evaluated = job.watch ? *job.watch : job.train;
  for (const std::size_t images : TrainingStep::plan_sizes(job, engine.peers())) {
    plan.training +=
        Plan::planned_bytes(job.spec, engine, int(images), Phase::kTraining, job.precision);
  }
  if (augments(job.augment)) plan.training += augmented_bytes(job, engine.peers());
  plan.evaluation = memory_of_prediction(job, evaluated, engine);
  if (job.watch) plan.training += plan.evaluation;  // both at a time
  return plan;
}

bool fit(const FitJob& job, Engine& engine, TrainingState& state, const FitHooks& hooks) {
  check(job);
  Session session(job, engine, state, hooks);
  while (session.runs()) {
    session.begin_epoch();
    while (session.epoch_runs()) {
      if (session.stop_requested()) {
        session.check_finite();
        return false;
      }
      session.step();
    }
    session.finish_epoch();
  }
  if (state.best) state.params = *state.best;
  return true;
}

void check_last_step(const FitJob& job, Engine& engine, const TrainingState& state) {
  const std::size_t some = std::min(job.train.size(), std::size_t(kPredictBatch));
  const Rows rows{job.train.set, {job.train.indices.begin(), job.train.indices.begin() + some}};
  if (!all_finite(answers(job.spec, state.params, engine, job.precision, rows))) {
    throw diverged(state.epoch, "what the trained model answers");
  }
}

std::vector<float> predict(const Spec& spec, const Params& params, Engine& engine,
                           Precision precision, const Rows& rows) {
  std::vector<float> out = answers(spec, params, engine, precision, rows);
  check_answers(out, spec.classes);
  return out;
}

Features features(const Spec& spec, const Params& params, Engine& engine, Precision precision,
                  const Rows& rows) {
  Predictor predictor = predictor_for(spec, engine, precision, rows.size());
  predictor.load(params);
  Features out;
  out.count = predictor.feature_count();
  out.values.resize(rows.size() * out.count);
  predictor.features(images_of(*rows.set, rows.indices), out.values);
  if (!all_finite(out.values)) {
    throw bad_input("the model's features are no numbers: its weights are too large");
  }
  return out;
}

Evaluation evaluate(const Spec& spec, const Params& params, Engine& engine, Precision precision,
                    const Rows& rows) {
  const std::vector<float> p = predict(spec, params, engine, precision, rows);
  return evaluate_predictions(p, labels_of(rows), rows.set->class_names);
}

}  // namespace tailor::internal
