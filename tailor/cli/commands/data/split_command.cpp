// tailor data split: which images are trained on and which are tested on.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/command.hpp"
#include "tailor/cli/text_width.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/replaceable.hpp"
#include "tailor/core/text.hpp"
#include "tailor/study/split_list.hpp"

namespace tailor::internal {
namespace {

struct SplitFlags {
  ExperimentFlags experiment;
  std::string dir;
  std::string csv;
};

std::string table_of(const SplitSummary& summary) {
  std::string text = fmt::format("{:<20}", "class");
  for (const SplitSummary::Part& part : summary.parts) {
    text += fmt::format(" {:>12}", fmt::format("{}{}", to_string(part.split), part.cut ? "*" : ""));
  }
  text += '\n';
  for (std::size_t c = 0; c < summary.class_names.size(); ++c) {
    text += padded(printable(summary.class_names[c]), 20);
    for (const SplitSummary::Part& part : summary.parts) {
      text += fmt::format(" {:>12}", grouped(double(part.classes[c])));
    }
    text += '\n';
  }
  const bool any_cut = std::ranges::any_of(summary.parts, &SplitSummary::Part::cut);
  if (any_cut) text += "* cut off the training images, whole groups\n";
  if (summary.groups > 0) {
    text += fmt::format("{} training images are in {} groups of near copies, the largest of {}\n",
                        grouped(double(summary.grouped)), grouped(double(summary.groups)),
                        grouped(double(summary.largest)));
  }
  return text;
}

ExitStatus run_split(const SplitFlags& flags, Context& context) {
  Experiment experiment = read_experiment(flags.experiment);
  if (!flags.dir.empty()) experiment.data.dir = flags.dir;
  if (!flags.csv.empty()) check_replaceable(flags.csv, "a table of splits", "split,index,label,");
  const SplitSummary summary = summarise_split(experiment.data, context.observer());
  Json json = {{"data", experiment.data.dir}, {"understood", summary.understood}};
  for (const SplitSummary::Part& part : summary.parts) {
    std::int64_t images = 0;
    Json classes = Json::object();
    for (std::size_t c = 0; c < part.classes.size(); ++c) {
      images += part.classes[c];
      classes[summary.class_names[c]] = part.classes[c];
    }
    json["splits"][to_string(part.split)] = {
        {"images", images}, {"cut", part.cut}, {"classes", classes}};
  }
  json["groups"] = {
      {"count", summary.groups}, {"images", summary.grouped}, {"largest", summary.largest}};
  if (!flags.csv.empty()) write_file_atomic(flags.csv, split_csv(experiment.data));
  context.console.print(table_of(summary));
  context.console.result(json);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_data_split(Options& options) {
  auto flags = std::make_shared<SplitFlags>();
  options.add({{"dir", &flags->dir, "", "the data, if not as an experiment's --data says"}});
  add_experiment_flags(options, flags->experiment, FileArgument::kNone, {"data.", "image."});
  options.add({{"--csv", &flags->csv, "FILE", "write which image is where"}});
  options.examples = {{"tailor data split photos", "what is trained on and what is tested on"},
                      {"tailor data split photos --set data.test_size=0.25 --csv split.csv",
                       "a larger test set, and the table of all files"}};
  options.files =
      "Reads the data, and makes them ready where they are not; writes the table of --csv.";
  return [flags](Context& context) { return run_split(*flags, context); };
}

}  // namespace tailor::internal
