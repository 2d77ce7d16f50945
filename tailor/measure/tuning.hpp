// Whose kernels are faster on this machine, ours or the library's, and in which precision: each
// operation alone, then the whole training step, in which what was chosen must show.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tailor/core/json.hpp"
#include "tailor/measure/bench_setup.hpp"
#include "tailor/measure/kernel_comparison.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {

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

// Who waits: what is measured next, and when to stop.
struct TuningWatch {
  std::function<void(const std::string& item)> on_item;
  const StopFlag& stop;
};

// The choices, with the precision that "auto" is to mean. `rounds` of every operation, twice as
// many of every step. Unfinished where `watch.stop` was set.
Tuning tune(const std::deque<BenchSetup>& nets, Engine& engine, int rounds,
            const TuningWatch& watch);

// `batch`: of the steps.
std::string to_text(const Tuning& tuning, int batch, int threads);
Json to_json(const Tuning& tuning, int batch, int threads);

}  // namespace tailor::internal
