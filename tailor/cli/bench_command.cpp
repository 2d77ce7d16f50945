// tailor bench peak|infer: what the machine can do, and how fast a net answers.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/bench_setup.hpp"
#include "tailor/cli/command.hpp"
#include "tailor/cli/progress.hpp"
#include "tailor/core/clock.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/ops/peak.hpp"

namespace tailor {
namespace {

constexpr int kInferenceBatch = 256;
constexpr int kLatencyCalls = 2000;

ExitStatus run_peak(int threads, Context& context) {
  const Peak peak = measure_peak(threads);
  context.console.print(
      fmt::format("threads  {}\nf32      {:.0f} GFLOP/s\nbf16     {}\nmemory   {:.1f} GB/s",
                  peak.threads, peak.f32_gflops,
                  peak.bf16_gflops > 0 ? fmt::format("{:.0f} GFLOP/s", peak.bf16_gflops)
                                       : "not multiplied natively by this CPU",
                  peak.memory_gb_per_s));
  context.console.result({{"threads", peak.threads},
                          {"f32_gflops", peak.f32_gflops},
                          {"bf16_gflops", peak.bf16_gflops},
                          {"memory_gb_per_s", peak.memory_gb_per_s}});
  return ExitStatus::kDone;
}

// One inference plan with everything a call needs, walking through the images batch by batch.
class Inference {
 public:
  Inference(const BenchSetup& setup, Engine& engine, int batch)
      : set_(setup.set),
        params_(init_params(setup.spec, setup.experiment.seed)),
        plan_(setup.spec, engine, batch, Phase::kInference, setup.precision),
        images_(std::size_t(batch)),
        answer_(std::size_t(batch) * setup.set.class_names.size()) {
    plan_.load(params_);
  }

  void operator()() {
    for (const std::uint8_t*& image : images_) image = set_.image(next_++ % set_.size()).data();
    plan_.forward(images_, params_, {});
    plan_.probabilities(answer_);
  }

 private:
  const Dataset& set_;
  Params params_;
  Plan plan_;
  std::vector<const std::uint8_t*> images_;
  std::vector<float> answer_;
  std::size_t next_ = 0;
};

// Microseconds of every single call.
std::vector<double> latencies(Inference& inference, const StopFlag& stop) {
  std::vector<double> all;
  for (int call = 0; call < kLatencyCalls && !stop.requested(); ++call) {
    const Stopwatch watch;
    inference();
    all.push_back(1e6 * watch.seconds());
  }
  return all;
}

ExitStatus run_infer(const BenchFlags& flags, Context& context) {
  const BenchSetup setup = bench_setup(flags, kInferenceBatch);
  const int batch = setup.experiment.train.batch;
  Engine engine(setup.experiment.threads);
  Inference many(setup, engine, batch);
  Inference one(setup, engine, 1);
  const double seconds = median_seconds([&] { many(); }, flags.repetitions, context.stop);
  latencies(one, context.stop);  // warm up
  const std::vector<double> single = latencies(one, context.stop);
  if (context.stop.requested()) return ExitStatus::kInterrupted;
  const double p50 = quantile(single, 0.5);
  const double p99 = quantile(single, 0.99);
  context.console.print(fmt::format(
      "{} in {}, {} threads\nbatch {:<5} {} images/s\none image   {:.0f} us (median), {:.0f} us "
      "(99 of 100 are faster)",
      setup.experiment.model.name, to_string(setup.precision), engine.threads(), batch,
      grouped(batch / seconds), p50, p99));
  context.console.result({{"model", setup.experiment.model.name},
                          {"kernels", setup.experiment.model.kernels},
                          {"batch", batch},
                          {"precision", to_string(setup.precision)},
                          {"threads", engine.threads()},
                          {"images_per_second", batch / seconds},
                          {"latency_us", {{"p50", p50}, {"p99", p99}}},
                          {"latency_batch", 1}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_peak(CLI::App& app) {
  auto threads = std::make_shared<int>(0);
  app.add_option("--threads", *threads, "0 = all cores")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  return [threads](Context& context) { return run_peak(*threads, context); };
}

Runner declare_bench_infer(CLI::App& app) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(app, *flags);
  return [flags](Context& context) { return run_infer(*flags, context); };
}

}  // namespace tailor
