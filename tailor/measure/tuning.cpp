#include "tailor/measure/tuning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "tailor/measure/training_work.hpp"
#include "tailor/nn/lowering.hpp"

namespace tailor::internal {
namespace {

// Short: what is measured is a comparison, and its rounds alternate.
constexpr TimingRules kPhase = {5, 0.005, 0.01};
constexpr TimingRules kStep = {1, 0.05, 0.2};

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
void compare_operations(const std::deque<BenchSetup>& nets, Engine& engine, int rounds,
                        const TuningWatch& watch, Tuning& tuning) {
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
    watch.on_item(key);
    const auto& [precision, c] = operation;
    const KernelTimes times = compare_kernels(c, engine, precision, rounds, kPhase, watch.stop);
    if (watch.stop.requested()) return;
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
    TrainingWork step;
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

}  // namespace

Tuning tune(const std::deque<BenchSetup>& nets, Engine& engine, int rounds,
            const TuningWatch& watch) {
  Tuning tuning;
  compare_operations(nets, engine, rounds, watch, tuning);
  for (const BenchSetup& net : nets) {
    if (watch.stop.requested()) return tuning;
    watch.on_item("training step of " + name_of(net));
    tuning.steps.push_back(time_steps(net, tuning.choices, 2 * rounds, watch.stop));
  }
  if (watch.stop.requested()) return tuning;
  keep_what_shows(tuning);
  tuning.choices.precision = faster_precision(tuning);
  return tuning;
}

}  // namespace tailor::internal
