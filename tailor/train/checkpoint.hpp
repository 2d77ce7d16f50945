// A model on disk: one safetensors file with the weights, what they mean, and (while training) how
// to go on.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "tailor/train/trainer.hpp"

namespace tailor::internal {

// Strings every model file carries in safetensors' __metadata__: "format" ("tailor 1"),
// "experiment" (the effective TOML), "stage" (first | final | train), "input" ("28x28x1"),
// "class_names" (JSON array), "data_fingerprint", "precision", "seed", "epochs".
// A final model also has "temperature" (JSON: {"images": 1800, "value": 1.31}) and, where it was
// asked for, "rejection" (JSON: the "precision" wanted, the "images" it was "chosen_on", how many
// of these are "answers" and how many of those "right") with "reject_below" ("0.83", the threshold,
// where there is one); a quantised one "int8" (JSON: {"images": 2048, "ranges": {"layers.2": 3.25,
// ...}}).
using ModelCard = std::map<std::string, std::string>;

// What with_temperature() is to be called with for this model's predictions. {1, 0} where the card
// has none: models of older versions, and those without images to fit it on. Throws bad_input,
// naming `source`, for one that is no positive number.
Temperature temperature_of(const ModelCard& card, const std::string& source);
void set_temperature(ModelCard& card, const Temperature& temperature);

// Which answers the model keeps to itself; nothing where the card names none. Throws as
// temperature_of() does.
Rejection rejection_of(const ModelCard& card, const std::string& source);
void set_rejection(ModelCard& card, const Rejection& rejection);

// The ranges of a quantised model and on how many images they were measured; empty where the card
// has none. Throws bad_input, naming `source`, for what are no positive numbers.
ActivationRanges ranges_of(const ModelCard& card, const std::string& source);
void set_ranges(ModelCard& card, const ActivationRanges& ranges, std::int64_t images);

// Writes weights and state under their names ("layers.2.kernel", ...), F32, and the card with its
// "format". Atomic. Throws bad_input naming the tensor, here and below, where a value is infinite
// or no number.
void save_model(const std::filesystem::path& path, const ModelCard& card, const Params& params);

// Also the optimizer's moments ("optimizer.0.<name>"), and in the metadata the counters and history
// ("training.epoch", ...), so that load_training gives back every bit. Atomic.
void save_training(const std::filesystem::path& path, const ModelCard& card,
                   const TrainingState& state);

// Only the card, for commands that must build the Spec before they can load. Throws bad_input for a
// file that is no model of ours or of a newer format.
ModelCard read_model_card(const std::filesystem::path& path);

// Throw bad_input, naming file and tensor, when the tensors' names, shapes or types differ from the
// spec's (load_training: also from the optimizer's moments), or weights or state are infinite or no
// numbers. load_model also reads what save_training wrote and leaves out what only training needs.
Params load_model(const std::filesystem::path& path, const Spec& spec);
TrainingState load_training(const std::filesystem::path& path, const Spec& spec,
                            const TrainOptions& options);

}  // namespace tailor::internal
