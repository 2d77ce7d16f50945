// tailor bench train: how fast a net learns, how near that is to what the machine can do, and where
// the time goes.
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/commands/bench/setup.hpp"
#include "tailor/measure/bench_report.hpp"
#include "tailor/measure/training_step.hpp"

namespace tailor {
namespace {

ExitStatus run_bench_train(const BenchFlags& flags, Context& context) {
  const BenchSetup setup = bench_setup(flags, 0);
  Engine engine(setup.threads);
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

Runner declare_bench_train(Options& options) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(options, *flags);
  return [flags](Context& context) { return run_bench_train(*flags, context); };
}

}  // namespace tailor
