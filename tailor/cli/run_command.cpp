// tailor run: the whole study, from raw files to a report.
#include <CLI/CLI.hpp>
#include <memory>

#include "tailor/cli/pipeline.hpp"

namespace tailor {

Runner declare_run(CLI::App& app) {
  auto flags = std::make_shared<ExperimentFlags>();
  add_experiment_flags(app, *flags, FileArgument::kRequired);
  return [flags](Context& context) { return run_pipeline(read_experiment(*flags), context); };
}

}  // namespace tailor
