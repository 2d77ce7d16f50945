// tailor data cache: images that were made ready, before they are wanted and after.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/study/ready_cache.hpp"
#include "tailor/study/ready_data.hpp"

namespace tailor::internal {
namespace {

struct CacheFlags {
  ExperimentFlags experiment;
  std::string dir;
  bool clear = false;
};

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", double(bytes) / 1e6);
}

Json kept_json(const std::vector<KeptSet>& sets) {
  Json json = Json::array();
  for (const KeptSet& set : sets) {
    json.push_back({{"source", set.source}, {"folder", set.folder.string()}, {"bytes", set.bytes}});
  }
  return json;
}

std::uint64_t bytes_of(const std::vector<KeptSet>& sets) {
  std::uint64_t bytes = 0;
  for (const KeptSet& set : sets) bytes += set.bytes;
  return bytes;
}

void list_kept(const std::vector<KeptSet>& sets, Console& console) {
  std::string text;
  for (const KeptSet& set : sets) {
    text += fmt::format("{:>12}  {}\n", megabytes(set.bytes),
                        set.source.empty() ? set.folder.string() : printable(set.source));
  }
  const std::string place = cache_folder().string();
  console.print(text + (sets.empty()
                            ? fmt::format("nothing is kept in {}", place)
                            : fmt::format("{:>12}  in {}", megabytes(bytes_of(sets)), place)));
  console.result({{"folder", place}, {"sets", kept_json(sets)}, {"bytes", bytes_of(sets)}});
}

void forget_all(std::vector<KeptSet> sets, Console& console) {
  std::erase_if(sets, [&](const KeptSet& set) {
    if (forget(set)) return false;
    console.warn(fmt::format("{} stays: somebody else's files are in it", set.folder.string()));
    return true;
  });
  console.print(fmt::format("{} sets deleted, {}", sets.size(), megabytes(bytes_of(sets))));
  console.result({{"deleted", kept_json(sets)}, {"bytes", bytes_of(sets)}});
}

std::string where_kept(const ReadyData& data) {
  if (!data.why_not_kept().empty()) {
    throw failure("the images cannot be kept: " + data.why_not_kept());
  }
  if (!data.folder().empty()) return "kept in " + data.folder().string();
  return data.source().mnist ? "nothing is kept: MNIST's files are ready as they are"
                             : "nothing is kept: neither XDG_CACHE_HOME nor HOME names a place";
}

// Made ready where it is not.
void make_ready(const DataOptions& options, int threads, Context& context) {
  ReadyData data(options, threads, context.observer());
  Json json = {{"source", options.dir}, {"folder", data.folder().string()}};
  std::string text;
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
    if (!data.has(split)) continue;
    const ReadyPart part = data.part(split);
    json["images"][to_string(split)] = part.set.size();
    text += fmt::format("{:<12}{} images of {}\n", to_string(split),
                        grouped(double(part.set.size())), picture_text(part.set.shape));
  }
  context.console.print(text + where_kept(data));
  context.console.result(json);
}

ExitStatus run_cache(const CacheFlags& flags, Context& context) {
  if (flags.experiment.no_cache) throw bad_input("data cache --no-cache would do nothing");
  Experiment experiment = read_experiment(flags.experiment);
  const bool named = !flags.dir.empty() || flags.experiment.data;
  if (!flags.dir.empty()) experiment.data.dir = flags.dir;
  if (named && !flags.clear) {
    make_ready(experiment.data, experiment.threads, context);
    return ExitStatus::kDone;
  }
  std::vector<KeptSet> sets = kept_sets();
  if (named) {
    const std::string source = absolute_path(experiment.data.dir).string();
    std::erase_if(sets, [&](const KeptSet& set) { return set.source != source; });
  }
  if (flags.clear) {
    forget_all(std::move(sets), context.console);
  } else {
    list_kept(sets, context.console);
  }
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_data_cache(Options& options) {
  auto flags = std::make_shared<CacheFlags>();
  options.add({{"dir", &flags->dir, "", "a set to make ready now; if left out, all are listed"},
               {"--clear", &flags->clear, "", "delete what is kept, of DIR or of all"}});
  add_experiment_flags(options, flags->experiment, FileArgument::kNone, {"data.", "image."});
  options.examples = {
      {"tailor data cache photos", "decodes and resizes them before they are needed"},
      {"tailor data cache", "what is kept of which folder, and its size"},
      {"tailor data cache photos --clear", "deletes what is kept of one"}};
  options.files =
      "Reads the data; writes and deletes below $XDG_CACHE_HOME/tailor or ~/.cache/tailor, nothing "
      "else.";
  return [flags](Context& context) { return run_cache(*flags, context); };
}

}  // namespace tailor::internal
