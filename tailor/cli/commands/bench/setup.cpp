#include "tailor/cli/commands/bench/setup.hpp"

#include <fmt/format.h>

#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/nn/zoo.hpp"
#include "tailor/study/experiment/sets.hpp"

namespace tailor::internal {
namespace {

constexpr double kLargestSpread = 0.05;

// The training set where --data was given, else random images; a batch of them at least.
Dataset images_of(const Experiment& experiment, bool real, const Shape& shape, int classes) {
  const auto least = std::size_t(experiment.train.batch);
  Dataset set = real ? load_set(experiment, Split::kTrain) : random_images(least, shape, classes);
  if (set.size() < least) {
    throw bad_input(fmt::format("{} holds {} images, fewer than a batch of {}", experiment.data.dir,
                                set.size(), least));
  }
  return set;
}

BenchSetup setup_of(const Experiment& experiment, Dataset set, Spec spec, Precision precision) {
  return {experiment.model, experiment.train, experiment.seed, experiment.threads,
          std::move(set),   std::move(spec),  precision};
}

}  // namespace

void add_bench_flags(Options& options, BenchFlags& flags, const std::vector<std::string>& matter) {
  add_experiment_flags(options, flags.experiment, FileArgument::kOptional, matter);
  options.named("--data").help = "folder with the data set; random images if left out";
  options.named("--data").rules.default_text = "";
  options.add({{"--repetitions", &flags.repetitions, "N", "rounds the median is taken over",
                between(1, 1000)}});
}

BenchSetup bench_setup(const BenchFlags& flags, int batch) {
  Experiment experiment = read_experiment(flags.experiment);
  if (batch > 0 && !flags.experiment.batch) experiment.train.batch = batch;
  Dataset set = images_of(experiment, flags.experiment.data.has_value(),
                          {.channels = 1, .height = 28, .width = 28}, 10);
  Spec spec = make_spec(experiment.model, set.shape, set.classes());
  return setup_of(experiment, std::move(set), std::move(spec),
                  parse_precision(experiment.precision));
}

BenchSetup bench_setup(const BenchFlags& flags, int batch, const Model& model,
                       const Observer& observer) {
  const ExperimentFlags& f = flags.experiment;
  if (f.model || f.kernels || f.epochs || f.seed || f.out || !f.set.empty()) {
    throw bad_input(
        "a trained model is measured as it is: only --data, --batch, --threads, "
        "--precision and --repetitions may be given");
  }
  Experiment experiment = model.experiment;
  apply(experiment, {{"train.batch", std::int64_t{f.batch.value_or(batch)}}});
  experiment.threads = f.threads.value_or(0);
  if (f.data) experiment.data = {.dir = *f.data, .train_limit = 0, .test_limit = 0};
  Dataset set = images_of(experiment, f.data.has_value(), model.spec.input, model.spec.classes);
  check_fits(model, set, experiment.data.dir);
  const Precision precision = choose_precision(model, f.precision.value_or(""), observer);
  return setup_of(experiment, std::move(set), model.spec, precision);
}

TimingRules timing_rules(const BenchFlags& flags) {
  TimingRules rules;
  rules.rounds = flags.repetitions;
  return rules;
}

void warn_if_disturbed(Console& console, const Timing& timing) {
  if (timing.spread < kLargestSpread) return;
  console.warn(
      fmt::format("the middle half of the rounds lies {:.0f} % apart; is something else "
                  "running?",
                  100 * timing.spread));
}

}  // namespace tailor::internal
