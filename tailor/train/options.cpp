#include "tailor/train/options.hpp"

#include <limits>
#include <utility>

#include "tailor/core/limits.hpp"

namespace tailor::internal {

namespace {

constexpr double kMillion = 1e6;

Field monitor_field(std::string* monitor, const char* help) {
  Field field{"monitor", monitor, help};
  field.choices = {"none", "loss", "accuracy", "val_loss", "val_accuracy"};
  return field;
}

FieldList fields_of(EarlyStopping& rule) {
  FieldList list;
  list.push_back(monitor_field(&rule.monitor, "what has to get better for training to go on"));
  list.push_back({"min_delta", &rule.min_delta, "by how much more than this", 0});
  list.push_back(
      {"patience", &rule.patience, "epochs without, after which it ends", 0, double(kMostEpochs)});
  list.push_back({"start_from_epoch", &rule.start_from_epoch,
                  "epochs at the beginning that are not looked at", 0, double(kMostEpochs)});
  list.push_back({"restore_best_weights", &rule.restore_best_weights,
                  "the model is that of the best epoch, not of the last"});
  return list;
}

FieldList fields_of(Plateau& rule) {
  FieldList list;
  list.push_back(monitor_field(&rule.monitor, "what has to get better for the rate to stay"));
  list.push_back(
      {"factor", &rule.factor, "what the rate is multiplied by where it does not", kLeastFloat, 1});
  list.push_back(
      {"patience", &rule.patience, "epochs without, after which it drops", 0, double(kMostEpochs)});
  list.push_back({"min_delta", &rule.min_delta, "by how much more than this", 0});
  list.push_back({"cooldown", &rule.cooldown, "epochs after a drop that are not looked at", 0,
                  double(kMostEpochs)});
  list.push_back({"min_rate", &rule.min_rate, "the rate drops no further", 0});
  return list;
}

}  // namespace

FieldList fields_of(TrainOptions& options) {
  // Ranges include their ends; where an end makes no sense (a rate of 0, a beta of 1) a number
  // beside it stands. Steps are computed in floats, which have none between 0 and 1.2e-38, where
  // denormals are 0, nor between 0.9999999 and 1 that tells itself from both.
  constexpr double kAboveZero = kLeastFloat;
  constexpr double kBelowOneInFloat = 0.9999999;
  constexpr double kBelowOne = 1 - std::numeric_limits<double>::epsilon() / 2;
  FieldList list;
  list.push_back({"epochs", &options.epochs, "passes over the training set", 1, kMostEpochs});
  list.push_back({"batch", &options.batch, "images a step", 1, kMillion});
  list.push_back({"optimizer", &options.optimizer, "update rule, as Keras's"});
  list.back().choices = {"sgd", "adam", "adamw", "muon"};
  list.push_back({"learning_rate", &options.learning_rate, "size of a step", kAboveZero});
  list.push_back(
      {"momentum", &options.momentum, "sgd: share of the velocity kept", 0, kBelowOneInFloat});
  list.push_back({"nesterov", &options.nesterov, "sgd: look one velocity ahead"});
  list.push_back({"beta_1", &options.beta_1, "adam: decay of the mean gradient", 0, kBelowOne});
  list.push_back({"beta_2", &options.beta_2, "adam: decay of the mean square", 0, kBelowOne});
  list.push_back({"epsilon", &options.epsilon, "adam: added to the root", kAboveZero});
  list.push_back({"weight_decay", &options.weight_decay,
                  "adamw, muon: share of a kernel taken off each step, times the rate", 0});
  list.push_back({"schedule", &options.schedule, "course of the learning rate"});
  list.back().choices = {"constant", "step", "cosine", "one_cycle"};
  list.push_back({"step_epochs", &options.step_epochs, "step: epochs between drops", 1, kMillion});
  list.push_back({"step_factor", &options.step_factor, "step: factor of a drop", kAboveZero, 1});
  list.push_back({"warmup", &options.warmup, "one_cycle: share of the steps that rise", 0, 1});
  list.push_back({"final_rate", &options.final_rate,
                  "cosine, one_cycle: last rate as a share of learning_rate", 0, 1});
  list.push_back({"label_smoothing", &options.label_smoothing,
                  "share of a label spread over all classes", 0, kBelowOne});
  FieldList younger;
  younger.push_back({"muon_momentum", &options.muon_momentum,
                     "muon: share of a kernel's velocity kept", 0, kBelowOneInFloat});
  younger.push_back({"adam_rate_ratio", &options.adam_rate_ratio,
                     "muon: times learning_rate it is Adam's rate, for all but hidden kernels",
                     kAboveZero});
  younger.push_back({"class_weight", &options.class_weight,
                     "how much each class's images count: none, balanced = all classes as much as "
                     "each other, or a table as {\"Shirt\" = 2.0}"});
  younger.push_back({"validation_split", &options.validation_split,
                     "share of the training images that is kept out, and evaluated after every "
                     "epoch",
                     0, 0.9});
  append_fields(younger, "early_stopping", fields_of(options.early_stopping));
  append_fields(younger, "plateau", fields_of(options.plateau));
  for (Field& field : younger) {
    field.quiet = true;
    list.push_back(std::move(field));
  }
  return list;
}

}  // namespace tailor::internal
