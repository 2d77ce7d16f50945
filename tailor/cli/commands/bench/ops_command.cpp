// tailor bench ops: every operation that matters on its own, phase by phase.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/measure/bench_setup.hpp"
#include "tailor/measure/op_bench.hpp"
#include "tailor/ops/peak.hpp"

namespace tailor::internal {
namespace {

struct OpsFlags {
  std::string filter;
  int batch = 128;
  int threads = 0;
  std::string precision = "auto";
  int repetitions = 15;
};

// One line of the table.
struct Row {
  std::string name;
  OpTiming op;
  double rate = 0;   // GFLOP/s, or GB/s where memory decides
  double share = 0;  // of the peak of that
};

Row make_row(const std::string& name, const OpTiming& op, Precision precision, const Peak& peak) {
  const bool multiplies = op.flop > 0;
  const double rate = (multiplies ? op.flop : op.bytes) / op.timing.seconds * 1e-9;
  return {name, op, rate,
          rate / (multiplies ? peak_gflops(precision, peak) : peak.memory_gb_per_s)};
}

std::vector<OpCase> wanted_cases(const OpsFlags& flags) {
  std::vector<OpCase> wanted;
  for (OpCase& c : op_bench_cases(flags.batch)) {
    if (c.name.find(flags.filter) != std::string::npos) wanted.push_back(std::move(c));
  }
  if (!wanted.empty()) return wanted;
  std::string names;
  for (const OpCase& c : op_bench_cases(1)) names += (names.empty() ? "" : ", ") + c.name;
  throw bad_input(fmt::format("no case has '{}' in its name; there are {}", flags.filter, names));
}

// A rate of what is over sooner than a clock can tell says nothing.
std::string rate_text(const Row& row) {
  constexpr double kLeastSeconds = 2e-8;
  if (row.op.timing.seconds < kLeastSeconds) return fmt::format("{:>25}", "nothing to do");
  return fmt::format("{:>9.1f} {:<7} {:>6.1f}%", row.rate, row.op.flop > 0 ? "GFLOP/s" : "GB/s",
                     100 * row.share);
}

std::string line(const Row& row) {
  return fmt::format("{:<24} {:<17} {:>9.4f} {}  {}", row.name, name_of(row.op.phase),
                     1e3 * row.op.timing.seconds, rate_text(row), row.op.implementation);
}

Json json_of(const Row& row) {
  Json object = {{"case", row.name},
                 {"phase", name_of(row.op.phase)},
                 {"ms", 1e3 * row.op.timing.seconds},
                 {"spread", row.op.timing.spread},
                 {"share_of_peak", row.share},
                 {"implementation", row.op.implementation}};
  object[row.op.flop > 0 ? "gflops" : "gb_per_s"] = row.rate;
  return object;
}

void show(Console& console, const OpsFlags& flags, Precision precision, const Peak& peak,
          const std::vector<Row>& rows) {
  std::string text = fmt::format(
      "batch {}, {}, {} threads; peak {:.0f} GFLOP/s, {:.1f} GB/s\n\n{:<24} {:<17} {:>9} {:>17} "
      "{:>7}  {}\n",
      flags.batch, to_string(precision), peak.threads, peak_gflops(precision, peak),
      peak.memory_gb_per_s, "case", "phase", "ms", "rate", "of peak", "implementation");
  Json list = Json::array();
  for (const Row& row : rows) {
    text += line(row) + "\n";
    list.push_back(json_of(row));
  }
  console.print(text);
  console.result({{"batch", flags.batch},
                  {"precision", to_string(precision)},
                  {"threads", peak.threads},
                  {"peak",
                   {{"f32_gflops", peak.f32_gflops},
                    {"bf16_gflops", peak.bf16_gflops},
                    {"memory_gb_per_s", peak.memory_gb_per_s}}},
                  {"ops", list}});
}

ExitStatus run_ops(const OpsFlags& flags, Context& context) {
  const std::vector<OpCase> cases = wanted_cases(flags);
  const Precision precision = parse_precision(flags.precision);
  Engine engine(flags.threads);
  const TimingRules rules{flags.repetitions, 0.02, 0.05};
  const Peak peak = measure_peak(engine.threads());
  std::vector<Row> rows;
  for (const OpCase& c : cases) {
    context.console.note(c.name);
    for (const OpTiming& op : time_op(c, engine, precision, rules, context.stop())) {
      rows.push_back(make_row(c.name, op, precision, peak));
    }
    if (context.stop().requested()) return context.interrupted("interrupted");
  }
  show(context.console, flags, precision, peak, rows);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_ops(Options& options) {
  auto flags = std::make_shared<OpsFlags>();
  options.add({
      {"--filter", &flags->filter, "TEXT", "only cases with this in their name"},
      {"--batch", &flags->batch, "N", "images of a call", between(1, 65536)},
      threads_option(&flags->threads),
      {"--precision", &flags->precision, "P", "bf16, f32 or auto"},
      {"--repetitions", &flags->repetitions, "N", "rounds the median is taken over",
       between(1, 1000)},
  });
  options.examples = {
      {"tailor bench ops", "every operation"},
      {"tailor bench ops --filter conv --batch 64 --threads 1", "convolutions only"}};
  options.files = "Writes nothing.";
  return [flags](Context& context) { return run_ops(*flags, context); };
}

}  // namespace tailor::internal
