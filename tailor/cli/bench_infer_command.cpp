// tailor bench infer: how fast a net answers, one image or many, and where the time goes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/bench_breakdown.hpp"
#include "tailor/cli/bench_setup.hpp"
#include "tailor/cli/command.hpp"
#include "tailor/cli/progress.hpp"
#include "tailor/core/clock.hpp"

namespace tailor {
namespace {

constexpr int kInferenceBatch = 256;
constexpr int kLatencyCalls = 2000;
constexpr double kLatencySeconds = 3;  // of a net or batch too slow for that many

// One inference plan with everything a call needs, walking through the images batch by batch.
class Inference : public Profiled {
 public:
  Inference(const BenchSetup& setup, Engine& engine, int batch)
      : set_(setup.set),
        params_(init_params(setup.spec, setup.experiment.seed)),
        plan_(setup.spec, engine, batch, Phase::kInference, setup.precision),
        images_(std::size_t(batch)),
        answer_(std::size_t(batch) * setup.set.class_names.size()) {
    plan_.load(params_);
  }

  void operator()() override {
    {
      const Clocked clock(gather_seconds_);
      for (const std::uint8_t*& image : images_) image = set_.image(next_++ % set_.size()).data();
    }
    plan_.forward(images_, params_, {});
    const Clocked clock(answer_seconds_);
    plan_.probabilities(answer_);
  }

  void profile(bool on) override {
    gather_seconds_ = answer_seconds_ = 0;
    plan_.profile(on);
  }

  std::vector<PlanEntry> entries() const override {
    std::vector<PlanEntry> list;
    for (const PlanEntry& entry : plan_.entries()) {
      if (entry.seconds > 0) list.push_back(entry);  // weights were loaded before, and no loss
    }
    list.push_back({"gather batch", "tailor", gather_seconds_});
    list.push_back({"probabilities", "tailor", answer_seconds_});
    return list;
  }

  const Plan& plan() const { return plan_; }
  std::size_t bytes() const {
    return plan_.memory_bytes() + params_.weights.bytes() + params_.state.bytes();
  }

 private:
  const Dataset& set_;
  Params params_;
  Plan plan_;
  std::vector<const std::uint8_t*> images_;
  std::vector<float> answer_;
  std::size_t next_ = 0;
  double gather_seconds_ = 0;
  double answer_seconds_ = 0;
};

struct Latency {
  double p50 = 0, p99 = 0;  // microseconds
  int calls = 0;
};

// Of every single call, after as much warming up as a throughput gets.
Latency latency(Inference& inference, const TimingRules& rules, const StopFlag& stop) {
  warm_up([&] { inference(); }, rules, stop);
  std::vector<double> all;
  const Stopwatch whole;
  while (int(all.size()) < kLatencyCalls && whole.seconds() < kLatencySeconds &&
         !stop.requested()) {
    const Stopwatch watch;
    inference();
    all.push_back(1e6 * watch.seconds());
  }
  return {quantile(all, 0.5), quantile(all, 0.99), int(all.size())};
}

struct InferenceCost {
  double images_per_second = 0;
  double gflops = 0;
  double share_of_peak = 0;
  AllocationRate allocations;
  std::int64_t planned_memory = 0;
  std::int64_t peak_memory = 0;
  Latency one, many;
  Breakdown breakdown;
  int reference_kernels = 0;
};

Json to_json(const Latency& latency) {
  return {{"p50", latency.p50}, {"p99", latency.p99}};
}

void show(Console& console, const BenchSetup& setup, int threads, const InferenceCost& cost) {
  const Experiment& e = setup.experiment;
  console.print(fmt::format(
      "{} (kernels {}), batch {}, {}, {} threads\n{} images/s, {:.0f} GFLOP/s, {:.1f} % of what "
      "this machine can do\none batch   {:.0f} us (median), {:.0f} us (99 of 100 are faster)\n"
      "one image   {:.0f} us (median), {:.0f} us (99 of 100 are faster)\n{} allocations ({} bytes) "
      "of ours a call\n{}",
      e.model.name, e.model.kernels, e.train.batch, to_string(setup.precision), threads,
      grouped(cost.images_per_second), cost.gflops, 100 * cost.share_of_peak, cost.many.p50,
      cost.many.p99, cost.one.p50, cost.one.p99, cost.allocations.ours, cost.allocations.our_bytes,
      breakdown_text(cost.breakdown)));
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
                 {"reference_kernels", cost.reference_kernels},
                 {"latency_us", to_json(cost.one)},
                 {"latency_batch", 1},
                 {"batch_latency_us", to_json(cost.many)}};
  add_allocations(result, cost.allocations, "call");
  add_breakdown(result, cost.breakdown);
  console.result(result);
}

ExitStatus run_infer(const BenchFlags& flags, Context& context) {
  const BenchSetup setup = bench_setup(flags, kInferenceBatch);
  const TimingRules rules = timing_rules(flags);
  Engine engine(setup.experiment.threads);
  Inference many(setup, engine, setup.experiment.train.batch);
  Inference one(setup, engine, 1);
  InferenceCost cost;
  cost.breakdown = measure_breakdown(many, rules, context.stop);
  cost.many = latency(many, rules, context.stop);
  cost.one = latency(one, rules, context.stop);
  if (context.stop.requested()) return ExitStatus::kInterrupted;
  cost.allocations = allocations_of(many);
  cost.planned_memory = std::int64_t(many.bytes());
  cost.reference_kernels = many.plan().reference_kernels();
  cost.peak_memory = peak_memory_bytes();  // before the peak's arrays, which are larger
  cost.images_per_second = setup.experiment.train.batch / cost.breakdown.step.seconds;
  cost.gflops = 2 * multiply_adds(setup.spec) * cost.images_per_second * 1e-9;
  cost.share_of_peak = cost.gflops / peak_gflops(setup.precision, engine.threads());
  warn_if_disturbed(context.console, cost.breakdown.step);
  show(context.console, setup, engine.threads(), cost);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_infer(CLI::App& app) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(app, *flags);
  return [flags](Context& context) { return run_infer(*flags, context); };
}

}  // namespace tailor
