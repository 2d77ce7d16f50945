// tailor bench train: how fast a net learns, how near that is to what the machine can do, and where
// the time goes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/bench_breakdown.hpp"
#include "tailor/cli/bench_setup.hpp"
#include "tailor/cli/command.hpp"
#include "tailor/cli/progress.hpp"
#include "tailor/core/rng.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/train/optimizer.hpp"

namespace tailor {
namespace {

// What one step of fit() does, in the same functions, each part under its own clock.
class TrainingStep : public Profiled {
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

  void operator()() override {
    const auto samples = gather();
    plan_.forward(images_, params_, {setup_.experiment.seed, 0, samples});
    plan_.backward(labels_, setup_.experiment.train.label_smoothing, gradients_.floats());
    optimize();
    plan_.load(params_);
  }

  void profile(bool on) override {
    gather_seconds_ = optimize_seconds_ = 0;
    plan_.profile(on);
  }

  // The plan's entries and the parts outside it.
  std::vector<PlanEntry> entries() const override {
    std::vector<PlanEntry> entries = plan_.entries();
    entries.push_back({"gather batch", "tailor", gather_seconds_});
    entries.push_back({"optimizer", setup_.experiment.train.optimizer, optimize_seconds_});
    return entries;
  }

  const Plan& plan() const { return plan_; }

  // Everything a training holds but the data set.
  std::size_t bytes() const {
    std::size_t sum =
        plan_.memory_bytes() + gradients_.bytes() + params_.weights.bytes() + params_.state.bytes();
    for (const Buffer& moment : optimizer_.moments()) sum += moment.bytes();
    return sum;
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
  double optimize_seconds_ = 0;
};

struct StepCost {
  double images_per_second = 0;
  double gflops = 0;
  double share_of_peak = 0;
  AllocationRate allocations;
  std::int64_t planned_memory = 0;
  std::int64_t peak_memory = 0;
  Breakdown breakdown;
  int reference_kernels = 0;
};

std::string cost_text(const BenchSetup& setup, int threads, const StepCost& cost) {
  constexpr double kMebibyte = 1024 * 1024;
  const Experiment& e = setup.experiment;
  return fmt::format(
      "{} (kernels {}), batch {}, {}, {} threads\n{} images/s, {:.0f} GFLOP/s, {:.1f} % of what "
      "this machine can do\n{:.0f} MiB planned, {:.0f} MiB at most with images and program\n{} "
      "allocations ({} bytes) of ours and {} of the library ({} bytes) in a step, {} reference "
      "kernels\n{}",
      e.model.name, e.model.kernels, e.train.batch, to_string(setup.precision), threads,
      grouped(cost.images_per_second), cost.gflops, 100 * cost.share_of_peak,
      double(cost.planned_memory) / kMebibyte, double(cost.peak_memory) / kMebibyte,
      cost.allocations.ours, cost.allocations.our_bytes, cost.allocations.library,
      cost.allocations.library_bytes, cost.reference_kernels, breakdown_text(cost.breakdown));
}

Json cost_json(const BenchSetup& setup, int threads, const StepCost& cost) {
  const Experiment& e = setup.experiment;
  Json result = {{"model", e.model.name},
                 {"kernels", e.model.kernels},
                 {"batch", e.train.batch},
                 {"precision", to_string(setup.precision)},
                 {"threads", threads},
                 {"images_per_second", cost.images_per_second},
                 {"gflops", cost.gflops},
                 {"share_of_peak", cost.share_of_peak},
                 {"planned_memory_bytes", cost.planned_memory},
                 {"peak_memory_bytes", cost.peak_memory},
                 {"reference_kernels", cost.reference_kernels}};
  add_allocations(result, cost.allocations, "step");
  add_breakdown(result, cost.breakdown);
  return result;
}

ExitStatus run_bench_train(const BenchFlags& flags, Context& context) {
  const BenchSetup setup = bench_setup(flags, 0);
  Engine engine(setup.experiment.threads);
  TrainingStep step(setup, engine);
  StepCost cost;
  cost.breakdown = measure_breakdown(step, timing_rules(flags), context.stop);
  if (context.stop.requested()) return ExitStatus::kInterrupted;
  cost.allocations = allocations_of(step);
  cost.reference_kernels = step.plan().reference_kernels();
  cost.planned_memory = std::int64_t(step.bytes());
  cost.peak_memory = peak_memory_bytes();  // before the peak's arrays, which are larger
  cost.images_per_second = setup.experiment.train.batch / cost.breakdown.step.seconds;
  cost.gflops = 6 * multiply_adds(setup.spec) * cost.images_per_second * 1e-9;
  cost.share_of_peak = cost.gflops / peak_gflops(setup.precision, engine.threads());
  warn_if_disturbed(context.console, cost.breakdown.step);
  context.console.print(cost_text(setup, engine.threads(), cost));
  context.console.result(cost_json(setup, engine.threads(), cost));
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_train(CLI::App& app) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(app, *flags);
  return [flags](Context& context) { return run_bench_train(*flags, context); };
}

}  // namespace tailor
