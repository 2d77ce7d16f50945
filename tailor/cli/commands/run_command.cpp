// tailor run: the whole study, from raw files to a report.
#include <memory>

#include "tailor/cli/command.hpp"
#include "tailor/cli/run_text.hpp"

namespace tailor::internal {
namespace {

struct RunFlags {
  ExperimentFlags experiment;
  bool retry_failed = false;
};

ExitStatus run_run(const RunFlags& flags, Context& context) {
  const Experiment experiment = read_experiment(flags.experiment);
  const RunFiles files{run_folder(experiment)};
  const Observer observer = context.observer();
  observer.save_when_stopped(false);
  const auto run = run_study(experiment, files, observer, flags.retry_failed);
  if (!run) {
    return context.interrupted("interrupted; everything is saved, go on with: " + context.again);
  }
  show_run(context.console, *run, files);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_run(Options& options) {
  auto flags = std::make_shared<RunFlags>();
  add_experiment_flags(options, flags->experiment, FileArgument::kRequired);
  options.add({{"--retry-failed", &flags->retry_failed, "",
                "train again what failed: the first model, candidates of the search"}});
  options.examples = {
      {"tailor run experiments/quick.toml",
       "a small study: first model, search, final model, report"},
      {"tailor run experiments/quick.toml --out runs/second --seed 2",
       "the same with other random numbers, in another folder"},
      {"tailor run mine.toml --set search.n_iter=30", "more candidates than the file says"}};
  options.files =
      "Reads the experiment and the data; writes everything into the run's folder, runs/NAME if "
      "not --out. The same command goes on where it was interrupted.";
  return [flags](Context& context) { return run_run(*flags, context); };
}

}  // namespace tailor::internal
