// tailor run: the whole study, from raw files to a report.
#include <fmt/format.h>

#include <memory>

#include "tailor/cli/command.hpp"
#include "tailor/cli/run_text.hpp"

namespace tailor::internal {
namespace {

// What was typed, as the script at the root takes it.
std::string command_line(const std::vector<std::string>& words) {
  std::string line = "./run";
  for (std::size_t i = 2; i < words.size(); ++i) {
    const bool plain = words[i].find_first_of(" \t\"'$&|;<>()*?[]{}\\`#") == std::string::npos;
    line += plain ? " " + words[i] : " '" + words[i] + "'";
  }
  return line;
}

ExitStatus run_run(const ExperimentFlags& flags, Context& context) {
  const Experiment experiment = read_experiment(flags);
  const RunFiles files{run_folder(experiment)};
  const auto run = run_study(experiment, files, context.observer());
  if (!run) {
    context.console.note(fmt::format("interrupted; everything is saved, go on with: {}",
                                     command_line(context.command)));
    return ExitStatus::kInterrupted;
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
