// tailor report: a finished run's page again.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/pipeline.hpp"

namespace tailor {

Runner declare_report(CLI::App& app) {
  auto folder = std::make_shared<std::string>();
  app.add_option("run", *folder, "a run's folder")->required()->type_name("RUN");
  return [folder](Context& context) {
    const std::filesystem::path page = render_run_again({*folder}, context);
    if (page.empty()) return ExitStatus::kInterrupted;
    context.console.print(page.string());
    context.console.result({{"report", page.string()}});
    return ExitStatus::kDone;
  };
}

}  // namespace tailor
