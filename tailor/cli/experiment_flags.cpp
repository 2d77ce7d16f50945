// The options every command that reads an experiment shares.
#include <fmt/format.h>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {
namespace {

// "  train.epochs  int  epochs  (15)": what --set knows.
std::string option_table() {
  Experiment defaults;
  std::string out = "Options for --set PATH=VALUE (default in brackets):\n";
  for (const Field& field : fields_of(defaults)) {
    out += fmt::format("  {:<26} {}: {} [{}]\n", field.path, type_text(field), field.help,
                       to_toml(field));
  }
  return out;
}

void set_number(Settings& settings, const std::string& path,
                const std::optional<std::int64_t>& value) {
  if (value) settings[path] = *value;
}

void set_text(Settings& settings, const std::string& path,
              const std::optional<std::string>& value) {
  if (value) settings[path] = *value;
}

void set_epochs_everywhere(Experiment& experiment, int epochs) {
  internal::apply(experiment, {{"train.epochs", std::int64_t(epochs)},
                               {"first.epochs", std::int64_t(0)},
                               {"search.epochs", std::int64_t(0)},
                               {"final.epochs", std::int64_t(0)}});
}

}  // namespace

void add_experiment_flags(Options& options, ExperimentFlags& flags, FileArgument file) {
  if (file != FileArgument::kNone) {
    options.add({{"FILE", &flags.file, "", "experiment file (TOML)"}});
    options.named("FILE").rules.required = file == FileArgument::kRequired;
  }
  options.add({{"--data", &flags.data, "DIR", "folder with the data set"},
               {"--model", &flags.model, "NAME", "named model"},
               {"--kernels", &flags.kernels, "N", "filters of the first convolution"},
               {"--epochs", &flags.epochs, "N", "epochs of every training"},
               {"--batch", &flags.batch, "N", "images of a step"},
               {"--precision", &flags.precision, "P", "bf16, f32 or auto"},
               {"--threads", &flags.threads, "N", "0 = all cores"},
               {"--seed", &flags.seed, "N", "of weights, order and dropout"},
               {"--out", &flags.out, "DIR", "folder to write"},
               {"--set", &flags.set, "PATH=VALUE", "any option by its path, repeatable",
                one_value_each()}});
  options.footer = option_table();
}

Experiment read_experiment(const ExperimentFlags& flags) {
  Experiment experiment = flags.file.empty() ? Experiment{} : load_experiment(flags.file);
  Settings settings;
  set_text(settings, "data.dir", flags.data);
  set_text(settings, "model.name", flags.model);
  set_text(settings, "precision", flags.precision);
  set_text(settings, "out", flags.out);
  set_number(settings, "model.kernels", flags.kernels);
  set_number(settings, "train.batch", flags.batch);
  set_number(settings, "threads", flags.threads);
  set_number(settings, "seed", flags.seed);
  if (flags.kernels && !experiment.model.layers.empty()) {
    throw bad_input(fmt::format(
        "--kernels is of the named models, and {} lists the layers of its own: change them there",
        printable(flags.file)));
  }
  internal::apply(experiment, settings);
  if (flags.epochs) set_epochs_everywhere(experiment, *flags.epochs);
  for (const std::string& setting : flags.set) {
    try {
      apply_text(experiment, setting);
    } catch (const Error& error) {
      throw bad_input(fmt::format("--set {}: {}", excerpt(setting), error.what()));
    }
  }
  return experiment;
}

void warn_of_threads(Console& console, int threads) {
  const int cores = cpu_info().cores;
  if (threads <= cores) return;
  console.warn(fmt::format("{} threads on {} usable core{}: fewer are faster", threads, cores,
                           cores > 1 ? "s" : ""));
}

}  // namespace tailor::internal
