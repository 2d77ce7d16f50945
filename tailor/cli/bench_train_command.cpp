// tailor bench train: how fast a net learns, how near that is to what the machine can do, and where
// the time goes.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/bench_report.hpp"
#include "tailor/cli/command.hpp"
#include "tailor/core/rng.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/train/optimizer.hpp"

namespace tailor {
namespace {

// What one step of fit() does, in the same functions, each part under its own clock.
class TrainingStep : public PlanWork {
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

  int batch() const override { return plan_.batch(); }
  int reference_kernels() const override { return plan_.reference_kernels(); }

  std::size_t bytes() const override {
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

ExitStatus run_bench_train(const BenchFlags& flags, Context& context) {
  const BenchSetup setup = bench_setup(flags, 0);
  Engine engine(setup.experiment.threads);
  TrainingStep step(setup, engine);
  const Breakdown breakdown = measure_breakdown(step, timing_rules(flags), context.stop);
  if (context.stop.requested()) return ExitStatus::kInterrupted;
  const BenchReport report = bench_report(setup, engine, {"step", 6}, step, breakdown);
  warn_if_disturbed(context.console, breakdown.step);
  context.console.print(report_text(setup, report));
  context.console.result(report_json(setup, report));
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_train(CLI::App& app) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(app, *flags);
  return [flags](Context& context) { return run_bench_train(*flags, context); };
}

}  // namespace tailor
