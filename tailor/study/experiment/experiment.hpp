// The experiment file: one struct per table, one field list per struct, strict TOML in, effective
// TOML out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tailor/core/fields.hpp"
#include "tailor/data/augment/options.hpp"
#include "tailor/data/options.hpp"
#include "tailor/nn/zoo.hpp"
#include "tailor/search/options.hpp"
#include "tailor/train/options.hpp"

namespace tailor::internal {

// The three places a model is trained differ from [train] in these only; 0 = as [train] says.
struct StageOptions {
  int epochs = 0;
};

struct FinalOptions : StageOptions {
  double calibration = 0.03;    // share of the training images kept out, to fit the temperature on
  double reject_precision = 0;  // share of the answers to be right, others are "unsure"; 0 = all
};

struct ReportOptions {
  int points = 10000;  // test images on the explorer's map, 0 = no explorer page
};

struct Experiment {
  std::string name = "fashion-mnist";
  std::string out;  // the run's folder; "" = runs/<name>
  std::uint64_t seed = 1;
  int threads = 0;                 // 0 = all usable cores
  std::string precision = "auto";  // auto | bf16 | f32
  DataOptions data;
  ModelOptions model;
  TrainOptions train;
  AugmentOptions augment;
  StageOptions first;  // [first]: the model with random hyperparameters
  SearchOptions search;
  StageOptions trial;  // [search] epochs = ...: what each trial trains
  FinalOptions final;  // [final]
  ReportOptions report;
};

// Every option by its path ("name", "data.dir", "model.kernels", "train.epochs", "search.epochs",
// "final.epochs", ...).
FieldList fields_of(Experiment& experiment);

// [train] with the stage's epochs, where it names any.
TrainOptions stage_options(const Experiment& experiment, const StageOptions& stage);

// Strict: an unknown key names the file, the line and the nearest known key. Space values are
// checked against the fields they vary. Throws bad_input. An experiment that a file does not name
// is called as the file is, without its extension.
Experiment load_experiment(const std::filesystem::path& file);
Experiment parse_experiment(const std::string& toml, const std::string& source);

// As a model's card holds it. Of its options [model] with its layers decides the net, and is read
// as strictly. All others say how it was trained: what this Tailor does not know of them, names or
// values, is passed over, so that older ones read what newer ones wrote. The card keeps its text.
Experiment parse_card_experiment(const std::string& toml, const std::string& source);

// All options, in field order, then the layers and the space: parse_experiment(to_toml(e)) gives e
// back.
std::string to_toml(const Experiment& experiment);

// The [model] of an experiment whose own layers are this net's, for people to go on from: without
// what is as by default, and with 0 units, one for each class, on the last layer.
std::string layers_toml(const Spec& spec);

// What makes two runs one run, and what a half-done search is known by. The images themselves are
// compared by their fingerprints.
inline constexpr Scopes kSameRun =
    Scope::kTraining | Scope::kSearch | Scope::kStages | Scope::kImages;
inline constexpr Scopes kSameSearch = Scope::kTraining | Scope::kSearch;
// All that a model's card keeps: another machine may have other threads and folders.
inline constexpr Scopes kPortable = kSameRun | Scope::kSource | Scope::kPage | Scope::kName;

// The experiment as it is carried out: "auto" is spelled out, since it depends on the CPU.
Experiment effective(Experiment experiment);

// The experiment with every option outside `scopes` as if nobody had set it (a name: empty).
Experiment within(Scopes scopes, const Experiment& experiment);
std::string toml_of(const Experiment& experiment, Scopes scopes);

// The first option within `scopes` that differs, as "train.epochs was 15 and is 20"; "" where there
// is none.
std::string difference(const Experiment& then, const Experiment& now, Scopes scopes);

// Sets options by path, checked as if written in the file.
void apply(Experiment& experiment, const Settings& settings);
void apply_text(Experiment& experiment,
                const std::string& path_equals_value);  // what follows --set
void apply_text(Experiment& experiment, const std::string& path, const std::string& value);

}  // namespace tailor::internal
