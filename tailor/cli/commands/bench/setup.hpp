// The flags that the bench commands of nets share, and what they are given.
#pragma once

#include "tailor/cli/command.hpp"
#include "tailor/measure/bench_setup.hpp"
#include "tailor/measure/timing.hpp"
#include "tailor/study/model.hpp"

namespace tailor::internal {

struct BenchFlags {
  ExperimentFlags experiment;
  int repetitions = TimingRules().rounds;
};

// Which options of an experiment matter to a measurement of training, and of inference.
inline const std::vector<std::string> kInferenceBench = {
    "seed", "threads", "precision", "data.dir", "data.train_limit", "model.", "train.batch"};
inline const std::vector<std::string> kTrainingBench = {"seed",
                                                        "threads",
                                                        "precision",
                                                        "data.dir",
                                                        "data.train_limit",
                                                        "model.",
                                                        "train.batch",
                                                        "train.optimizer",
                                                        "train.nesterov",
                                                        "train.weight_decay",
                                                        "train.label_smoothing"};

// The experiment's flags, those that mean nothing here hidden, and --repetitions.
void add_bench_flags(Options& options, BenchFlags& flags, const std::vector<std::string>& matter);

// Random bytes in the shape of MNIST, or the training set where --data was given. `batch`: where
// --batch does not say; 0 = the experiment's. Throws bad_input for a data set smaller than the
// batch.
BenchSetup bench_setup(const BenchFlags& flags, int batch);

// The same for a trained model, on images of its shape, of which only --data, --batch and --threads
// may differ; bad_input for the others. Its precision is as `--precision` says.
BenchSetup bench_setup(const BenchFlags& flags, int batch, const Model& model,
                       const Observer& observer);

// --repetitions short rounds: with something else running now and then, a step's rounds of 0.1 s
// gave a median of 18.5 ms where undisturbed ones say 11.1, though its parts, whose disturbed
// moments are fewer, still summed to 11.7. Rounds of one or two steps are as robust as the parts.
TimingRules timing_rules(const BenchFlags& flags);

// A warning where the rounds differed too much for their median to mean anything.
void warn_if_disturbed(Console& console, const Timing& timing);

}  // namespace tailor::internal
