// tailor bench train: how fast a net learns, how near that is to what the machine can do, and where
// the time goes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/bench_setup.hpp"
#include "tailor/cli/command.hpp"
#include "tailor/cli/progress.hpp"
#include "tailor/core/allocations.hpp"
#include "tailor/core/clock.hpp"
#include "tailor/core/rng.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/ops/peak.hpp"
#include "tailor/train/optimizer.hpp"

namespace tailor {
namespace {

constexpr int kCountedSteps = 20;   // for allocations
constexpr int kProfiledSteps = 40;  // for the breakdown

// Adds the time it lived to a sum.
class Clocked {
 public:
  explicit Clocked(double& seconds) : seconds_(seconds) {}
  ~Clocked() { seconds_ += watch_.seconds(); }
  Clocked(const Clocked&) = delete;

 private:
  double& seconds_;
  Stopwatch watch_;
};

// What one step of fit() does, in the same functions, each part under its own clock.
class TrainingStep {
 public:
  TrainingStep(const BenchSetup& setup, Engine& engine)
      : setup_(setup),
        engine_(engine),
        params_(init_params(setup.spec, setup.experiment.seed)),
        optimizer_(setup.experiment.train, params_.table),
        gradients_(params_.weights.bytes()),
        plan_(setup.spec, engine, setup.experiment.train.batch, Phase::kTraining, setup.precision),
        rows_(Rng(setup.experiment.seed, Purpose::kShuffle)
                  .permutation(std::uint32_t(setup.set.size()))),
        images_(std::size_t(plan_.batch())),
        labels_(std::size_t(plan_.batch())) {
    plan_.load(params_);
  }

  void operator()() {
    const auto samples = gather();
    plan_.forward(images_, params_, {setup_.experiment.seed, 0, samples});
    plan_.backward(labels_, setup_.experiment.train.label_smoothing, gradients_.floats());
    regularize();
    optimize();
    plan_.load(params_);
  }

  Plan& plan() { return plan_; }

  // The plan's entries and the parts outside it, since profiling was switched on.
  std::vector<PlanEntry> breakdown() const {
    std::vector<PlanEntry> entries = plan_.entries();
    entries.push_back({"gather batch", "tailor", gather_seconds_});
    entries.push_back({"penalty gradient", "tailor", regularize_seconds_});
    entries.push_back({"optimizer", setup_.experiment.train.optimizer, optimize_seconds_});
    return entries;
  }

  void profile() {
    gather_seconds_ = regularize_seconds_ = optimize_seconds_ = 0;
    plan_.profile(true);
  }

 private:
  std::span<const std::uint32_t> gather() {
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

  void regularize() {
    const Clocked clock(regularize_seconds_);
    add_penalty_gradient(params_.table, params_.weights.floats(), gradients_.floats());
  }

  void optimize() {
    const Clocked clock(optimize_seconds_);
    optimizer_.step(params_.weights.floats(), gradients_.floats(),
                    setup_.experiment.train.learning_rate, engine_.threads());
  }

  const BenchSetup& setup_;
  Engine& engine_;
  Params params_;
  Optimizer optimizer_;
  Buffer gradients_;
  Plan plan_;
  std::vector<std::uint32_t> rows_;
  std::vector<const std::uint8_t*> images_;
  std::vector<std::uint8_t> labels_;
  std::size_t next_ = 0;
  double gather_seconds_ = 0;
  double regularize_seconds_ = 0;
  double optimize_seconds_ = 0;
};

struct StepCost {
  double images_per_second = 0;
  double gflops = 0;
  double share_of_peak = 0;
  AllocationCount allocations;  // of kCountedSteps
  std::int64_t peak_memory = 0;
  std::vector<PlanEntry> breakdown;  // seconds of one profiled step
  double profiled_seconds = 0;       // of one profiled step, whole
};

AllocationCount count_allocations(TrainingStep& step) {
  const AllocationCount before = allocations_on_this_thread();
  for (int i = 0; i < kCountedSteps; ++i) step();
  const AllocationCount after = allocations_on_this_thread();
  return {after.ours - before.ours, after.library - before.library};
}

void profile(TrainingStep& step, StepCost& cost) {
  step.profile();
  const Stopwatch watch;
  for (int i = 0; i < kProfiledSteps; ++i) step();
  cost.profiled_seconds = watch.seconds() / kProfiledSteps;
  cost.breakdown = step.breakdown();
  double known = 0;
  for (PlanEntry& entry : cost.breakdown) known += entry.seconds /= kProfiledSteps;
  cost.breakdown.push_back(
      {"everything else", "tailor", std::max(0.0, cost.profiled_seconds - known)});
}

std::string breakdown_text(const StepCost& cost) {
  std::vector<PlanEntry> entries = cost.breakdown;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const PlanEntry& a, const PlanEntry& b) { return a.seconds > b.seconds; });
  std::string text =
      fmt::format("\n{:<40} {:>8} {:>7}  {}\n", "operation", "ms", "share", "implementation");
  for (const PlanEntry& entry : entries) {
    text += fmt::format("{:<40} {:>8.3f} {:>6.1f}%  {}\n", entry.operation, 1e3 * entry.seconds,
                        100 * entry.seconds / cost.profiled_seconds, entry.implementation);
  }
  return text;
}

Json breakdown_json(const StepCost& cost) {
  Json list = Json::array();
  for (const PlanEntry& entry : cost.breakdown) {
    list.push_back({{"operation", entry.operation},
                    {"implementation", entry.implementation},
                    {"ms", 1e3 * entry.seconds},
                    {"share", entry.seconds / cost.profiled_seconds}});
  }
  return list;
}

void show_cost(Console& console, const BenchSetup& setup, const StepCost& cost, int threads,
               int reference_kernels) {
  const Experiment& experiment = setup.experiment;
  console.print(fmt::format(
      "{} (kernels {}), batch {}, {}, {} threads\n{} images/s, {:.0f} GFLOP/s, {:.1f} % of what "
      "this machine can do\n{:.0f} MiB at most, {} allocations and {} reference kernels in a "
      "step\n{}",
      experiment.model.name, experiment.model.kernels, experiment.train.batch,
      to_string(setup.precision), threads, grouped(cost.images_per_second), cost.gflops,
      100 * cost.share_of_peak, double(cost.peak_memory) / (1024 * 1024),
      double(cost.allocations.ours) / kCountedSteps, reference_kernels, breakdown_text(cost)));
  console.result(
      {{"model", experiment.model.name},
       {"kernels", experiment.model.kernels},
       {"batch", experiment.train.batch},
       {"precision", to_string(setup.precision)},
       {"threads", threads},
       {"images_per_second", cost.images_per_second},
       {"gflops", cost.gflops},
       {"share_of_peak", cost.share_of_peak},
       {"peak_memory_bytes", cost.peak_memory},
       {"allocations_per_step", double(cost.allocations.ours) / kCountedSteps},
       {"library_allocations_per_step", double(cost.allocations.library) / kCountedSteps},
       {"reference_kernels", reference_kernels},
       {"breakdown", breakdown_json(cost)}});
}

ExitStatus run_bench_train(const BenchFlags& flags, Context& context) {
  const BenchSetup setup = bench_setup(flags, 0);
  Engine engine(setup.experiment.threads);
  TrainingStep step(setup, engine);
  const double seconds = median_seconds([&] { step(); }, flags.repetitions, context.stop);
  if (context.stop.requested()) return ExitStatus::kInterrupted;
  StepCost cost;
  cost.allocations = count_allocations(step);
  profile(step, cost);
  cost.peak_memory = peak_memory_bytes();  // before measure_peak, whose arrays are larger
  const Peak peak = measure_peak(engine.threads());
  cost.images_per_second = setup.experiment.train.batch / seconds;
  cost.gflops = 6 * multiply_adds(setup.spec) * cost.images_per_second * 1e-9;
  const bool bf16 = setup.precision == Precision::kBf16 && peak.bf16_gflops > 0;
  cost.share_of_peak = cost.gflops / (bf16 ? peak.bf16_gflops : peak.f32_gflops);
  show_cost(context.console, setup, cost, engine.threads(), step.plan().reference_kernels());
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_train(CLI::App& app) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(app, *flags);
  return [flags](Context& context) { return run_bench_train(*flags, context); };
}

}  // namespace tailor
