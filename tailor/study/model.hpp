// A trained model as the commands pass it around: from RUN as typed to a net that can answer, and
// from a training to the card its file carries.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tailor/data/dataset.hpp"
#include "tailor/study/experiment/experiment.hpp"
#include "tailor/study/observer.hpp"
#include "tailor/train/checkpoint.hpp"

namespace tailor {

struct LoadedModel {
  std::filesystem::path file;
  ModelCard card;
  Experiment experiment;  // as the card holds it
  Spec spec;
  Params params;
  std::vector<std::string> class_names;
  Precision precision = Precision::kF32;  // as trained, or f32 where this CPU has no bf16
  Temperature temperature;                // for with_temperature()
  bool quantized() const { return !params.ranges.empty(); }
};

// `run` is a run's folder (its model.safetensors) or a model file. Throws bad_input where there is
// neither, or the file is no model of ours.
LoadedModel open_model(const std::filesystem::path& run);

// What --precision offers where a model predicts, and what it means as typed: "" is int8 for a
// quantised model, else as trained; "auto" is what is fastest here. A quantised model on a CPU that
// has no VNNI predicts as "auto", and a note says so. Throws bad_input for what the model or the
// CPU does not have.
inline constexpr const char* kPrecisionHelp =
    "int8 (of a quantised model), bf16, f32 or auto; if left out, int8 or as trained";
Precision choose_precision(const LoadedModel& model, const std::string& asked,
                           const Observer& observer);

// The card of a model trained on `set`. `experiment` is the one that makes this very model: any
// candidate's settings and the stage's epochs already applied. Equal trainings give equal cards.
ModelCard make_card(const Experiment& experiment, const std::string& stage, const Dataset& set,
                    const std::string& data_fingerprint);

// Throws bad_input naming both where the images or classes of `set` do not fit the model.
void check_fits(const LoadedModel& model, const Dataset& set, const std::string& source);

}  // namespace tailor
