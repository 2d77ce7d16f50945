// tailor bench peak: what the machine can do at most, for every number of threads.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/ops/peak.hpp"

namespace tailor::internal {
namespace {

Json json_of(const Peak& peak) {
  return {{"threads", peak.threads},
          {"f32_gflops", peak.f32_gflops},
          {"bf16_gflops", peak.bf16_gflops},
          {"memory_gb_per_s", peak.memory_gb_per_s}};
}

std::string table(const std::vector<Peak>& peaks) {
  std::string text = fmt::format("{:>7} {:>12} {:>13} {:>12}\n", "threads", "f32 GFLOP/s",
                                 "bf16 GFLOP/s", "memory GB/s");
  for (const Peak& peak : peaks) {
    const std::string bf16 =
        peak.bf16_gflops > 0 ? fmt::format("{:.0f}", peak.bf16_gflops) : "not native";
    text += fmt::format("{:>7} {:>12.0f} {:>13} {:>12.1f}\n", peak.threads, peak.f32_gflops, bf16,
                        peak.memory_gb_per_s);
  }
  return text;
}

// `threads`: this number alone; 0 = every number up to all cores.
ExitStatus run_peak(int threads, Context& context) {
  const int most = Engine(threads).threads();
  std::vector<Peak> peaks;
  for (int n = threads == 0 ? 1 : most; n <= most; ++n) {
    if (context.stop().requested()) return context.interrupted("interrupted");
    peaks.push_back(measure_peak(n));
  }
  context.console.print(table(peaks));
  Json result = json_of(peaks.back());
  result["per_threads"] = Json::array();
  for (const Peak& peak : peaks) result["per_threads"].push_back(json_of(peak));
  context.console.result(result);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_peak(Options& options) {
  auto threads = std::make_shared<int>(0);
  Option option = threads_option(threads.get());
  option.help = "this number alone; 0 = every number up to all cores";
  options.add({option});
  options.examples = {{"tailor bench peak", "arithmetic and memory on every number of threads"},
                      {"tailor bench peak --threads 1", "on one"}};
  options.files = "Writes nothing.";
  return [threads](Context& context) { return run_peak(*threads, context); };
}

}  // namespace tailor::internal
