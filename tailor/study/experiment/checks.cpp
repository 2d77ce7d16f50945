#include "tailor/study/experiment/checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"
#include "tailor/nn/views.hpp"
#include "tailor/search/error_score.hpp"
#include "tailor/train/class_weights.hpp"

namespace tailor::internal {
namespace {

bool varies(const Experiment& experiment, const std::string& path) {
  for (const Space& space : experiment.search.spaces) {
    for (const Dimension& dimension : space) {
      if (dimension.path == path) return true;
    }
  }
  return false;
}

// The values that must be allowed for all to be: each of a list, the ends of a range.
Choices extreme_values(const Dimension& dimension) {
  if (const auto* range = std::get_if<UniformRange>(&dimension.from)) {
    return {range->loc, range->loc + range->scale};
  }
  if (const auto* range = std::get_if<LogUniformRange>(&dimension.from)) {
    return {range->low, range->high};
  }
  if (const auto* range = std::get_if<IntegerRange>(&dimension.from)) {
    return {range->low, range->high - 1};
  }
  return std::get<Choices>(dimension.from);
}

bool draws_fractions(const Dimension& dimension) {
  return std::holds_alternative<UniformRange>(dimension.from) ||
         std::holds_alternative<LogUniformRange>(dimension.from);
}

// "train." of "train.epochs", "model.layer.0." of "model.layer.0.filters", "" of "seed".
std::string table_of_path(const std::string& path) {
  return path.substr(0, path.rfind('.') + 1);
}

// "epochs", "batch", ... of "train.".
std::vector<std::string> options_in(const std::string& table, const FieldList& known) {
  std::vector<std::string> options;
  for (const Field& field : known) {
    if (field.path.starts_with(table)) options.push_back(field.path.substr(table.size()));
  }
  return options;
}

bool whole_numbers_only(const Field& field) {
  return std::holds_alternative<int*>(field.target) ||
         std::holds_alternative<std::uint64_t*>(field.target);
}

}  // namespace

void check_experiment(const Experiment& experiment) {
  const std::string& name = experiment.name;
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    throw bad_input(
        fmt::format("name must be a folder's name without '/', not \"{}\"", excerpt(name)));
  }
  parse_error_score(experiment.search.error_score);
  check_class_weight(experiment.train.class_weight);
  check_views(experiment.model.views);
  const ImageOptions& image = experiment.data.image;
  if (!image.size.empty() && image.size.size() != 2) {
    throw bad_input(fmt::format("image.size takes height and width or \"auto\", not {} numbers",
                                image.size.size()));
  }
  if (image.channels == 2) throw bad_input("image.channels takes 1, 3 or 0, not 2");
  if (!image.background.empty() && image.background.size() != 3) {
    throw bad_input(fmt::format("image.background takes red, green and blue, not {} numbers",
                                image.background.size()));
  }
  if (experiment.trial.epochs > 0 && varies(experiment, "train.epochs")) {
    throw bad_input(
        "search.space varies train.epochs, but search.epochs fixes them; leave out search.epochs");
  }
}

void check_dimension(const Dimension& dimension, const Experiment& experiment) {
  const std::string& path = dimension.path;
  Experiment scratch = experiment;
  const FieldList fields = fields_of(scratch);
  const Field* field = find_field(fields, path);
  if (field == nullptr) {
    throw bad_input(fmt::format("search.space: {}", unknown_option_text(path, fields)));
  }
  if (!is_searchable(path)) {
    throw bad_input(fmt::format(
        "search.space: {} cannot be searched; a trial may vary model.*, train.* and augment.*",
        path));
  }
  if (path.starts_with("model.") && !path.starts_with("model.layer.") &&
      experiment.model.name == "custom") {
    throw bad_input(
        fmt::format("search.space: {} changes nothing in a custom model; name one of its layers, "
                    "as in model.layer.0.filters",
                    path));
  }
  if (draws_fractions(dimension) && whole_numbers_only(*field)) {
    throw bad_input(fmt::format(
        "search.space: {} takes whole numbers; use a list or {{randint = [low, high]}}", path));
  }
  if (path == "model.views" && !std::holds_alternative<Choices>(dimension.from)) {
    throw bad_input("search.space: model.views takes a list of 1, 2 and 6");
  }
  for (const Value& value : extreme_values(dimension)) {
    try {
      assign(*field, value);
      check_views(scratch.model.views);
      check_class_weight(scratch.train.class_weight);
    } catch (const Error& error) {
      throw bad_input(fmt::format("search.space: {}", error.what()));
    }
  }
}

bool is_searchable(const std::string& path) {
  return path.starts_with("train.") || path.starts_with("augment.") ||
         (path.starts_with("model.") && path != "model.name");
}

std::string nearest_path(const std::string& path, const FieldList& known) {
  const std::string table = table_of_path(path);
  const std::string option = path.substr(table.size());
  const std::vector<std::string> neighbours = options_in(table, known);
  const std::string nearest = nearest_name(option, neighbours);
  if (!nearest.empty()) return table + nearest;
  for (const Field& field : known) {
    if (field.path.ends_with("." + option)) return field.path;
  }
  if (!table.empty() && !neighbours.empty()) return "";
  std::vector<std::string> paths, endings;
  for (const Field& field : known) {
    paths.push_back(field.path);
    endings.push_back(field.path.substr(table_of_path(field.path).size()));
  }
  if (!table.empty()) return nearest_name(path, paths);
  const std::string ending = nearest_name(option, endings);
  const auto found = std::find(endings.begin(), endings.end(), ending);
  return found == endings.end() ? "" : paths[std::size_t(found - endings.begin())];
}

std::string unknown_option_text(const std::string& path, const FieldList& known) {
  const std::string shown = excerpt(path);
  const std::string nearest = nearest_path(path, known);
  if (!nearest.empty()) return fmt::format("unknown option {}; did you mean {}?", shown, nearest);
  const std::string table = table_of_path(path);
  const std::vector<std::string> neighbours = options_in(table, known);
  if (table.empty() || neighbours.empty()) {
    return fmt::format("unknown option {}; tailor help experiment lists all", shown);
  }
  return fmt::format("unknown option {}; [{}] has {}", shown, table.substr(0, table.size() - 1),
                     fmt::join(neighbours, ", "));
}

}  // namespace tailor::internal
