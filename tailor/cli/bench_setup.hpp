// What the bench commands share: the net and the images they run on, and how they are timed.
#pragma once

#include <string>
#include <vector>

#include "tailor/cli/command.hpp"
#include "tailor/cli/model_files.hpp"
#include "tailor/core/timing.hpp"
#include "tailor/nn/spec.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/ops/peak.hpp"

namespace tailor {

struct BenchFlags {
  ExperimentFlags experiment;
  int repetitions = TimingRules().rounds;
};

// The experiment's flags, and --repetitions.
void add_bench_flags(Options& options, BenchFlags& flags);

struct BenchSetup {
  Experiment experiment;  // train.batch is the batch to measure
  Dataset set;  // random bytes in the shape of MNIST or of what the model takes, or the training
                // set where --data was given
  Spec spec;
  Precision precision = Precision::kF32;
};

// `batch`: where --batch does not say; 0 = the experiment's. Throws bad_input for a data set
// smaller than the batch.
BenchSetup bench_setup(const BenchFlags& flags, int batch);

// The same for a trained model, of which only --data, --batch and --threads may differ; bad_input
// for the others. Its precision is as `--precision` says.
BenchSetup bench_setup(const BenchFlags& flags, int batch, const LoadedModel& model,
                       Console& console);

// --repetitions short rounds: with something else running now and then, a step's rounds of 0.1 s
// gave a median of 18.5 ms where undisturbed ones say 11.1, though its parts, whose disturbed
// moments are fewer, still summed to 11.7. Rounds of one or two steps are as robust as the parts.
TimingRules timing_rules(const BenchFlags& flags);

// A warning where the rounds differed too much for their median to mean anything.
void warn_if_disturbed(Console& console, const Timing& timing);

// What a figure of this precision is compared to: int8 to bf16, where there is that, and f32.
double peak_gflops(Precision precision, const Peak& peak);
double peak_gflops(Precision precision, int threads);  // measures it now

}  // namespace tailor
