// A trained model as everything above train/ passes it around: from a file or a training to a net
// that can answer, and to the card its file carries.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tailor/data/dataset.hpp"
#include "tailor/data/recipe.hpp"
#include "tailor/study/experiment/experiment.hpp"
#include "tailor/study/observer.hpp"
#include "tailor/train/checkpoint.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {

struct Model {
  Spec spec;
  Params params;
  std::vector<std::string> class_names;
  Precision precision = Precision::kF32;  // that it answers in
  Temperature temperature;                // for with_temperature()
  Rejection rejection;                    // for is_unsure() of calibrated probabilities
  Experiment experiment;                  // that made it, as far as parse_card_experiment() knows
  ModelCard card;
  std::filesystem::path file;  // where it was read from; empty for one that was just trained
  bool quantized() const { return !params.ranges.empty(); }
};

// The net of `experiment` for images like those of `set`, with these weights.
Model make_model(const Experiment& experiment, const Dataset& set, Params params, ModelCard card,
                 const Temperature& temperature = {});

// Softmax probabilities, rows x classes, not calibrated; what the last hidden layer sees;
// probabilities scored against the labels. In the model's precision; train/trainer.hpp has more.
std::vector<float> predict(const Model& model, Engine& engine, const Rows& rows);
Features features(const Model& model, Engine& engine, const Rows& rows);
Evaluation evaluate(const Model& model, Engine& engine, const Rows& rows);

// `run` is a run's folder (its model.safetensors) or a model file; it answers as it was trained, or
// in f32 where this CPU has no bf16. Throws bad_input where there is neither, or the file is no
// model of ours, an unfinished training, or of a net that this Tailor does not know.
Model open_model(const std::filesystem::path& run);

// What --precision offers where a model predicts, and what it means as typed: "" is int8 for a
// quantised model, else as trained; "auto" is what is fastest here. A quantised model on a CPU that
// has no VNNI predicts as "auto", and a note says so. Throws bad_input for what the model or the
// CPU does not have.
inline constexpr const char* kPrecisionHelp =
    "int8 (of a quantised model), bf16, f32 or auto; if left out, int8 or as trained";
Precision choose_precision(const Model& model, const std::string& asked, const Observer& observer);

// The card of a model trained on `set`. `experiment` is the one that makes this very model: any
// candidate's settings and the stage's epochs already applied. Equal trainings give equal cards.
// Throws bad_input for a class name that is not UTF-8, as the card must be.
ModelCard make_card(const Experiment& experiment, const std::string& stage, const Dataset& set,
                    const std::string& data_fingerprint);

// What the model sees of a picture, and the same as options of a data set.
Recipe recipe_of(const Model& model);
ImageOptions image_of(const Model& model);

// Throws bad_input naming both where the images or classes of `set` do not fit the model: too many
// of them, or, where both have names, other ones or another order of them.
void check_fits(const Model& model, const Dataset& set, const std::string& source);

}  // namespace tailor::internal
