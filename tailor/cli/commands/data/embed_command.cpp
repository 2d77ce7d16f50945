// tailor data embed: maps of the images, and everything one wants of them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/folder_lock.hpp"
#include "tailor/report/picture/animation.hpp"
#include "tailor/study/pages/map_files.hpp"
#include "tailor/study/run_timings.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct EmbedFlags {
  std::string dir;
  std::string model;
  std::string of;
  std::string split = "all";
  std::string out = "embedding";
  std::vector<std::string> formats = map_formats();
  std::string title;
  int size = AnimationOptions{}.size;
  TsneOptions tsne;
  int limit = 0;
  int threads = 0;
};

MapSource source_of(const EmbedFlags& flags) {
  return {flags.dir, flags.model, flags.of, flags.split, flags.limit, flags.tsne.seed};
}

std::string title_of(const EmbedFlags& flags, const MapSubject& subject) {
  if (!flags.title.empty()) return flags.title;
  const std::string folder = fs::path(subject.dir).lexically_normal().filename().string();
  return folder.empty() ? "images" : folder;
}

std::vector<std::pair<std::string, std::string>> provenance_of(const MapSubject& subject,
                                                               const Context& context) {
  // Without the number of threads, which changes no byte.
  std::string command;
  for (std::size_t i = 0; i < context.command.size(); ++i) {
    const std::string& word = context.command[i];
    if (word.starts_with("--threads=")) continue;
    if (word == "--threads") {
      ++i;
    } else {
      command += (command.empty() ? "" : " ") + word;
    }
  }
  std::vector<std::pair<std::string, std::string>> rows = {{"data", subject.dir}};
  if (subject.model) {
    rows.emplace_back("model", subject.model->file.string());
  }
  rows.emplace_back("command", command);
  const auto made = provenance();
  for (const char* key : {"tailor", "commit"}) {
    if (made.contains(key)) rows.emplace_back(key, made.at(key));
  }
  return rows;
}

void check_flags(const EmbedFlags& flags) {
  for (const std::string& format : flags.formats) {
    if (std::ranges::find(map_formats(), format) == map_formats().end()) {
      throw bad_input(
          fmt::format("--formats: {} is none of {}", format, fmt::join(map_formats(), ", ")));
    }
  }
}

ExitStatus run_embed(const EmbedFlags& flags, Context& context) {
  check_flags(flags);
  Engine engine(flags.threads);
  const MapSubject subject = read_map_subject(source_of(flags), engine);
  make_folder(flags.out);  // shows early whether it can be written
  const FolderLock lock(flags.out);
  auto maps = make_maps(source_of(flags), flags.tsne, subject, engine, context.observer());
  if (!maps) return context.interrupted("interrupted; nothing was written");
  context.interruption.end_at_once(kSomeWritten);
  context.console.busy("writing");
  Json json = {{"points", subject.indices.size()}, {"maps", Json::array()}};
  std::string text;
  for (const Map& map : *maps) {
    json["maps"].push_back(to_json(map));
    text += to_text(map);
  }
  const auto written = write_map_files({flags.out, flags.formats, title_of(flags, subject),
                                        flags.size, provenance_of(subject, context)},
                                       subject, std::move(*maps));
  for (const std::string& file : written) text += file + "\n";
  json["files"] = written;
  context.console.print(text);
  context.console.result(json);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_data_embed(Options& options) {
  auto flags = std::make_shared<EmbedFlags>();
  options.add({
      {"dir,--data", &flags->dir, "DIR", "a set of images; the model's, if given"},
      {"--model", &flags->model, "RUN", "a run's folder or a model file: maps what it sees, too"},
      {"--of", &flags->of, "TEXT", "raw, features or both; all there is if left out",
       one_of("raw|features|both")},
      {"--split", &flags->split, "TEXT", "train, test or all", one_of("train|test|all")},
      {"--limit", &flags->limit, "N", "a stratified slice of so many images, 0 = all",
       between(0, 1'000'000)},
      {"--dimensions", &flags->tsne.dimensions, "INT", "2 or 3", between(2, 3)},
      {"--perplexity", &flags->tsne.perplexity, "FLOAT", "how many neighbours count",
       between(1, 500)},
      {"--steps", &flags->tsne.steps, "INT",
       "of the optimisation; the first third, at most 250, with exaggeration", between(3, 100'000)},
      {"--frames", &flags->tsne.frames, "INT", "moments kept for the animation", between(2, 1000)},
      {"--seed", &flags->tsne.seed, "N", "of the jitter and of the slice"},
      {"--formats", &flags->formats, "LIST", "npy, csv, html, gif, png, projector",
       separated_by(',')},
      {"--size", &flags->size, "N", "of the GIF's square in pixels; the PNG is twice as large",
       between(200, 2000)},
      {"--title", &flags->title, "TEXT", "of the page and the pictures"},
      {"--out", &flags->out, "DIR", "folder to write into"},
      threads_option(&flags->threads),
  });
  options.examples = {{"tailor data embed my-data", "maps of all images, in embedding/"},
                      {"tailor data embed --model runs/quick --split test --limit 2000",
                       "what a model sees of 2,000 test images"},
                      {"tailor data embed --limit 500 --dimensions 3 --formats npy,csv",
                       "coordinates in space, without pages"}};
  options.files =
      "Reads the data and the model; writes the files of --formats into the folder of --out.";
  return [flags](Context& context) {
    flags->tsne.exaggerated_steps = std::min(flags->tsne.exaggerated_steps, flags->tsne.steps / 3);
    return run_embed(*flags, context);
  };
}

}  // namespace tailor::internal
