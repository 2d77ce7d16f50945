// tailor bench train: how fast a net learns, how near that is to what the machine can do, and where
// the time goes.
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/commands/bench/setup.hpp"
#include "tailor/measure/bench_report.hpp"
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

ExitStatus run_bench_train(const BenchFlags& flags, Context& context) {
  const BenchSetup setup = bench_setup(flags, 0);
  Engine engine(setup.threads);
  TrainingWork step(setup, engine);
  const Breakdown breakdown = measure_breakdown(step, timing_rules(flags), context.stop);
  if (context.stop.requested()) return ExitStatus::kInterrupted;
  const BenchReport report = bench_report(setup, engine, {"step", 6}, step, breakdown);
  warn_if_disturbed(context.console, breakdown.step);
  context.console.print(report_text(setup, report));
  context.console.result(report_json(setup, report));
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_train(Options& options) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(options, *flags);
  auto plan = std::make_shared<bool>(false);
  options.add(
      {{"--plan", plan.get(), "", "print the plan after each of its passes and measure nothing"}});
  return [flags, plan](Context& context) {
    return *plan ? print_plan(*flags, context) : run_bench_train(*flags, context);
  };
}

}  // namespace tailor::internal
