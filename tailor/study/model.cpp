#include "tailor/study/model.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {
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

// Whoever has a model may use it, whatever the CPU it was trained on could do.
Precision trained_precision(const std::string& text) {
  return text == "bf16" && !cpu_info().native_bf16 ? Precision::kF32 : parse_precision(text);
}

}  // namespace

Model make_model(const Experiment& experiment, const Dataset& set, Params params, ModelCard card,
                 const Temperature& temperature) {
  return {.spec = make_spec(experiment.model, set.shape, set.classes()),
          .params = std::move(params),
          .class_names = set.class_names,
          .precision = parse_precision(experiment.precision),
          .temperature = temperature,
          .experiment = experiment,
          .card = std::move(card),
          .file = {}};
}

std::vector<float> predict(const Model& model, Engine& engine, const Rows& rows) {
  return predict(model.spec, model.params, engine, model.precision, rows);
}

Features features(const Model& model, Engine& engine, const Rows& rows) {
  return features(model.spec, model.params, engine, model.precision, rows);
}

Evaluation evaluate(const Model& model, Engine& engine, const Rows& rows) {
  return evaluate(model.spec, model.params, engine, model.precision, rows);
}

Model open_model(const fs::path& run) {
  Model model;
  model.file = is_folder(run) ? run / "model.safetensors" : run;
  if (!path_exists(model.file)) {
    throw bad_input(
        is_folder(run)
            ? fmt::format("{} holds no model.safetensors; train one there first", run.string())
            : fmt::format("{} does not exist; name a run's folder or a .safetensors file",
                          run.string()));
  }
  model.card = read_model_card(model.file);
  model.experiment = parse_experiment(card_entry(model.card, "experiment", model.file),
                                      model.file.string() + " (experiment)");
  model.class_names = parse_names(card_entry(model.card, "class_names", model.file), model.file);
  model.precision = trained_precision(card_entry(model.card, "precision", model.file));
  model.temperature = temperature_of(model.card, model.file.string());
  const Shape input = parse_shape(card_entry(model.card, "input", model.file), model.file);
  model.spec = make_spec(model.experiment.model, input, int(model.class_names.size()));
  model.params = load_model(model.file, model.spec);
  model.params.ranges = ranges_of(model.card, model.file.string());
  return model;
}

Precision choose_precision(const Model& model, const std::string& asked, const Observer& observer) {
  const CpuInfo cpu = cpu_info();
  const bool possible = model.quantized() && cpu.vnni;
  if (asked == "int8" && !model.quantized()) {
    throw bad_input(fmt::format("{} was not quantised; tailor quantize {} writes a model that is",
                                model.file.string(), model.file.string()));
  }
  if (asked == "int8" && !cpu.vnni) {
    throw bad_input(
        fmt::format("precision int8 needs a CPU with AVX-512 VNNI, and this one ({}) "
                    "has none; use --precision auto",
                    cpu.name));
  }
  if (asked == "int8" || (asked.empty() && possible)) return Precision::kInt8;
  if (asked == "auto" && possible && parse_precision(asked) == Precision::kF32) {
    return Precision::kInt8;
  }
  if (!asked.empty()) return parse_precision(asked);
  if (!model.quantized()) return model.precision;
  const Precision instead = parse_precision("auto");
  observer.say(fmt::format("this CPU has no AVX-512 VNNI: predicting in {} instead of int8",
                           to_string(instead)));
  return instead;
}

ModelCard make_card(const Experiment& experiment, const std::string& stage, const Dataset& set,
                    const std::string& data_fingerprint) {
  for (std::size_t i = 0; i < set.class_names.size(); ++i) {
    if (!is_utf8(set.class_names[i])) {
      throw bad_input(fmt::format("the name of class {} is no text in UTF-8", i));
    }
  }
  return {{"format", "tailor 1"},
          {"experiment", toml_of(experiment, kPortable)},
          {"stage", stage},
          {"input", to_string(set.shape)},
          {"class_names", Json(set.class_names).dump()},
          {"data_fingerprint", data_fingerprint},
          {"precision", to_string(parse_precision(experiment.precision))},
          {"kernels", machine_kernel_choices().origin},
          {"seed", std::to_string(experiment.seed)},
          {"epochs", std::to_string(experiment.train.epochs)}};
}

void check_fits(const Model& model, const Dataset& set, const std::string& source) {
  const std::string name = model.file.empty() ? "the model" : model.file.string();
  if (set.shape != model.spec.input) {
    throw bad_input(fmt::format("{} has images of {}, but {} was trained on {}", source,
                                to_string(set.shape), name, to_string(model.spec.input)));
  }
  if (set.class_names.size() > model.class_names.size()) {
    throw bad_input(fmt::format("{} has {} classes, but {} knows {}", source,
                                set.class_names.size(), name, model.class_names.size()));
  }
}

}  // namespace tailor::internal
