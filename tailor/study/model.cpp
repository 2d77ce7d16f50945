#include "tailor/study/model.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/json_reader.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/sizes.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/class_names.hpp"
#include "tailor/data/decode_pictures.hpp"
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

// The digits that `text` begins with, cut off it, as a number from 1; 0 where there is none.
int take_size(std::string_view& text) {
  int size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  text.remove_prefix(std::size_t(end - text.data()));
  return error == std::errc() && size > 0 ? size : 0;
}

bool take_x(std::string_view& text) {
  const bool is_there = text.starts_with('x');
  if (is_there) text.remove_prefix(1);
  return is_there;
}

// "28x28x1", as to_string() writes it.
Shape parse_shape(const std::string& text, const fs::path& file) {
  std::string_view rest = text;
  Shape shape;
  const bool is_shape = (shape.height = take_size(rest)) > 0 && take_x(rest) &&
                        (shape.width = take_size(rest)) > 0 && take_x(rest) &&
                        (shape.channels = take_size(rest)) > 0 && rest.empty();
  if (!is_shape) {
    throw bad_input(fmt::format("{}: the model's card has no image size but \"{}\"", file.string(),
                                excerpt(text)));
  }
  if (product_up_to(kMostPixels, std::array{shape.height, shape.width}) > kMostPixels) {
    throw bad_input(fmt::format("{}: the model's card has images of {} by {}, more than {} pixels",
                                file.string(), shape.height, shape.width,
                                grouped(double(kMostPixels))));
  }
  return shape;
}

std::vector<std::string> parse_names(const std::string& text, const fs::path& file) {
  const std::string source = file.string() + " (class_names)";
  const JsonReader json(text, source,
                        "the model's card was changed; take the model as tailor wrote it");
  std::vector<std::string> names;
  for (const JsonReader& name : json.list()) names.push_back(name.text());
  if (names.empty()) json.refuse("has no names");
  check_class_names(names, [&](std::size_t i) { return fmt::format("{}: name {}", source, i); });
  return names;
}

// A training that was interrupted keeps its counters in its card.
void refuse_unfinished(const ModelCard& card, const fs::path& file) {
  const auto epoch = card.find("training.epoch");
  if (epoch == card.end()) return;
  throw bad_input(fmt::format(
      "{} is an unfinished training, stopped in epoch {}, and no model yet; the command "
      "that began it goes on with it",
      file.string(), excerpt(epoch->second)));
}

// Whoever has a model may use it, whatever the CPU it was trained on could do.
Precision trained_precision(const std::string& text) {
  return text == "bf16" && !cpu_info().native_bf16 ? Precision::kF32 : parse_precision(text);
}

// What classes are called that nobody gave names.
bool are_numbers(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != std::to_string(i)) return false;
  }
  return true;
}

}  // namespace

Model make_model(const Experiment& experiment, const Dataset& set, Params params, ModelCard card,
                 const Temperature& temperature) {
  return {.spec = make_spec(experiment.model, set.shape, set.classes()),
          .params = std::move(params),
          .class_names = set.class_names,
          .precision = parse_precision(experiment.precision),
          .temperature = temperature,
          .rejection = {},
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

namespace {

// All of `model.file`.
void read_model(Model& model) {
  model.card = read_model_card(model.file);
  refuse_unfinished(model.card, model.file);
  model.experiment = parse_card_experiment(card_entry(model.card, "experiment", model.file),
                                           model.file.string() + " (experiment)");
  model.class_names = parse_names(card_entry(model.card, "class_names", model.file), model.file);
  model.precision = trained_precision(card_entry(model.card, "precision", model.file));
  model.temperature = temperature_of(model.card, model.file.string());
  model.rejection = rejection_of(model.card, model.file.string());
  const Shape input = parse_shape(card_entry(model.card, "input", model.file), model.file);
  model.spec = make_spec(model.experiment.model, input, int(model.class_names.size()));
  model.params = load_model(model.file, model.spec);
  model.params.ranges = ranges_of(model.card, model.file.string());
}

}  // namespace

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
  try {
    read_model(model);
  } catch (const Error& error) {
    const std::string said = error.what();
    const bool placed = said.find(model.file.string()) != std::string::npos;
    if (placed || error.kind() != ErrorKind::kBadInput) throw;
    throw bad_input(fmt::format("{}: {}", model.file.string(), said));
  }
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
          {"class_names", json_text(Json(set.class_names))},
          {"data_fingerprint", data_fingerprint},
          {"precision", to_string(parse_precision(experiment.precision))},
          {"kernels", machine_kernel_choices().origin},
          {"seed", std::to_string(experiment.seed)},
          {"epochs", std::to_string(experiment.train.epochs)}};
}

Recipe recipe_of(const Model& model) {
  Team alone(1);
  return choose_recipe(image_of(model), {}, {}, {}, alone).recipe;
}

ImageOptions image_of(const Model& model) {
  ImageOptions image = model.experiment.data.image;
  image.size = {model.spec.input.height, model.spec.input.width};
  image.channels = model.spec.input.channels;
  return image;
}

void check_fits(const Model& model, const Dataset& set, const std::string& source) {
  const std::string name = model.file.empty() ? "the model" : model.file.string();
  if (set.shape != model.spec.input) {
    throw bad_input(fmt::format("{} has images of {}, but {} was trained on {}", source,
                                picture_text(set.shape), name, picture_text(model.spec.input)));
  }
  if (set.class_names.size() > model.class_names.size()) {
    throw bad_input(fmt::format("{} has {} classes, but {} knows {}", source,
                                set.class_names.size(), name, model.class_names.size()));
  }
  if (are_numbers(set.class_names) || are_numbers(model.class_names)) return;
  for (std::size_t i = 0; i < set.class_names.size(); ++i) {
    if (set.class_names[i] == model.class_names[i]) continue;
    throw bad_input(fmt::format(
        "class {} of {} is \"{}\", but {} knows it as \"{}\"; give its classes the model's order",
        i, source, excerpt(set.class_names[i]), name, excerpt(model.class_names[i])));
  }
}

}  // namespace tailor::internal
