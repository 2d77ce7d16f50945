// tailor report: a finished run's page again, or several runs side by side.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/study/pages/comparison.hpp"
#include "tailor/study/run_study.hpp"

namespace tailor {
namespace {

struct ReportFlags {
  std::vector<std::string> runs;
  std::string out;
};

std::filesystem::path compare(const ReportFlags& flags) {
  const std::filesystem::path page = flags.out.empty() ? "comparison.html" : flags.out;
  write_file_atomic(page,
                    render_comparison(read_compared_runs({flags.runs.begin(), flags.runs.end()})));
  return page;
}

std::filesystem::path render_again(const ReportFlags& flags, Context& context) {
  if (!flags.out.empty()) {
    throw bad_input("--out is for comparing runs; a run's own page lies in its folder");
  }
  return render_run_again({flags.runs.front()}, context.observer());
}

ExitStatus run_report(const ReportFlags& flags, Context& context) {
  const std::filesystem::path page =
      flags.runs.size() > 1 ? compare(flags) : render_again(flags, context);
  if (page.empty()) return ExitStatus::kInterrupted;
  context.console.print(page.string());
  context.console.result({{"report", page.string()}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_report(CLI::App& app) {
  auto flags = std::make_shared<ReportFlags>();
  app.add_option("run", flags->runs, "a run's folder; several are compared on one page")
      ->required()
      ->type_name("RUN...");
  app.add_option("--out", flags->out, "the comparison's page, comparison.html if left out")
      ->type_name("FILE");
  return [flags](Context& context) { return run_report(*flags, context); };
}

}  // namespace tailor
