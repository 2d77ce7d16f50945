// What the bench commands share: the net and the images they run on, and honest timing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tailor/cli/command.hpp"
#include "tailor/nn/spec.hpp"
#include "tailor/ops/engine.hpp"

namespace CLI {
class App;
}

namespace tailor {

struct BenchFlags {
  ExperimentFlags experiment;
  int repetitions = 7;
};

// The experiment's flags, and --repetitions.
void add_bench_flags(CLI::App& app, BenchFlags& flags);

struct BenchSetup {
  Experiment experiment;  // train.batch is the batch to measure
  Dataset set;  // random bytes in the shape of MNIST, or the training set where --data was given
  Spec spec;
  Precision precision = Precision::kF32;
};

// `batch`: where --batch does not say; 0 = the experiment's. Throws bad_input for a data set
// smaller than the batch.
BenchSetup bench_setup(const BenchFlags& flags, int batch);

// Seconds of one call, median of `repetitions` rounds. A round repeats `work` for about half a
// second; one round before is thrown away. Returns 0 when stopped.
double median_seconds(const std::function<void()>& work, int repetitions, const StopFlag& stop);

// The p-th part (0.5 = median) of the values; 0 for none.
double quantile(std::vector<double> values, double p);

// Largest resident set of this process so far.
std::int64_t peak_memory_bytes();

}  // namespace tailor
