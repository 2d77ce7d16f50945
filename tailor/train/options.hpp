// How one model is trained. Keras's names and defaults.
#pragma once

#include <cstdint>
#include <string>

#include "tailor/core/fields.hpp"

namespace tailor::internal {

// Keras's EarlyStopping.
struct EarlyStopping {
  std::string monitor = "none";  // none | loss | accuracy | val_loss | val_accuracy
  double min_delta = 0;
  int patience = 0;
  int start_from_epoch = 0;
  bool restore_best_weights = false;

  bool operator==(const EarlyStopping&) const = default;
};

// Keras's ReduceLROnPlateau.
struct Plateau {
  std::string monitor = "none";
  double factor = 0.1;
  int patience = 10;
  double min_delta = 1e-4;
  int cooldown = 0;
  double min_rate = 0;

  bool operator==(const Plateau&) const = default;
};

struct TrainOptions {
  int epochs = 15;
  int batch = 128;
  std::string optimizer = "adam";  // sgd | adam | adamw | muon
  double learning_rate = 0.001;
  double momentum = 0;    // sgd
  bool nesterov = false;  // sgd
  double beta_1 = 0.9;    // adam, adamw
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0.004;  // adamw, muon: decoupled; kernels only
  double muon_momentum = 0.95;
  double adam_rate_ratio = 1;  // muon: Adam's rate, of all but hidden kernels, over learning_rate
  std::string schedule = "constant";  // constant | step | cosine | one_cycle
  int step_epochs = 5;                // step: every so many epochs ...
  double step_factor = 0.5;           // ... times this
  double warmup = 0.3;                // one_cycle: share of the steps that rise
  double final_rate = 0;  // cosine, one_cycle: the last step's rate as a share of learning_rate
  double label_smoothing = 0;
  std::string class_weight = "none";  // none | balanced | a table (train/class_weights.hpp)
  double validation_split = 0;        // share of the images that is kept out and watched
  EarlyStopping early_stopping = {};
  Plateau plateau = {};

  bool operator==(const TrainOptions&) const = default;
};

FieldList fields_of(TrainOptions& options);

}  // namespace tailor::internal
