// tailor run: the whole study, from raw files to a report.
#include <memory>

#include "tailor/cli/pipeline.hpp"

namespace tailor {

Runner declare_run(Options& options) {
  auto flags = std::make_shared<ExperimentFlags>();
  add_experiment_flags(options, *flags, FileArgument::kRequired);
  return [flags](Context& context) { return run_pipeline(read_experiment(*flags), context); };
}

}  // namespace tailor
