// tailor run: the whole study, from raw files to a report.
#include <memory>

#include "tailor/cli/command.hpp"
#include "tailor/cli/run_text.hpp"

namespace tailor::internal {
namespace {

ExitStatus run_run(const ExperimentFlags& flags, Context& context) {
  const Experiment experiment = read_experiment(flags);
  const RunFiles files{run_folder(experiment)};
  const Observer observer = context.observer();
  observer.save_when_stopped(false);
  const auto run = run_study(experiment, files, observer);
  if (!run) {
    return context.interrupted("interrupted; everything is saved, go on with: " + context.again);
  }
  show_run(context.console, *run, files);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_run(Options& options) {
  auto flags = std::make_shared<ExperimentFlags>();
  add_experiment_flags(options, *flags, FileArgument::kRequired);
  return [flags](Context& context) { return run_run(*flags, context); };
}

}  // namespace tailor::internal
