// tailor bench scale: how much faster a net learns on more threads.
#include <fmt/format.h>

#include <deque>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/commands/bench/setup.hpp"
#include "tailor/core/text.hpp"
#include "tailor/measure/training_work.hpp"

namespace tailor::internal {
namespace {

struct OnThreads {
  explicit OnThreads(const BenchSetup& setup, int threads) : engine(threads), work(setup, engine) {}
  Engine engine;
  TrainingWork work;
  std::int64_t calls = 0;      // in a round
  std::vector<double> rounds;  // seconds of a step
};

// All in turn, so that all meet the same machine; false when stopped.
bool measure(std::deque<OnThreads>& all, const TimingRules& rules, const StopFlag& stop) {
  for (OnThreads& one : all) one.calls = warm_up([&] { one.work(); }, rules, stop);
  for (int round = 0; round < rules.rounds; ++round) {
    for (OnThreads& one : all) {
      if (stop.requested()) return false;
      one.rounds.push_back(time_round([&] { one.work(); }, one.calls));
    }
  }
  return true;
}

ExitStatus run_scale(const BenchFlags& flags, Context& context) {
  const BenchSetup setup = bench_setup(flags, 0);
  const int most = Engine(setup.threads).threads();
  std::deque<OnThreads> all;
  for (int threads = 1; threads <= most; ++threads) all.emplace_back(setup, threads);
  if (!measure(all, timing_rules(flags), context.stop())) return context.interrupted("interrupted");
  std::string text = fmt::format("{} (kernels {}), batch {}, {}\n{:>7} {:>10} {:>10}\n",
                                 setup.model.name, setup.model.kernels, setup.train.batch,
                                 to_string(setup.precision), "threads", "images/s", "efficiency");
  Json rows = Json::array();
  const double alone = summarize(all.front().rounds).seconds;
  for (const OnThreads& one : all) {
    const Timing timing = summarize(one.rounds);
    const double rate = setup.train.batch / timing.seconds;
    const double efficiency = alone / timing.seconds / one.engine.threads();
    text += fmt::format("{:>7} {:>10} {:>9.0f}%\n", one.engine.threads(), grouped(rate),
                        100 * efficiency);
    rows.push_back({{"threads", one.engine.threads()},
                    {"images_per_second", rate},
                    {"efficiency", efficiency}});
    warn_if_disturbed(context.console, timing);
  }
  context.console.print(text);
  context.console.result({{"model", setup.model.name},
                          {"kernels", setup.model.kernels},
                          {"batch", setup.train.batch},
                          {"precision", to_string(setup.precision)},
                          {"per_threads", rows}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_scale(Options& options) {
  auto flags = std::make_shared<BenchFlags>();
  add_bench_flags(options, *flags, kTrainingBench);
  options.examples = {{"tailor bench scale", "the net seed on 1, 2, ... threads"},
                      {"tailor bench scale --model air --batch 256", "another net"}};
  options.files = "Reads the data only where --data is given. Writes nothing.";
  return [flags](Context& context) { return run_scale(*flags, context); };
}

}  // namespace tailor::internal
