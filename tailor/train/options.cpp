#include "tailor/train/options.hpp"

#include <limits>

#include "tailor/core/limits.hpp"

namespace tailor::internal {

FieldList fields_of(TrainOptions& options) {
  // Ranges include their ends; where an end makes no sense (a rate of 0, a beta of 1) a number
  // beside it stands. Steps are computed in floats, which have none between 0 and 1.2e-38, where
  // denormals are 0, nor between 0.9999999 and 1 that tells itself from both.
  constexpr double kAboveZero = kLeastFloat;
  constexpr double kBelowOneInFloat = 0.9999999;
  constexpr double kBelowOne = 1 - std::numeric_limits<double>::epsilon() / 2;
  constexpr double kMillion = 1e6;
  FieldList list;
  list.push_back({"epochs", &options.epochs, "passes over the training set", 1, kMostEpochs});
  list.push_back({"batch", &options.batch, "images a step", 1, kMillion});
  list.push_back({"optimizer", &options.optimizer, "update rule, as Keras's"});
  list.back().choices = {"sgd", "adam", "adamw"};
  list.push_back({"learning_rate", &options.learning_rate, "size of a step", kAboveZero});
  list.push_back(
      {"momentum", &options.momentum, "sgd: share of the velocity kept", 0, kBelowOneInFloat});
  list.push_back({"nesterov", &options.nesterov, "sgd: look one velocity ahead"});
  list.push_back({"beta_1", &options.beta_1, "adam: decay of the mean gradient", 0, kBelowOne});
  list.push_back({"beta_2", &options.beta_2, "adam: decay of the mean square", 0, kBelowOne});
  list.push_back({"epsilon", &options.epsilon, "adam: added to the root", kAboveZero});
  list.push_back({"weight_decay", &options.weight_decay,
                  "adamw: share of a kernel taken off each step, times the rate", 0});
  list.push_back({"schedule", &options.schedule, "course of the learning rate"});
  list.back().choices = {"constant", "step", "cosine", "one_cycle"};
  list.push_back({"step_epochs", &options.step_epochs, "step: epochs between drops", 1, kMillion});
  list.push_back({"step_factor", &options.step_factor, "step: factor of a drop", kAboveZero, 1});
  list.push_back({"warmup", &options.warmup, "one_cycle: share of the steps that rise", 0, 1});
  list.push_back({"final_rate", &options.final_rate,
                  "cosine, one_cycle: last rate as a share of learning_rate", 0, 1});
  list.push_back({"label_smoothing", &options.label_smoothing,
                  "share of a label spread over all classes", 0, kBelowOne});
  return list;
}

}  // namespace tailor::internal
