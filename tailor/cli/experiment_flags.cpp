// The options every command that reads an experiment shares.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/study/experiment/option_manual.hpp"

namespace tailor::internal {
namespace {

// A short flag for the option at `path`: what that takes, means and is by default. Hidden where it
// is none of those that matter.
Option short_flag(const FieldList& fields, const std::vector<std::string>& beginnings,
                  const char* name, OptionTarget target, const char* type,
                  const std::string& path) {
  const Field& field = *find_field(fields, path);
  const auto* text = std::get_if<std::string*>(&field.target);
  OptionRules rules = {.default_text = text != nullptr ? **text : to_toml(field)};
  if (text == nullptr && std::isfinite(field.min) && std::isfinite(field.max)) {
    rules.range = OptionRange{field.min, field.max};
  }
  rules.hidden = std::none_of(beginnings.begin(), beginnings.end(),
                              [&](const std::string& some) { return path.starts_with(some); });
  return {name, target, type, field.help, std::move(rules)};
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

void add_experiment_flags(Options& options, ExperimentFlags& flags, FileArgument file,
                          const std::vector<std::string>& beginnings) {
  if (file != FileArgument::kNone) {
    options.add({{"FILE", &flags.file, "", "experiment file (TOML)"}});
    options.named("FILE").rules.required = file == FileArgument::kRequired;
  }
  Experiment defaults;
  const FieldList fields = fields_of(defaults);
  const auto flag = [&](const char* name, OptionTarget target, const char* type,
                        const std::string& path) {
    return short_flag(fields, beginnings, name, target, type, path);
  };
  options.add({flag("--data", &flags.data, "DIR", "data.dir"),
               no_cache_option(&flags.no_cache),
               flag("--model", &flags.model, "NAME", "model.name"),
               flag("--kernels", &flags.kernels, "N", "model.kernels"),
               flag("--epochs", &flags.epochs, "N", "train.epochs"),
               flag("--batch", &flags.batch, "N", "train.batch"),
               flag("--precision", &flags.precision, "P", "precision"),
               flag("--threads", &flags.threads, "N", "threads"),
               flag("--seed", &flags.seed, "N", "seed"),
               flag("--out", &flags.out, "DIR", "out"),
               {"--set", &flags.set, "PATH=VALUE", "any of the options below; may be repeated",
                one_value_each()}});
  options.named("--epochs").help = "epochs of every training";
  for (const Field& field : fields) options.paths.push_back(field.path);
  options.footer = "Options of an experiment, in its file or with --set PATH=VALUE:\n" +
                   options_text(beginnings, 80);
}

Experiment read_experiment(const ExperimentFlags& flags) {
  Experiment experiment = flags.file.empty() ? Experiment{} : load_experiment(flags.file);
  Settings settings;
  set_text(settings, "data.dir", flags.data);
  set_text(settings, "model.name", flags.model);
  set_text(settings, "precision", flags.precision);
  set_text(settings, "out", flags.out);
  if (flags.no_cache) settings["data.cache"] = false;
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
