// tailor data embed: maps of the images, and everything one wants of them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/core/csv.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/embed/components/pca.hpp"
#include "tailor/formats/npy.hpp"
#include "tailor/formats/projector.hpp"
#include "tailor/report/picture/animation.hpp"
#include "tailor/study/image_source.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/pages/maps.hpp"
#include "tailor/study/run_timings.hpp"
#include "tailor/train/calibration.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kFormats = {"npy", "csv", "html", "gif", "png", "projector"};

struct EmbedFlags {
  std::string dir;
  std::string model;
  std::string of;
  std::string split = "all";
  std::string out = "embedding";
  std::vector<std::string> formats = kFormats;
  std::string title;
  int size = AnimationOptions{}.size;
  TsneOptions tsne;
  int limit = 0;
  int threads = 0;
};

// What is embedded: the points, and with a model what it makes of them.
struct Subject {
  std::string dir;
  ImagePoints points;
  std::optional<LoadedModel> model;
  Features features;                 // of the model's last hidden layer
  std::vector<float> probabilities;  // points x classes
};

bool wants(const EmbedFlags& flags, const std::string& format) {
  return std::find(flags.formats.begin(), flags.formats.end(), format) != flags.formats.end();
}

ImagePoints read_points(const EmbedFlags& flags, const std::string& dir) {
  std::optional<Dataset> train, test;
  if (flags.split != "test") train = load_split(dir, Split::kTrain);
  if (flags.split != "train") test = load_split(dir, Split::kTest);
  ImagePoints all = points_of(train ? &*train : nullptr, test ? &*test : nullptr);
  const auto limit = std::size_t(flags.limit);
  return limit == 0 || limit >= all.set.size() ? all : slice_of(all, limit, flags.tsne.seed);
}

Subject read_subject(const EmbedFlags& flags, Engine& engine) {
  Subject subject;
  if (!flags.model.empty()) subject.model = open_model(flags.model);
  if (flags.of == "features" && !subject.model) {
    throw bad_input("--of features needs --model RUN: a run's folder or a model file");
  }
  subject.dir = !flags.dir.empty() ? flags.dir
                : subject.model    ? subject.model->experiment.data.dir
                                   : DataOptions{}.dir;
  subject.points = read_points(flags, subject.dir);
  if (subject.model) {
    LoadedModel& model = *subject.model;
    check_fits(model, subject.points.set, subject.dir);
    subject.points.set.class_names = model.class_names;  // it may know more classes
    const DataView rows = all_rows(subject.points.set);
    subject.features = features(model.spec, model.params, engine, model.precision, rows);
    subject.probabilities = predict(model.spec, model.params, engine, model.precision, rows);
  }
  return subject;
}

// The maps asked for; nullopt when stopped.
std::optional<std::vector<Map>> make_maps(const EmbedFlags& flags, const Subject& subject,
                                          Engine& engine, Context& context) {
  std::vector<Map> maps;
  const std::size_t points = subject.points.set.size();
  const auto add = [&](const std::string& name, std::span<const float> values) {
    const Embedding* beside = maps.empty() ? nullptr : &maps.front().embedding;
    auto map = make_map({name, values, points, subject.points.set.labels, flags.tsne, beside},
                        engine, context.observer().hooks_for_mapping(name));
    if (map) maps.push_back(std::move(*map));
    return map.has_value();
  };
  const bool raw = flags.of != "features";
  const bool learned = subject.model && flags.of != "raw";
  if (raw && !add("raw pixels", as_floats(subject.points.set.pixels))) return std::nullopt;
  if (learned && !add("learned features", subject.features.values)) return std::nullopt;
  return maps;
}

// "raw pixels" -> "raw_pixels".
std::string file_stem(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

std::string title_of(const EmbedFlags& flags, const Subject& subject) {
  if (!flags.title.empty()) return flags.title;
  const std::string folder = fs::path(subject.dir).lexically_normal().filename().string();
  return folder.empty() ? "images" : folder;
}

std::string coordinates_csv(const std::vector<Map>& maps, const Subject& subject) {
  const ImagePoints& points = subject.points;
  std::vector<std::string> header = {"split", "index", "label", "class"};
  for (const Map& map : maps) {
    for (int d = 0; d < map.embedding.dimensions; ++d) {
      header.push_back(fmt::format("{}_{}", file_stem(map.embedding.name), "xyz"[d]));
    }
  }
  Csv csv(header);
  for (std::size_t i = 0; i < points.set.size(); ++i) {
    const auto label = std::size_t(points.set.labels[i]);
    std::vector<std::string> row = {split_name(points.in_test[i]),
                                    std::to_string(points.indices[i]), std::to_string(label),
                                    points.set.class_names[label]};
    for (const Map& map : maps) {
      const auto columns = std::size_t(map.embedding.dimensions);
      for (std::size_t d = 0; d < columns; ++d) {
        row.push_back(fmt::format("{}", map.embedding.coordinates()[i * columns + d]));
      }
    }
    csv.add(row);
  }
  return csv.text();
}

// What the projector shows: what the network sees where there is one, the map otherwise.
void write_projector_of(const fs::path& folder, const std::vector<Map>& maps,
                        const Subject& subject) {
  const ImagePoints& points = subject.points;
  ProjectorData data;
  data.points = points.set.size();
  data.images = points.set.pixels;
  data.shape = points.set.shape;
  const Embedding& last = maps.back().embedding;
  const bool learned = last.name != "raw pixels";
  data.name = learned ? last.name : last.name + ", t-SNE";
  data.vectors = learned ? std::span<const float>(subject.features.values)
                         : std::span<const float>(last.coordinates());
  data.columns = learned ? int(subject.features.count) : last.dimensions;
  data.metadata_columns = {"class", "split", "index"};
  for (std::size_t i = 0; i < data.points; ++i) {
    data.metadata.push_back({points.set.class_names[points.set.labels[i]],
                             split_name(points.in_test[i]), std::to_string(points.indices[i])});
  }
  write_projector(folder, data);
}

Json quality_json(const Map& map) {
  const MapQuality& q = map.embedding.quality;
  return {{"name", map.embedding.name},
          {"method", map.embedding.method},
          {"kl", q.kl},
          {"trustworthiness", q.trustworthiness},
          {"trustworthiness_points", q.sampled},
          {"kept_neighbours", q.kept_neighbours},
          {"map_accuracy", q.map_accuracy},
          {"space_accuracy", q.space_accuracy}};
}

Json seconds_json(const Map& map) {
  const MapSeconds& s = map.seconds;
  return {{"components", s.components},
          {"neighbours", s.neighbours},
          {"tsne", s.tsne},
          {"quality", s.quality},
          {"all", s.all()}};
}

std::string quality_text(const Map& map) {
  const MapQuality& q = map.embedding.quality;
  const MapSeconds& s = map.seconds;
  return fmt::format(
      "{}\n"
      "  KL divergence        {:.4f}\n"
      "  trustworthiness      {:.4f}   (k = 10, {} points)\n"
      "  neighbours kept      {:.1f} %   (of the 10 nearest)\n"
      "  10-neighbour vote    {:.2f} % right on the map, {:.2f} % in the space\n"
      "  time                 {} (components {}, neighbours {}, t-SNE {}, quality {})\n",
      map.embedding.name, q.kl, q.trustworthiness, grouped(q.sampled), 100 * q.kept_neighbours,
      100 * q.map_accuracy, 100 * q.space_accuracy, duration_text(s.all()),
      duration_text(s.components), duration_text(s.neighbours), duration_text(s.tsne),
      duration_text(s.quality));
}

std::vector<std::pair<std::string, std::string>> provenance_of(const Subject& subject,
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

// Everything asked for, into the folder; returns the paths.
std::vector<std::string> write_maps(const EmbedFlags& flags, const Subject& subject,
                                    std::vector<Map> maps, Context& context) {
  const fs::path folder = flags.out;
  std::vector<std::string> written;
  const auto path_of = [&](const std::string& name) {
    written.push_back((folder / name).string());
    return folder / name;
  };
  const std::string title = title_of(flags, subject);
  const std::size_t points = subject.points.set.size();
  const auto& names = subject.points.set.class_names;
  for (const Map& map : maps) {
    const Embedding& made = map.embedding;
    const std::string stem = file_stem(made.name);
    AnimationOptions look;
    look.size = flags.size;
    look.title = fmt::format("{}: {} images, {}", title, grouped(double(points)), made.name);
    if (wants(flags, "npy")) {
      write_file_atomic(path_of(stem + ".npy"),
                        encode_npy(made.coordinates(), {points, std::size_t(made.dimensions)}));
    }
    if (wants(flags, "gif")) {
      write_file_atomic(path_of(stem + ".gif"),
                        animated_map(made, subject.points.set.labels, names, look));
    }
    if (wants(flags, "png")) {
      write_file_atomic(path_of(stem + ".png"),
                        encode_png(still_map(made, subject.points.set.labels, names, look)));
    }
  }
  if (wants(flags, "csv")) {
    write_file_atomic(path_of("coordinates.csv"), coordinates_csv(maps, subject));
  }
  if (wants(flags, "projector")) write_projector_of(path_of("projector"), maps, subject);
  if (wants(flags, "html")) {
    ExplorerData page = explorer_of(subject.points, title);
    if (subject.model) {
      add_predictions(page, with_temperature(subject.probabilities, subject.points.set.classes(),
                                             subject.model->temperature.value));
    }
    page.provenance = provenance_of(subject, context);
    for (Map& map : maps) add_map(page, std::move(map));
    write_file_atomic(path_of("explorer.html"), render_explorer(page));
  }
  return written;
}

void check_flags(const EmbedFlags& flags) {
  for (const std::string& format : flags.formats) {
    if (std::find(kFormats.begin(), kFormats.end(), format) == kFormats.end()) {
      throw bad_input(
          fmt::format("--formats: {} is none of {}", format, fmt::join(kFormats, ", ")));
    }
  }
}

ExitStatus run_embed(const EmbedFlags& flags, Context& context) {
  check_flags(flags);
  Engine engine(flags.threads);
  const Subject subject = read_subject(flags, engine);
  make_folder(flags.out);  // shows early whether it can be written
  auto maps = make_maps(flags, subject, engine, context);
  if (!maps) {
    context.console.note("interrupted; nothing was written");
    return ExitStatus::kInterrupted;
  }
  Json json = {{"points", subject.points.set.size()}, {"maps", Json::array()}};
  std::string text;
  for (const Map& map : *maps) {
    Json entry = quality_json(map);
    entry["seconds"] = seconds_json(map);
    json["maps"].push_back(entry);
    text += quality_text(map);
  }
  const auto written = write_maps(flags, subject, std::move(*maps), context);
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
      {"dir,--data", &flags->dir, "DIR", "folder with the four IDX files; the model's, if given"},
      {"--model", &flags->model, "RUN", "a run's folder or a model file: maps what it sees, too"},
      {"--of", &flags->of, "TEXT", "raw, features or both; all there is if left out",
       one_of("raw|features|both")},
      {"--split", &flags->split, "TEXT", "train, test or all",
       default_shown(one_of("train|test|all"))},
      {"--limit", &flags->limit, "N", "a stratified slice of so many images, 0 = all",
       between(0, 1'000'000)},
      {"--dimensions", &flags->tsne.dimensions, "INT", "2 or 3", default_shown(between(2, 3))},
      {"--perplexity", &flags->tsne.perplexity, "FLOAT", "how many neighbours count",
       default_shown(between(1, 500))},
      {"--steps", &flags->tsne.steps, "INT",
       "of the optimisation; the first third, at most 250, with exaggeration",
       default_shown(between(3, 100'000))},
      {"--frames", &flags->tsne.frames, "INT", "moments kept for the animation",
       default_shown(between(2, 1000))},
      {"--seed", &flags->tsne.seed, "N", "of the jitter and of the slice", default_shown()},
      {"--formats", &flags->formats, "LIST", "npy, csv, html, gif, png, projector",
       separated_by(',')},
      {"--size", &flags->size, "N", "of the GIF's square in pixels; the PNG is twice as large",
       default_shown(between(200, 2000))},
      {"--title", &flags->title, "TEXT", "of the page and the pictures"},
      {"--out", &flags->out, "DIR", "folder to write into", default_shown()},
      threads_option(&flags->threads),
  });
  return [flags](Context& context) {
    flags->tsne.exaggerated_steps = std::min(flags->tsne.exaggerated_steps, flags->tsne.steps / 3);
    return run_embed(*flags, context);
  };
}

}  // namespace tailor
