#include "tailor/study/experiment/checks.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"
#include "tailor/search/error_score.hpp"

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
  const bool of_model = path.starts_with("model.") && path != "model.name";
  if (!of_model && !path.starts_with("train.")) {
    throw bad_input(fmt::format(
        "search.space: {} cannot be searched; a trial may vary model.* and train.*", path));
  }
  if (of_model && !path.starts_with("model.layer.") && experiment.model.name == "custom") {
    throw bad_input(
        fmt::format("search.space: {} changes nothing in a custom model; name one of its layers, "
                    "as in model.layer.0.filters",
                    path));
  }
  if (draws_fractions(dimension) && whole_numbers_only(*field)) {
    throw bad_input(fmt::format(
        "search.space: {} takes whole numbers; use a list or {{randint = [low, high]}}", path));
  }
  for (const Value& value : extreme_values(dimension)) {
    try {
      assign(*field, value);
    } catch (const Error& error) {
      throw bad_input(fmt::format("search.space: {}", error.what()));
    }
  }
}

std::string nearest_path(const std::string& path, const FieldList& known) {
  std::vector<std::string> paths;
  std::vector<std::string> with_this_ending;
  for (const Field& field : known) {
    paths.push_back(field.path);
    if (field.path.ends_with("." + path)) with_this_ending.push_back(field.path);
  }
  if (!with_this_ending.empty()) return with_this_ending.front();
  return nearest_name(path, paths);
}

std::string unknown_option_text(const std::string& path, const FieldList& known) {
  const std::string nearest = nearest_path(path, known);
  if (nearest.empty()) return fmt::format("unknown option {}", excerpt(path));
  return fmt::format("unknown option {}; did you mean {}?", excerpt(path), nearest);
}

}  // namespace tailor::internal
