#include "tailor/cli/bench_setup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/rng.hpp"
#include "tailor/nn/zoo.hpp"

namespace tailor {
namespace {

constexpr double kLargestSpread = 0.05;
constexpr std::size_t kRandomImages = 16384;  // more bytes than the caches hold, as real sets have

Dataset random_images(std::size_t count, const Shape& shape, int classes) {
  Dataset set;
  set.shape = shape;
  for (int c = 0; c < classes; ++c) set.class_names.push_back(std::to_string(c));
  set.pixels.resize(count * set.shape.size());
  for (std::size_t i = 0; i < set.pixels.size(); i += 16) {
    const auto words = philox({std::uint32_t(i), std::uint32_t(i >> 32), 0, 0}, 1);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(words.data());
    std::copy_n(bytes, std::min<std::size_t>(16, set.pixels.size() - i), set.pixels.data() + i);
  }
  for (std::size_t i = 0; i < count; ++i)
    set.labels.push_back(std::uint8_t(set.pixels[i * set.shape.size()] % classes));
  return set;
}

// The experiment is there; the images, of which there must be a batch, are not yet.
void take_images(BenchSetup& setup, bool real, const Shape& shape, int classes) {
  const auto least = std::size_t(setup.experiment.train.batch);
  setup.set = real ? load_set(setup.experiment, Split::kTrain)
                   : random_images(std::max(kRandomImages, least), shape, classes);
  if (setup.set.size() < least) {
    throw bad_input(fmt::format("{} holds {} images, fewer than a batch of {}",
                                setup.experiment.data.dir, setup.set.size(), least));
  }
}

}  // namespace

void add_bench_flags(Options& options, BenchFlags& flags) {
  add_experiment_flags(options, flags.experiment, FileArgument::kOptional);
  options.add({{"--repetitions", &flags.repetitions, "N", "rounds the median is taken over",
                default_shown(between(1, 1000))}});
}

BenchSetup bench_setup(const BenchFlags& flags, int batch) {
  BenchSetup setup;
  setup.experiment = read_experiment(flags.experiment);
  if (batch > 0 && !flags.experiment.batch) setup.experiment.train.batch = batch;
  take_images(setup, flags.experiment.data.has_value(), {.channels = 1, .height = 28, .width = 28},
              10);
  setup.spec = make_spec(setup.experiment.model, setup.set.shape, setup.set.classes());
  setup.precision = parse_precision(setup.experiment.precision);
  return setup;
}

BenchSetup bench_setup(const BenchFlags& flags, int batch, const LoadedModel& model,
                       Console& console) {
  const ExperimentFlags& f = flags.experiment;
  if (f.model || f.kernels || f.epochs || f.seed || f.out || !f.set.empty()) {
    throw bad_input(
        "a trained model is measured as it is: only --data, --batch, --threads, "
        "--precision and --repetitions may be given");
  }
  BenchSetup setup;
  setup.experiment = model.experiment;
  setup.experiment.train.batch = f.batch.value_or(batch);
  setup.experiment.threads = f.threads.value_or(0);
  if (f.data) setup.experiment.data = {.dir = *f.data, .train_limit = 0, .test_limit = 0};
  take_images(setup, f.data.has_value(), model.spec.input, model.spec.classes);
  check_fits(model, setup.set, setup.experiment.data.dir);
  setup.spec = model.spec;
  setup.precision = choose_precision(model, f.precision.value_or(""), console);
  return setup;
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

double peak_gflops(Precision precision, int threads) {
  return peak_gflops(precision, measure_peak(threads));
}

double peak_gflops(Precision precision, const Peak& peak) {
  const bool bf16 = precision != Precision::kF32 && peak.bf16_gflops > 0;
  return bf16 ? peak.bf16_gflops : peak.f32_gflops;
}

}  // namespace tailor
