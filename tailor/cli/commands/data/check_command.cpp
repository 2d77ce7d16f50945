// tailor data check: what is odd about a data set.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/progress.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/folder_lock.hpp"
#include "tailor/core/lasting.hpp"
#include "tailor/embed/components/pca.hpp"
#include "tailor/study/held_out.hpp"
#include "tailor/study/pages/data_check.hpp"
#include "tailor/study/pages/maps.hpp"

namespace tailor::internal {
namespace {

struct CheckFlags {
  std::string dir = DataOptions{}.dir;
  std::string out = "data-check";
  CheckOptions options;
  bool no_labels = false;
  bool no_cache = false;
  int folds = 0;
  int epochs = 0;
  std::uint64_t seed = 1;
  int threads = 0;
};

Experiment judges(const CheckFlags& flags, const Dataset& train) {
  Experiment experiment = quick_judges(train, flags.seed);
  if (flags.folds == 1) throw bad_input("--folds takes 0 or 2 to 100, not 1");
  if (flags.folds > 0) experiment.search.cv = flags.folds;
  if (flags.epochs > 0) experiment.trial.epochs = flags.epochs;
  experiment.search.parallel = flags.threads;  // one thread each: never changes a result
  return experiment;
}

std::optional<HeldOutPredictions> predict_held_out(const CheckFlags& flags, const Dataset& train,
                                                   Context& context) {
  Progress progress(context.console);
  SearchHooks hooks;
  hooks.stop = &context.stop();
  hooks.on_progress = [&](const StudyProgress& now) {
    progress.update({.label = "labels",
                     .share = now.total > 0 ? double(now.done) / now.total : 0,
                     .detail = fmt::format("{}/{} folds", now.done, now.total),
                     .seconds_left = now.seconds_left});
  };
  const Experiment experiment = judges(flags, train);
  auto probabilities = cross_validated_probabilities(experiment, train, hooks);
  if (!probabilities) return std::nullopt;
  const Evaluation held_out = evaluate_predictions(*probabilities, train.labels, train.class_names);
  return HeldOutPredictions{
      std::move(*probabilities),
      fmt::format("held-out predictions of a small net, {} folds of {} epochs, accuracy {:.1f} %",
                  experiment.search.cv, stage_options(experiment, experiment.trial).epochs,
                  100 * held_out.accuracy)};
}

// The test images, on a map of their pixels where there are enough of them; nullopt when stopped.
std::optional<ExplorerData> page_of(const Dataset& test, const CheckFlags& flags, Engine& engine,
                                    Context& context) {
  constexpr std::size_t kMapped = 10000;  // three seconds
  const Rows points = slice_of(test, kMapped, flags.seed);
  ExplorerData page = explorer_of(points, 0, "Data check");
  TsneOptions options;
  options.seed = flags.seed;
  const std::vector<float> values = floats_of(points);
  if (!can_be_mapped(values, points.size())) return page;
  auto map = make_map({"raw pixels", values, points.size(), labels_of(points), options}, engine,
                      context.observer().hooks_for_mapping("map"), context.observer());
  if (!map) return std::nullopt;
  add_map(page, std::move(*map));
  return page;
}

ExitStatus stopped(Context& context) {
  return context.interrupted("interrupted; nothing was written");
}

ExitStatus run_check(const CheckFlags& flags, Context& context) {
  DataOptions data{.dir = flags.dir};
  data.cache = !flags.no_cache;
  const Dataset train = load_part(data, Split::kTrain, 0, context.observer()).set;
  const Dataset test = load_set(data, Split::kTest);
  make_folder(flags.out);  // shows early whether it can be written
  const FolderLock lock(flags.out);
  std::optional<HeldOutPredictions> predictions;
  if (!flags.no_labels) {
    try {
      predictions = predict_held_out(flags, train, context);
      if (!predictions) return stopped(context);
    } catch (const Error& error) {
      if (!is_lasting(error)) throw;
      // Too few images of a class, or too small ones for the net: the rest goes on.
      context.console.warn(fmt::format("the labels are not judged: {}", error.what()));
    }
  }
  Engine engine(flags.threads);
  const Findings findings =
      check_data(train, test, predictions, flags.options, engine, context.observer());
  auto page = page_of(test, flags, engine, context);
  if (!page) return stopped(context);
  Console& console = context.console;
  context.interruption.end_at_once(kSomeWritten);
  console.busy("writing");
  const DataFindings counts = count(findings, train);
  std::string text = to_text(counts);
  Json json = to_json(counts);
  json["files"] = Json::array();
  const auto tell = [&](const std::filesystem::path& file) {
    text += file.string() + "\n";
    json["files"].push_back(file.string());
  };
  for (const auto& file : write_findings(flags.out, findings, train, test)) tell(file);
  page->check = check_page(findings, train, test);
  page->provenance = {{"data", flags.dir}, {"seed", std::to_string(flags.seed)}};
  const std::filesystem::path file = std::filesystem::path(flags.out) / "data-check.html";
  write_file_atomic(file, render_explorer(*page));
  tell(file);
  console.print(text);
  console.result(json);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_data_check(Options& options) {
  auto flags = std::make_shared<CheckFlags>();
  options.add({
      {"dir,--data", &flags->dir, "DIR", "a folder of pictures for each class, a list, arrays"},
      no_cache_option(&flags->no_cache),
      {"--out", &flags->out, "DIR", "folder to write into"},
      {"--near", &flags->options.near, "FLOAT",
       "near duplicates: this share of the median distance to a nearest neighbour", between(0, 1)},
      {"--no-labels", &flags->no_labels, "", "train nothing, suspect no labels"},
      {"--folds", &flags->folds, "K", "of the nets that judge the labels, 0 = as the data want",
       between(0, 100)},
      {"--epochs", &flags->epochs, "N", "of each of them, 0 = as the data want", between(0, 1000)},
      {"--seed", &flags->seed, "N", "of the nets"},
      threads_option(&flags->threads),
  });
  options.examples = {
      {"tailor data check my-data", "duplicates, odd images and doubtful labels, in data-check/"},
      {"tailor data check my-data --no-labels --near 0.1",
       "trains nothing, and lists closer pairs only"}};
  options.files = "Reads the data; writes data-check.html and CSV files into the folder of --out.";
  return [flags](Context& context) { return run_check(*flags, context); };
}

}  // namespace tailor::internal
