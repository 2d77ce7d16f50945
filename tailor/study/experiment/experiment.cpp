#include "tailor/study/experiment/experiment.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"
#include "tailor/core/toml.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/study/experiment/checks.hpp"

namespace tailor::internal {
namespace {

constexpr double kLargestSeed = 9007199254740992.0;  // 2^53: exact in JSON and in TOML

FieldList fields_of(DataOptions& options) {
  return {
      {.path = "dir",
       .target = &options.dir,
       .help = "a folder of pictures for each class, a list, arrays (docs/your-data.md)",
       .scope = Scope::kSource},
      {.path = "train_limit",
       .target = &options.train_limit,
       .help = "a stratified slice of so many training images, 0 = all",
       .min = 0},
      {.path = "test_limit",
       .target = &options.test_limit,
       .help = "the same of the test images",
       .min = 0},
      {.path = "class_names",
       .target = &options.class_names,
       .help = "names of the classes in label order, [] = as the folder names them"},
      {.path = "transpose",
       .target = &options.transpose,
       .help = "rows of the set's arrays are columns, as in EMNIST"},
      {.path = "invert", .target = &options.invert, .help = "what is dark in the set is bright"},
      {.path = "bad_files",
       .target = &options.bad_files,
       .help = "what files that are no pictures do: end the work, or be left out and listed",
       .choices = {"refuse", "skip"}},
      {.path = "group",
       .target = &options.group,
       .help = "images on one side of every split: auto = those that are nearly the same, none, or "
               "a column of the list"},
      {.path = "test_size",
       .target = &options.test_size,
       .help = "share of the images to test on, where no test images are given",
       .min = 0,
       .max = 0.9},
      {.path = "validation_size",
       .target = &options.validation_size,
       .help = "share of the training images to validate on, where none are given",
       .min = 0,
       .max = 0.9},
      {.path = "random_state",
       .target = &options.random_state,
       .help = "of both cuts",
       .min = 0,
       .max = 4294967295.0},
      {.path = "cache",
       .target = &options.cache,
       .help = "keep images that were made ready for the next time",
       .scope = Scope::kMachine},
  };
}

FieldList fields_of(ImageOptions& options) {
  return {
      {.path = "size",
       .target = &options.size,
       .help = "height and width that the net sees, [] or \"auto\" = as suits the training images",
       .min = 1,
       .max = 4096},
      {.path = "channels",
       .target = &options.channels,
       .help = "1 gray, 3 RGB, 0 = RGB where any training image has colours",
       .min = 0,
       .max = 3},
      {.path = "fit",
       .target = &options.fit,
       .help = "how a picture of other proportions gets there: whole with background around, its "
               "middle, or out of proportion",
       .choices = {"pad", "crop", "stretch"}},
      {.path = "filter",
       .target = &options.filter,
       .help = "of the resizing, as Pillow's",
       .choices = {"box", "bilinear", "bicubic"}},
      {.path = "background",
       .target = &options.background,
       .help = "red, green and blue behind what is transparent, and around, [] = white",
       .min = 0,
       .max = 255},
      {.path = "upright", .target = &options.upright, .help = "turn pictures as their EXIF says"},
  };
}

FieldList stage_fields(StageOptions& stage, const std::string& what) {
  return {{.path = "epochs",
           .target = &stage.epochs,
           .help = fmt::format("epochs of {}, 0 = as [train] says", what),
           .min = 0,
           .max = kMostEpochs}};
}

FieldList final_fields(FinalOptions& options) {
  FieldList list = stage_fields(options, "the final model");
  list.push_back({.path = "calibration",
                  .target = &options.calibration,
                  .help = "share of the training images kept out to fit the temperature on",
                  .min = 0,
                  .max = 0.5});
  list.push_back({.path = "reject_precision",
                  .target = &options.reject_precision,
                  .help = "share of the answers that is to be right, for which less sure ones are "
                          "kept back as \"unsure\", 0 = none are",
                  .min = 0,
                  .max = 1,
                  .quiet = true});
  return list;
}

FieldList fields_of(ReportOptions& options) {
  return {{.path = "points",
           .target = &options.points,
           .help = "test images on the explorer's map, 0 = no explorer page",
           .min = 0,
           .max = 70000}};
}

// "model.layer.2.filters", "model.layer.5.body.0.filters": searched and set like any other option.
void append_layers(FieldList& list, const std::string& prefix, std::vector<Layer>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string path = fmt::format("{}.{}", prefix, i);
    append_fields(list, path, fields_of(layers[i]));
    if (auto* residual = std::get_if<Residual>(&layers[i].kind)) {
      append_layers(list, path + ".body", residual->body);
    }
  }
}

// An empty list, or what is quiet and as by default.
bool says_nothing(const Field& field, const Field& by_default) {
  if (field.quiet && to_toml(field) == to_toml(by_default)) return true;
  if (auto* const* texts = std::get_if<std::vector<std::string>*>(&field.target)) {
    return (*texts)->empty();
  }
  auto* const* numbers = std::get_if<std::vector<int>*>(&field.target);
  return numbers != nullptr && (*numbers)->empty();
}

// The options that are written as `key = value` under a [table]: everything but the layers.
FieldList table_fields(Experiment& e) {
  FieldList list = {
      {.path = "name",
       .target = &e.name,
       .help = "names the run's folder and report",
       .scope = Scope::kName},
      {.path = "out",
       .target = &e.out,
       .help = "the run's folder, \"\" = runs/<name>",
       .scope = Scope::kMachine},
      {.path = "seed",
       .target = &e.seed,
       .help = "of weights, order of images and dropout",
       .min = 0,
       .max = kLargestSeed},
      {.path = "threads",
       .target = &e.threads,
       .help = "0 = all cores this process may use",
       .min = 0,
       .max = 1024,
       .scope = Scope::kMachine},
      {.path = "precision",
       .target = &e.precision,
       .help = "arithmetic of the layers; auto = what pays on this CPU",
       .choices = {"auto", "bf16", "f32"}},
  };
  append_fields(list, "data", scoped(fields_of(e.data), Scope::kImages));
  append_fields(list, "image", scoped(fields_of(e.data.image), Scope::kImages));
  append_fields(list, "model", fields_of(e.model));
  append_fields(list, "train", fields_of(e.train));
  append_fields(list, "augment", fields_of(e.augment));
  append_fields(list, "first", scoped(stage_fields(e.first, "the first model"), Scope::kStages));
  append_fields(list, "search", scoped(fields_of(e.search), Scope::kSearch));
  append_fields(list, "search", scoped(stage_fields(e.trial, "each trial"), Scope::kSearch));
  append_fields(list, "final", scoped(final_fields(e.final), Scope::kStages));
  append_fields(list, "report", scoped(fields_of(e.report), Scope::kPage));
  return list;
}

// to_text keeps the point of a double (2.0), so that it reads back as one.
std::string number_text(double value) {
  return to_text(Value(value));
}

std::string dimension_text(const Dimension& dimension) {
  if (const auto* range = std::get_if<UniformRange>(&dimension.from)) {
    return fmt::format("{{uniform = [{}, {}]}}", number_text(range->loc),
                       number_text(range->scale));
  }
  if (const auto* range = std::get_if<LogUniformRange>(&dimension.from)) {
    return fmt::format("{{loguniform = [{}, {}]}}", number_text(range->low),
                       number_text(range->high));
  }
  if (const auto* range = std::get_if<IntegerRange>(&dimension.from)) {
    return fmt::format("{{randint = [{}, {}]}}", range->low, range->high);
  }
  std::string out;
  for (const Value& value : std::get<Choices>(dimension.from)) {
    out += (out.empty() ? "" : ", ") + to_toml(value);
  }
  return fmt::format("[{}]", out);
}

// With all options of every layer, or those of telling_fields().
void write_layers(std::string& out, const std::string& path, std::vector<Layer>& layers, bool all) {
  for (Layer& layer : layers) {
    out += fmt::format("\n[[{}]]\ntype = {}\n", path, toml_text(layer_type(layer)));
    for (const Field& field : all ? fields_of(layer) : telling_fields(layer)) {
      out += fmt::format("{} = {}\n", field.path, to_toml(field));
    }
    if (auto* residual = std::get_if<Residual>(&layer.kind)) {
      write_layers(out, path + ".body", residual->body, all);
    }
  }
}

void write_spaces(std::string& out, const std::vector<Space>& spaces) {
  const char* header = spaces.size() == 1 ? "\n[search.space]\n" : "\n[[search.space]]\n";
  for (const Space& space : spaces) {
    out += header;
    for (const Dimension& dimension : space) {
      out += fmt::format("{} = {}\n", toml_text(dimension.path), dimension_text(dimension));
    }
  }
}

const Field& known_field(const FieldList& fields, const std::string& path) {
  const Field* field = find_field(fields, path);
  if (field == nullptr) throw bad_input(unknown_option_text(path, fields));
  return *field;
}

}  // namespace

FieldList fields_of(Experiment& experiment) {
  FieldList list = table_fields(experiment);
  append_layers(list, "model.layer", experiment.model.layers);
  return list;
}

TrainOptions stage_options(const Experiment& experiment, const StageOptions& stage) {
  TrainOptions options = experiment.train;
  if (stage.epochs > 0) options.epochs = stage.epochs;
  return options;
}

std::string to_toml(const Experiment& experiment) {
  Experiment copy = experiment;  // fields point at what can be changed
  std::string out;
  std::string table;
  Experiment defaults;
  const FieldList fields = table_fields(copy), default_fields = table_fields(defaults);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    if (says_nothing(field, default_fields[i])) continue;
    const std::size_t dot = field.path.find('.');
    const std::string prefix = dot == std::string::npos ? "" : field.path.substr(0, dot);
    if (prefix != table) out += fmt::format("\n[{}]\n", prefix);
    table = prefix;
    const std::string key = prefix.empty() ? field.path : field.path.substr(dot + 1);
    out += fmt::format("{} = {}\n", key, to_toml(field));
  }
  write_layers(out, "model.layer", copy.model.layers, true);
  write_spaces(out, copy.search.spaces);
  return out;
}

std::string layers_toml(const Spec& spec) {
  std::vector<Layer> layers = spec.layers;
  auto* last = std::get_if<Dense>(&layers.back().kind);
  if (last != nullptr && last->units == spec.classes) last->units = 0;
  std::string out = "[model]\nname = \"custom\"\n";
  if (spec.views != 1) out += fmt::format("views = {}\n", spec.views);
  write_layers(out, "model.layer", layers, false);
  return out;
}

Experiment within(Scopes scopes, const Experiment& experiment) {
  Experiment kept = experiment;
  Experiment defaults;
  defaults.name = "";  // what an experiment is called by default is a name, too
  const FieldList default_fields = table_fields(defaults);
  for (const Field& field : table_fields(kept)) {
    if (!scopes.contains(field.scope)) copy_value(*find_field(default_fields, field.path), field);
  }
  if (!scopes.contains(Scope::kTraining)) kept.model.layers.clear();
  if (!scopes.contains(Scope::kSearch)) kept.search.spaces.clear();
  return kept;
}

Experiment effective(Experiment experiment) {
  experiment.precision = to_string(parse_precision(experiment.precision));
  return experiment;
}

std::string toml_of(const Experiment& experiment, Scopes scopes) {
  return to_toml(within(scopes, experiment));
}

std::string difference(const Experiment& then, const Experiment& now, Scopes scopes) {
  Experiment before = within(scopes, effective(then)), after = within(scopes, effective(now));
  const FieldList old_fields = fields_of(before), new_fields = fields_of(after);
  if (old_fields.size() != new_fields.size()) return "the layers differ";
  for (std::size_t i = 0; i < old_fields.size(); ++i) {
    const std::string old_value = to_toml(old_fields[i]), new_value = to_toml(new_fields[i]);
    if (old_fields[i].path != new_fields[i].path) return "the layers differ";
    if (old_value != new_value) {
      return fmt::format("{} was {} and is {}", old_fields[i].path, old_value, new_value);
    }
  }
  if (before.model.layers != after.model.layers) return "the layers differ";
  return to_toml(before) == to_toml(after) ? "" : "the search space differs";
}

void apply(Experiment& experiment, const Settings& settings) {
  Experiment changed = experiment;
  const FieldList fields = fields_of(changed);
  for (const auto& [path, value] : settings) assign(known_field(fields, path), value);
  check_experiment(changed);
  experiment = changed;
}

void apply_text(Experiment& experiment, const std::string& path_equals_value) {
  const std::size_t equals = path_equals_value.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw bad_input(fmt::format("'{}' sets nothing; write PATH=VALUE, as in model.kernels=24",
                                excerpt(path_equals_value)));
  }
  apply_text(experiment, path_equals_value.substr(0, equals), path_equals_value.substr(equals + 1));
}

void apply_text(Experiment& experiment, const std::string& path, const std::string& value) {
  Experiment changed = experiment;
  const FieldList fields = fields_of(changed);
  assign_text(known_field(fields, path), value);
  check_experiment(changed);
  experiment = changed;
}

}  // namespace tailor::internal
