// tailor report: a finished run's page again, or several runs side by side.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/replaceable.hpp"
#include "tailor/study/pages/comparison.hpp"
#include "tailor/study/run_study.hpp"

namespace tailor::internal {
namespace {

struct ReportFlags {
  std::vector<std::string> runs;
  std::string data;
  std::string out;
};

std::filesystem::path compare(const ReportFlags& flags) {
  if (!flags.data.empty()) {
    throw bad_input("--data is for one run; a comparison opens no data set");
  }
  const std::filesystem::path page = flags.out.empty() ? "comparison.html" : flags.out;
  check_replaceable(page, "a page", "<!DOCTYPE html>");
  write_file_atomic(page,
                    render_comparison(read_compared_runs({flags.runs.begin(), flags.runs.end()})));
  return page;
}

std::filesystem::path render_again(const ReportFlags& flags, Context& context) {
  if (!flags.out.empty()) {
    throw bad_input("--out is for comparing runs; a run's own page lies in its folder");
  }
  return render_run_again({flags.runs.front()}, flags.data, context.observer());
}

ExitStatus run_report(const ReportFlags& flags, Context& context) {
  const std::filesystem::path page =
      flags.runs.size() > 1 ? compare(flags) : render_again(flags, context);
  if (page.empty()) return context.interrupted("interrupted; go on with: " + context.again);
  context.console.print(page.string());
  context.console.result({{"report", page.string()}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_report(Options& options) {
  auto flags = std::make_shared<ReportFlags>();
  options.add({
      {"run", &flags->runs, "RUN...", "a run's folder; several are compared on one page",
       required()},
      {"--data", &flags->data, "DIR", "where a run's data set lies by now; it must be the same"},
      {"--out", &flags->out, "FILE", "the comparison's page, comparison.html if left out"},
  });
  options.examples = {{"tailor report runs/quick", "writes its report.html again"},
                      {"tailor report runs/quick runs/second --out both.html",
                       "two runs side by side on one page"}};
  options.files = "Reads finished runs and their data; writes one HTML page.";
  return [flags](Context& context) { return run_report(*flags, context); };
}

}  // namespace tailor::internal
