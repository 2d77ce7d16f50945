// How one model is trained. Keras's names and defaults.
#pragma once

#include <cstdint>
#include <string>

#include "tailor/core/fields.hpp"

namespace tailor::internal {

struct TrainOptions {
  int epochs = 15;
  int batch = 128;
  std::string optimizer = "adam";  // sgd | adam | adamw
  double learning_rate = 0.001;
  double momentum = 0;    // sgd
  bool nesterov = false;  // sgd
  double beta_1 = 0.9;    // adam, adamw
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0.004;        // adamw, decoupled; kernels only
  std::string schedule = "constant";  // constant | step | cosine | one_cycle
  int step_epochs = 5;                // step: every so many epochs ...
  double step_factor = 0.5;           // ... times this
  double warmup = 0.3;                // one_cycle: share of the steps that rise
  double final_rate = 0;  // cosine, one_cycle: the last step's rate as a share of learning_rate
  double label_smoothing = 0;

  bool operator==(const TrainOptions&) const = default;
};

FieldList fields_of(TrainOptions& options);

}  // namespace tailor::internal
