// tailor bench tune: whose kernels are faster on this machine, ours or the library's, and in which
// precision; written as the table that the other commands take their choices from.
#include <fmt/format.h>

#include <deque>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/commands/bench/setup.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/measure/tuning.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct TuneFlags {
  std::string file;
  std::optional<std::string> data;
  std::optional<int> batch, threads;
  std::string out;
  int repetitions = 7;
};

BenchSetup net_to_tune(const TuneFlags& flags, const std::optional<std::string>& model) {
  BenchFlags bench;
  bench.experiment.file = flags.file;
  bench.experiment.data = flags.data;
  bench.experiment.model = model;
  bench.experiment.batch = flags.batch;
  bench.experiment.threads = flags.threads;
  bench.experiment.precision = "f32";  // both are measured; "auto" would read the table in force
  return bench_setup(bench, 0);
}

// FILE's, or the two of the zoo with 32 kernels. A deque: what is measured holds references.
std::deque<BenchSetup> nets_to_tune(const TuneFlags& flags) {
  std::deque<BenchSetup> nets;
  if (!flags.file.empty()) {
    nets.push_back(net_to_tune(flags, std::nullopt));
  } else {
    nets.push_back(net_to_tune(flags, "seed"));
    nets.push_back(net_to_tune(flags, "air"));
  }
  return nets;
}

fs::path table_to_write(const TuneFlags& flags) {
  if (!flags.out.empty()) return flags.out;
  const fs::path local = local_kernel_table();
  if (local.empty()) {
    throw bad_input(
        "neither HOME nor XDG_CONFIG_HOME says where this machine's table belongs; "
        "name a file with --out");
  }
  return local;
}

ExitStatus run_tune(const TuneFlags& flags, Context& context) {
  const fs::path file = table_to_write(flags);
  const std::deque<BenchSetup> nets = nets_to_tune(flags);
  if (file.has_parent_path()) make_folder(file.parent_path());
  check_writable(file);
  const int batch = nets.front().train.batch;
  const KernelChoices rule;
  Engine engine(nets.front().threads, nullptr, &rule);
  warn_of_threads(context.console, engine.threads());
  const Tuning tuning =
      tune(nets, engine, flags.repetitions,
           {[&](const std::string& item) { context.console.note(item); }, context.stop()});
  if (context.stop().requested()) return context.interrupted("interrupted");
  const std::string table = to_toml(tuning.choices, cpu_info());
  const KernelChoices written = parse_kernel_choices(table, file, cpu_info());
  write_file_atomic(file, table);
  context.console.print(
      to_text(tuning, batch, engine.threads()) +
      fmt::format("written to {} ({})\n", file.string(), written.origin.substr(0, 12)));
  Json result = to_json(tuning, batch, engine.threads());
  result["file"] = file.string();
  result["sha256"] = written.origin;
  context.console.result(result);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_bench_tune(Options& options) {
  auto flags = std::make_shared<TuneFlags>();
  options.add({
      {"FILE", &flags->file, "",
       "experiment file (TOML) whose net to measure; seed and air with 32 kernels where there is "
       "none"},
      {"--data", &flags->data, "DIR", "folder with the data set, for the images' size"},
      {"--batch", &flags->batch, "N", "images of a step", between(1, 65536)},
      {"--threads", &flags->threads, "N", "0 = all cores", between(0, 1024)},
      {"--repetitions", &flags->repetitions, "N", "rounds the medians are taken over",
       between(1, 1000)},
      {"--out", &flags->out, "PATH",
       "table to write, instead of the one of this machine's user (~/.config/tailor/kernels.toml)"},
  });
  options.examples = {{"tailor bench tune", "seed and air with 32 kernels"},
                      {"tailor bench tune mine.toml --out kernels.toml",
                       "the net of an experiment, into a file of one's own"}};
  options.files =
      "Writes the table of kernels that the other commands use, ~/.config/tailor/kernels.toml if "
      "not --out.";
  return [flags](Context& context) { return run_tune(*flags, context); };
}

}  // namespace tailor::internal
