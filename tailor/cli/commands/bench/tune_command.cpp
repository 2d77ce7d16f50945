// tailor bench tune: whose kernels are faster on this machine, ours or the library's, and in which
// precision; written as the table that the other commands take their choices from.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/commands/bench/setup.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/measure/kernel_comparison.hpp"
#include "tailor/measure/training_step.hpp"
#include "tailor/nn/lowering.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor {
namespace {

namespace fs = std::filesystem;

struct TuneFlags {
  std::string file;
  std::optional<std::string> data;
  std::optional<int> batch, threads;
  std::string out;
  int repetitions = 7;
};

// Short: what is measured is a comparison, and its rounds alternate.
constexpr TimingRules kPhase = {5, 0.005, 0.01};
constexpr TimingRules kStep = {1, 0.05, 0.2};

struct OperationRow {
  std::string operation;
  KernelTimes times;
  Kernels chosen = Kernels::kOwn;
};

// Seconds of a training step, medians; 0 where there is none.
struct StepTimes {
  double rule = 0;    // ours wherever they fit
  double chosen = 0;  // the library's in the operations where they were faster
};

struct StepRow {
  std::string net;
  std::map<Precision, StepTimes> times;  // of every precision the CPU multiplies natively
};

struct Tuning {
  std::vector<OperationRow> operations;
  std::vector<StepRow> steps;
  KernelChoices choices;
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

std::string name_of(const BenchSetup& net) {
  const ModelOptions& model = net.model;
  return model.name == "custom" ? model.name
                                : fmt::format("{} (kernels {})", model.name, model.kernels);
}

std::vector<Precision> precisions() {
  if (!cpu_info().native_bf16) return {Precision::kF32};
  return {Precision::kF32, Precision::kBf16};
}

// Operations of either precision, each once, whichever net it is from.
void compare_operations(const std::deque<BenchSetup>& nets, Engine& engine, const TuneFlags& flags,
                        Context& context, Tuning& tuning) {
  std::map<std::string, std::pair<Precision, OpCase>> operations;
  for (const Precision precision : precisions()) {
    for (const BenchSetup& net : nets) {
      const int batch = net.train.batch;
      for (const OpCase& c : weighted_operations(net.spec, engine, batch, precision)) {
        operations.insert({c.name, {precision, c}});
      }
    }
  }
  for (const auto& [key, operation] : operations) {
    context.console.note(key);
    const auto& [precision, c] = operation;
    const KernelTimes times =
        compare_kernels(c, engine, precision, flags.repetitions, kPhase, context.stop);
    if (context.stop.requested()) return;
    if (!times.differ) continue;
    const bool library = clearly_faster(times.library, times.own);
    if (library) tuning.choices.operations[key] = Kernels::kLibrary;
    tuning.operations.push_back({key, times, library ? Kernels::kLibrary : Kernels::kOwn});
  }
}

bool has_exceptions(const KernelChoices& choices, Precision precision) {
  return std::any_of(choices.operations.begin(), choices.operations.end(), [&](const auto& entry) {
    return entry.first.ends_with(" " + to_string(precision));
  });
}

// One net's training step in every precision, with and without what was chosen, alternating.
StepRow time_steps(const BenchSetup& net, const KernelChoices& choices, int rounds,
                   const StopFlag& stop) {
  struct Variant {
    BenchSetup setup;
    Engine engine;
    TrainingStep step;
    std::int64_t calls;
    std::vector<double> seconds = {};

    Variant(const BenchSetup& from, Precision precision, const KernelChoices& kernels,
            const StopFlag& interrupted)
        : setup(from),
          engine(from.threads, nullptr, &kernels),
          step((setup.precision = precision, setup), engine),
          calls(warm_up(std::ref(step), kStep, interrupted)) {}
  };
  const KernelChoices rule;
  std::deque<Variant> variants;
  for (const Precision precision : precisions()) {
    variants.emplace_back(net, precision, rule, stop);
    if (has_exceptions(choices, precision)) variants.emplace_back(net, precision, choices, stop);
  }
  for (int round = 0; round < rounds && !stop.requested(); ++round) {
    for (Variant& v : variants) v.seconds.push_back(time_round(std::ref(v.step), v.calls));
  }
  StepRow row{name_of(net), {}};
  for (const Variant& v : variants) {
    StepTimes& times = row.times[v.setup.precision];
    (&v.engine.choices() == &rule ? times.rule : times.chosen) = quantile(v.seconds, 0.5);
  }
  return row;
}

// Over the nets, as a geometric mean.
double mean_step(const std::vector<StepRow>& steps, Precision precision,
                 double StepTimes::*kernels) {
  double mean = 1;
  for (const StepRow& step : steps) {
    mean *= std::pow(step.times.at(precision).*kernels, 1. / double(steps.size()));
  }
  return mean;
}

// An operation repeated alone finds its data in the cache, so what it says must show in a whole
// step: by 1 % over the nets, or the rule stays. On Zen 4 the library's first layer in f32 was 12 %
// faster alone, and in the step a third slower.
void keep_what_shows(Tuning& tuning) {
  for (const Precision precision : precisions()) {
    if (!has_exceptions(tuning.choices, precision)) continue;
    const double rule = mean_step(tuning.steps, precision, &StepTimes::rule);
    if (mean_step(tuning.steps, precision, &StepTimes::chosen) * 1.01 <= rule) continue;
    for (OperationRow& row : tuning.operations) {
      if (!row.operation.ends_with(" " + to_string(precision))) continue;
      row.chosen = Kernels::kOwn;
      tuning.choices.operations.erase(row.operation);
    }
  }
}

// The rule's, unless the other is clearly faster.
Precision faster_precision(const Tuning& tuning) {
  if (precisions().size() == 1) return Precision::kF32;
  const auto mean = [&](Precision precision) {
    return mean_step(
        tuning.steps, precision,
        has_exceptions(tuning.choices, precision) ? &StepTimes::chosen : &StepTimes::rule);
  };
  const double f32 = mean(Precision::kF32), bf16 = mean(Precision::kBf16);
  if (cpu_info().bf16_pays) return clearly_faster(f32, bf16) ? Precision::kF32 : Precision::kBf16;
  return clearly_faster(bf16, f32) ? Precision::kBf16 : Precision::kF32;
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

// "conv 3x3 32->64 @14x14" and "bf16" of their key.
std::pair<std::string, std::string> split_key(const std::string& key) {
  const std::size_t space = key.rfind(' ');
  return {key.substr(0, space), key.substr(space + 1)};
}

std::string text_of(const Tuning& tuning, const Engine& engine, int batch) {
  std::string out = fmt::format(
      "batch {}, {} threads; a training step's time with our kernels and the library's, "
      "which are taken where they are faster in the whole step too\n\n{:<36} {:<9} {:>9} {:>11}  "
      "{}\n",
      batch, engine.threads(), "operation", "precision", "ours, ms", "library, ms", "chosen");
  for (const OperationRow& row : tuning.operations) {
    const auto [operation, precision] = split_key(row.operation);
    out += fmt::format("{:<36} {:<9} {:>9.4f} {:>11.4f}  {}\n", operation, precision,
                       1e3 * row.times.own, 1e3 * row.times.library,
                       row.chosen == Kernels::kOwn ? "ours" : "library");
  }
  out += fmt::format("\n{:<36} {:<9} {:>9} {:>11}\n", "training step", "precision", "ours, ms",
                     "chosen, ms");
  for (const StepRow& step : tuning.steps) {
    for (const auto& [precision, times] : step.times) {
      out += fmt::format("{:<36} {:<9} {:>9.4f} {:>11}\n", step.net, to_string(precision),
                         1e3 * times.rule,
                         times.chosen > 0 ? fmt::format("{:.4f}", 1e3 * times.chosen) : "the same");
    }
  }
  return out + fmt::format("\nprecision auto = {}\n", to_string(*tuning.choices.precision));
}

Json json_of(const Tuning& tuning, const Engine& engine, int batch) {
  Json operations = Json::array(), steps = Json::array();
  for (const OperationRow& row : tuning.operations) {
    const auto [operation, precision] = split_key(row.operation);
    operations.push_back({{"operation", operation},
                          {"precision", precision},
                          {"own_ms", 1e3 * row.times.own},
                          {"library_ms", 1e3 * row.times.library},
                          {"chosen", to_string(row.chosen)}});
  }
  for (const StepRow& step : tuning.steps) {
    for (const auto& [precision, times] : step.times) {
      Json object = {
          {"net", step.net}, {"precision", to_string(precision)}, {"own_ms", 1e3 * times.rule}};
      if (times.chosen > 0) object["chosen_ms"] = 1e3 * times.chosen;
      steps.push_back(object);
    }
  }
  return {{"batch", batch},
          {"threads", engine.threads()},
          {"operations", operations},
          {"steps", steps},
          {"precision", to_string(*tuning.choices.precision)}};
}

ExitStatus run_tune(const TuneFlags& flags, Context& context) {
  const fs::path file = table_to_write(flags);
  const std::deque<BenchSetup> nets = nets_to_tune(flags);
  const int batch = nets.front().train.batch;
  Tuning tuning;
  const KernelChoices rule;
  Engine engine(nets.front().threads, nullptr, &rule);
  warn_of_threads(context.console, engine.threads());
  compare_operations(nets, engine, flags, context, tuning);
  for (const BenchSetup& net : nets) {
    if (context.stop.requested()) return ExitStatus::kInterrupted;
    context.console.note("training step of " + name_of(net));
    tuning.steps.push_back(time_steps(net, tuning.choices, 2 * flags.repetitions, context.stop));
  }
  if (context.stop.requested()) return ExitStatus::kInterrupted;
  keep_what_shows(tuning);
  tuning.choices.precision = faster_precision(tuning);
  const std::string table = to_toml(tuning.choices, cpu_info());
  const KernelChoices written = parse_kernel_choices(table, file, cpu_info());
  if (file.has_parent_path()) make_folder(file.parent_path());
  write_file_atomic(file, table);
  context.console.print(text_of(tuning, engine, batch) + fmt::format("written to {} ({})\n",
                                                                     file.string(),
                                                                     written.origin.substr(0, 12)));
  Json result = json_of(tuning, engine, batch);
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
       default_shown(between(1, 1000))},
      {"--out", &flags->out, "PATH",
       "table to write, instead of the one of this machine's user (~/.config/tailor/kernels.toml)"},
  });
  return [flags](Context& context) { return run_tune(*flags, context); };
}

}  // namespace tailor
