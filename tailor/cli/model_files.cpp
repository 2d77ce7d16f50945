#include "tailor/cli/model_files.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"

namespace tailor {
namespace {

namespace fs = std::filesystem;

const std::string& card_entry(const ModelCard& card, const std::string& key, const fs::path& file) {
  const auto entry = card.find(key);
  if (entry == card.end()) {
    throw bad_input(fmt::format("{}: the model's card lacks \"{}\"; it was not written by tailor",
                                file.string(), key));
  }
  return entry->second;
}

Shape parse_shape(const std::string& text, const fs::path& file) {
  Shape shape;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%dx%dx%d%c", &shape.height, &shape.width, &shape.channels,
                  &rest) != 3 ||
      shape.height < 1 || shape.width < 1 || shape.channels < 1) {
    throw bad_input(
        fmt::format("{}: the model's card has no image size but \"{}\"", file.string(), text));
  }
  return shape;
}

std::vector<std::string> parse_names(const std::string& text, const fs::path& file) {
  try {
    return Json::parse(text).get<std::vector<std::string>>();
  } catch (const Json::exception&) {
    throw bad_input(fmt::format("{}: the model's card has no list of class names", file.string()));
  }
}

}  // namespace

LoadedModel open_model(const fs::path& run) {
  LoadedModel model;
  model.file = fs::is_directory(run) ? run / "model.safetensors" : run;
  if (!fs::exists(model.file)) {
    throw bad_input(
        fs::is_directory(run)
            ? fmt::format("{} holds no model.safetensors; train one there first", run.string())
            : fmt::format("{} does not exist; name a run's folder or a .safetensors file",
                          run.string()));
  }
  model.card = read_model_card(model.file);
  model.experiment = parse_experiment(card_entry(model.card, "experiment", model.file),
                                      model.file.string() + " (experiment)");
  model.class_names = parse_names(card_entry(model.card, "class_names", model.file), model.file);
  model.precision = parse_precision(card_entry(model.card, "precision", model.file));
  model.temperature = temperature_of(model.card, model.file.string());
  const Shape input = parse_shape(card_entry(model.card, "input", model.file), model.file);
  model.spec = make_spec(model.experiment.model, input, int(model.class_names.size()));
  model.params = load_model(model.file, model.spec);
  return model;
}

ModelCard make_card(const Experiment& experiment, const std::string& stage, const Dataset& set,
                    const std::string& data_fingerprint) {
  return {{"format", "tailor 1"},
          {"experiment", portable_toml(experiment)},
          {"stage", stage},
          {"input", to_string(set.shape)},
          {"class_names", Json(set.class_names).dump()},
          {"data_fingerprint", data_fingerprint},
          {"precision", to_string(parse_precision(experiment.precision))},
          {"seed", std::to_string(experiment.seed)},
          {"epochs", std::to_string(experiment.train.epochs)}};
}

std::string portable_toml(const Experiment& experiment) {
  Experiment portable = experiment;
  portable.out = "";
  portable.threads = 0;
  portable.search.parallel = 0;
  return to_toml(portable);
}

void check_fits(const LoadedModel& model, const Dataset& set, const std::string& source) {
  if (set.shape != model.spec.input) {
    throw bad_input(fmt::format("{} has images of {}, but {} was trained on {}", source,
                                to_string(set.shape), model.file.string(),
                                to_string(model.spec.input)));
  }
  if (set.class_names.size() > model.class_names.size()) {
    throw bad_input(fmt::format("{} has {} classes, but {} knows {}", source,
                                set.class_names.size(), model.file.string(),
                                model.class_names.size()));
  }
}

}  // namespace tailor
