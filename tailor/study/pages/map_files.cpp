#include "tailor/study/pages/map_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tailor/core/csv.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/formats/npy.hpp"
#include "tailor/formats/projector.hpp"
#include "tailor/report/picture/animation.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/image_source.hpp"
#include "tailor/study/own_data.hpp"
#include "tailor/train/calibration.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLearned = "learned features";

bool wants(const MapFiles& files, const std::string& format) {
  return std::find(files.formats.begin(), files.formats.end(), format) != files.formats.end();
}

// "raw pixels" -> "raw_pixels".
std::string file_stem(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

std::string split_of(const MapSubject& subject, std::size_t i) {
  return split_name(subject.indices[i] >= subject.first_test);
}

std::string coordinates_csv(const std::vector<Map>& maps, const MapSubject& subject) {
  const Rows points = subject.points();
  std::vector<std::string> header = {"split", "index", "label", "class"};
  for (const Map& map : maps) {
    for (int d = 0; d < map.embedding.dimensions; ++d) {
      header.push_back(fmt::format("{}_{}", file_stem(map.embedding.name), "xyz"[d]));
    }
  }
  Csv csv(header);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto label = std::size_t(points.label(i));
    std::vector<std::string> row = {split_of(subject, i), std::to_string(points.number(i)),
                                    std::to_string(label), subject.set.class_names[label]};
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
                        const MapSubject& subject) {
  const Rows points = subject.points();
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < points.size(); ++i) {
    pixels.insert(pixels.end(), points.image(i).begin(), points.image(i).end());
  }
  ProjectorData data;
  data.points = points.size();
  data.images = pixels;
  data.shape = subject.set.shape;
  const Embedding& last = maps.back().embedding;
  const bool learned = last.name != "raw pixels";
  data.name = learned ? last.name : last.name + ", t-SNE";
  data.vectors = learned ? std::span<const float>(subject.features.values)
                         : std::span<const float>(last.coordinates());
  data.columns = learned ? int(subject.features.count) : last.dimensions;
  data.metadata_columns = {"class", "split", "index"};
  for (std::size_t i = 0; i < points.size(); ++i) {
    data.metadata.push_back({subject.set.class_names[points.label(i)], split_of(subject, i),
                             std::to_string(points.number(i))});
  }
  write_projector(folder, data);
}

Json seconds_json(const Map& map) {
  const MapSeconds& s = map.seconds;
  return {{"components", s.components},
          {"neighbours", s.neighbours},
          {"tsne", s.tsne},
          {"quality", s.quality},
          {"all", s.all()}};
}

// Images keep the numbers they have in their own split.
void append(Dataset& set, const Dataset& more) {
  Indices numbers;
  for (const Dataset* part : {&std::as_const(set), &more}) {
    for (std::size_t i = 0; i < part->size(); ++i) numbers.push_back(part->number_of(i));
  }
  set.origin = std::move(numbers);
  set.pixels.append(more.pixels);
  set.labels.insert(set.labels.end(), more.labels.begin(), more.labels.end());
}

// All images, under the names that the folder gives.
DataOptions data_of(const MapSource& source, const MapSubject& subject) {
  DataOptions data;
  if (subject.model) {
    data = data_for(*subject.model, source.dir);
  } else if (!source.dir.empty()) {
    data.dir = source.dir;
  }
  data.train_limit = data.test_limit = 0;
  data.class_names.clear();
  return data;
}

void read_images(MapSubject& subject, const MapSource& source, const DataOptions& data) {
  if (source.split == "test") {
    subject.set = load_set(data, Split::kTest);
  } else {
    subject.set = load_set(data, Split::kTrain);
    subject.first_test = subject.set.size();
    if (source.split == "all") append(subject.set, load_set(data, Split::kTest));
  }
  subject.indices = slice_of(subject.set, std::size_t(source.limit), source.seed).indices;
}

}  // namespace

MapSubject read_map_subject(const MapSource& source, Engine& engine) {
  MapSubject subject;
  if (!source.model.empty()) subject.model = open_model(source.model);
  if (source.of == "features" && !subject.model) {
    throw bad_input("--of features needs --model RUN: a run's folder or a model file");
  }
  const DataOptions data = data_of(source, subject);
  subject.dir = data.dir;
  read_images(subject, source, data);
  if (subject.model) {
    const Model& model = *subject.model;
    const std::vector<std::string>& names = model.experiment.data.class_names;
    if (source.dir.empty() && !names.empty()) {
      name_classes(subject.set, names, model.file.string());
    }
    check_fits(model, subject.set, subject.dir);
    subject.set.class_names = model.class_names;  // it may know more classes
    subject.features = features(model, engine, subject.points());
    subject.probabilities = predict(model, engine, subject.points());
  }
  return subject;
}

std::optional<std::vector<Map>> make_maps(const MapSource& source, const TsneOptions& options,
                                          const MapSubject& subject, Engine& engine,
                                          const Observer& observer) {
  std::vector<Map> maps;
  const Rows points = subject.points();
  const std::vector<Label> labels = labels_of(points);
  const auto add = [&](const std::string& name, std::span<const float> values) {
    const Embedding* beside = maps.empty() ? nullptr : &maps.front().embedding;
    auto map = make_map({name, values, points.size(), labels, options, beside}, engine,
                        observer.hooks_for_mapping(name), observer);
    if (map) maps.push_back(std::move(*map));
    return map.has_value();
  };
  const bool raw = source.of != "features";
  const bool learned = subject.model && source.of != "raw";
  if (raw && !add("raw pixels", floats_of(points))) return std::nullopt;
  if (learned && !add(kLearned, subject.features.values)) return std::nullopt;
  return maps;
}

const std::vector<std::string>& map_formats() {
  static const std::vector<std::string> kFormats = {"npy", "csv", "html",
                                                    "gif", "png", "projector"};
  return kFormats;
}

namespace {

// Of maps of other images or another model, which an earlier call left and this one does not make:
// beside this one's they would be taken for the same points.
void remove_other_maps(const MapFiles& files, const std::vector<Map>& maps) {
  const auto remove_unless = [&](bool written, const std::string& name) {
    if (!written) remove_file(files.folder / name);
  };
  for (const std::string name : {"raw pixels", kLearned}) {
    const bool made =
        std::ranges::any_of(maps, [&](const Map& map) { return map.embedding.name == name; });
    const std::string stem = file_stem(name);
    remove_unless(made && wants(files, "npy"), stem + "_map.npy");
    remove_unless(made && wants(files, "npy") && name == kLearned, stem + ".npy");
    remove_unless(made && wants(files, "gif"), stem + ".gif");
    remove_unless(made && wants(files, "png"), stem + ".png");
  }
  for (const char* const name :
       {"vectors.tsv", "metadata.tsv", "sprite.png", "projector_config.pbtxt"}) {
    remove_unless(wants(files, "projector"), std::string("projector/") + name);
  }
  remove_unless(wants(files, "csv"), "coordinates.csv");
  remove_unless(wants(files, "html"), "explorer.html");
}

}  // namespace

std::vector<std::string> write_map_files(const MapFiles& files, const MapSubject& subject,
                                         std::vector<Map> maps) {
  const fs::path& folder = files.folder;
  std::vector<std::string> written;
  const auto path_of = [&](const std::string& name) {
    written.push_back((folder / name).string());
    return folder / name;
  };
  const Rows shown = subject.points();
  const std::size_t points = shown.size();
  const std::vector<Label> labels = labels_of(shown);
  const auto& names = subject.set.class_names;
  remove_other_maps(files, maps);
  for (const Map& map : maps) {
    const Embedding& made = map.embedding;
    const std::string stem = file_stem(made.name);
    AnimationOptions look;
    look.size = files.size;
    look.title = fmt::format("{}: {} images, {}", files.title, grouped(double(points)), made.name);
    if (wants(files, "npy")) {
      write_file_atomic(path_of(stem + "_map.npy"),
                        encode_npy(made.coordinates(), {points, std::size_t(made.dimensions)}));
      if (made.name == kLearned) {
        write_file_atomic(path_of(stem + ".npy"),
                          encode_npy(subject.features.values, {points, subject.features.count}));
      }
    }
    if (wants(files, "gif")) {
      write_file_atomic(path_of(stem + ".gif"), animated_map(made, labels, names, look));
    }
    if (wants(files, "png")) {
      write_file_atomic(path_of(stem + ".png"), encode_png(still_map(made, labels, names, look)));
    }
  }
  if (wants(files, "csv")) {
    write_file_atomic(path_of("coordinates.csv"), coordinates_csv(maps, subject));
  }
  if (wants(files, "projector")) write_projector_of(path_of("projector"), maps, subject);
  if (wants(files, "html")) {
    ExplorerData page = explorer_of(shown, subject.first_test, files.title);
    if (subject.model) {
      add_predictions(page, with_temperature(subject.probabilities, subject.set.classes(),
                                             subject.model->temperature.value));
    }
    page.provenance = files.provenance;
    for (Map& map : maps) add_map(page, std::move(map));
    write_file_atomic(path_of("explorer.html"), render_explorer(page));
  }
  return written;
}

Json to_json(const Map& map) {
  const MapQuality& q = map.embedding.quality;
  return {{"name", map.embedding.name},
          {"method", map.embedding.method},
          {"kl", q.kl},
          {"trustworthiness", q.trustworthiness},
          {"trustworthiness_points", q.sampled},
          {"kept_neighbours", q.kept_neighbours},
          {"map_accuracy", q.map_accuracy},
          {"space_accuracy", q.space_accuracy},
          {"seconds", seconds_json(map)}};
}

std::string to_text(const Map& map) {
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

}  // namespace tailor::internal
