// tailor bench train: how fast a net learns, how near that is to what the machine can do, and where
// the time goes.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/commands/bench/setup.hpp"
#include "tailor/core/team/cores.hpp"
#include "tailor/core/text.hpp"
#include "tailor/measure/bench_report.hpp"
#include "tailor/measure/load.hpp"
#include "tailor/measure/training_work.hpp"
#include "tailor/nn/lowering.hpp"

namespace tailor::internal {
namespace {

// Every pass's nodes instead of a measurement. Bytes only predict.
ExitStatus print_plan(const BenchFlags& flags, Context& context) {
  const BenchSetup setup = bench_setup(flags, 0);
  Engine engine(setup.threads);
  const bool predicts = setup.precision == Precision::kInt8;
  std::string text;
  Json passes = Json::array();
  lower(setup.spec, engine, setup.train.batch, predicts ? Phase::kInference : Phase::kTraining,
        setup.precision, [&](const std::string& pass, const std::string& nodes) {
          text += pass + "\n" + nodes + "\n";
          passes.push_back({{"pass", pass}, {"nodes", nodes}});
        });
  context.console.print(text);
  context.console.result({{"passes", passes}});
  return ExitStatus::kDone;
}

constexpr int kMostLoadedRounds = 5;

std::string load_text(const LoadedRate& rate, int batch) {
  return fmt::format(
      "beside {} busy loop{}: {} images/s, {:.2f} of the {} without; a fair share is {:.2f}\n",
      rate.loops, rate.loops == 1 ? "" : "s", grouped(rate.loaded * batch), rate.share,
      grouped(rate.idle * batch), rate.fair_share);
}

Json load_json(const LoadedRate& rate, int batch) {
  return {{"busy_loops", rate.loops},
          {"images_per_second", rate.loaded * batch},
          {"idle_images_per_second", rate.idle * batch},
          {"share", rate.share},
          {"fair_share", rate.fair_share}};
}

ExitStatus run_bench_train(const BenchFlags& flags, int loops, Context& context) {
  const BenchSetup setup = bench_setup(flags, 0);
  Engine engine(setup.threads);
  TrainingWork step(setup, engine);
  const Breakdown breakdown = measure_breakdown(step, timing_rules(flags), context.stop());
  if (context.stop().requested()) return context.interrupted("interrupted");
  const BenchReport report = bench_report(setup, engine, {"step", 6}, step, breakdown);
  warn_if_disturbed(context.console, breakdown.step);
  Json result = report_json(setup, report);
  std::string text = report_text(setup, report);
  if (loops > 0) {
    const int rounds = std::min(kMostLoadedRounds, flags.repetitions);
    const LoadedRate rate = measure_under_load([&] { step(); }, rounds, loops, engine.threads(),
                                               usable_cores(), context.stop());
    if (context.stop().requested()) return context.interrupted("interrupted");
    result["load"] = load_json(rate, step.batch());
    text += load_text(rate, step.batch());
  }
  context.console.print(text);
  context.console.result(result);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_train(Options& options) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(options, *flags, kTrainingBench);
  auto plan = std::make_shared<bool>(false);
  auto loops = std::make_shared<int>(0);
  options.add(
      {{"--plan", plan.get(), "", "print the plan after each of its passes and measure nothing"},
       {"--load", loops.get(), "N", "measure beside so many busy loops as well",
        between(0, 1000)}});
  options.examples = {
      {"tailor bench train", "the net seed on random images"},
      {"tailor bench train --model air --kernels 32 --batch 128", "another net"},
      {"tailor bench train mine.toml --plan", "what the net is lowered to, measured nothing"}};
  options.files = "Reads the data only where --data is given. Writes nothing.";
  return [flags, plan, loops](Context& context) {
    return *plan ? print_plan(*flags, context) : run_bench_train(*flags, *loops, context);
  };
}

}  // namespace tailor::internal
