#include "tailor/train/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tailor/core/error.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

TEST(TrainOptions, HaveOneFieldEachWithHelp) {
  TrainOptions options;
  std::set<std::string> paths;
  for (const Field& field : fields_of(options)) {
    paths.insert(field.path);
    EXPECT_FALSE(field.help.empty()) << field.path;
  }
  EXPECT_THAT(
      paths,
      testing::UnorderedElementsAre(
          "epochs", "batch", "optimizer", "learning_rate", "momentum", "nesterov", "beta_1",
          "beta_2", "epsilon", "weight_decay", "schedule", "step_epochs", "step_factor", "warmup",
          "final_rate", "label_smoothing", "muon_momentum", "adam_rate_ratio", "class_weight",
          "validation_split", "early_stopping.monitor", "early_stopping.min_delta",
          "early_stopping.patience", "early_stopping.start_from_epoch",
          "early_stopping.restore_best_weights", "plateau.monitor", "plateau.factor",
          "plateau.patience", "plateau.min_delta", "plateau.cooldown", "plateau.min_rate"));
}

TEST(TrainOptions, DefaultsAreKerass) {
  const TrainOptions options;
  EXPECT_EQ(options.optimizer, "adam");
  EXPECT_EQ(options.learning_rate, 0.001);
  EXPECT_EQ(options.beta_2, 0.999);
  EXPECT_EQ(options.epsilon, 1e-7);
}

TEST(TrainOptions, RefuseWhatCannotTrain) {
  TrainOptions options;
  const FieldList fields = fields_of(options);
  for (const auto& [path, text] :
       std::vector<std::pair<std::string, std::string>>{{"epochs", "0"},
                                                        {"batch", "0"},
                                                        {"optimizer", "rmsprop"},
                                                        {"learning_rate", "0"},
                                                        {"learning_rate", "-0.1"},
                                                        {"momentum", "1"},
                                                        {"beta_1", "1"},
                                                        {"beta_2", "1"},
                                                        {"epsilon", "0"},
                                                        {"weight_decay", "-1"},
                                                        {"weight_decay", "1e-40"},
                                                        {"epsilon", "1e-40"},
                                                        {"learning_rate", "1e-46"},
                                                        {"learning_rate", "1e39"},
                                                        {"momentum", "0.99999999999"},
                                                        {"schedule", "linear"},
                                                        {"step_epochs", "0"},
                                                        {"warmup", "1.5"},
                                                        {"label_smoothing", "1"}}) {
    EXPECT_THROW(assign_text(*find_field(fields, path), text), Error) << path << " = " << text;
  }
  EXPECT_EQ(options, TrainOptions());
}

TEST(TrainOptions, SayWhatAFloatCannotHold) {
  TrainOptions options;
  const FieldList fields = fields_of(options);
  const auto refusal = [&](const std::string& path, const std::string& text) {
    return refusal_of([&] { assign_text(*find_field(fields, path), text); });
  };
  EXPECT_EQ(refusal("epsilon", "1.1e-38"), "epsilon must be at least 1.2e-38, not 1.1e-38");
  EXPECT_EQ(refusal("epsilon", "1.2e-38"), "");
  EXPECT_EQ(refusal("weight_decay", "1e-40"),
            "weight_decay must be 0 or at least 1.2e-38 in size, not 1e-40");
  EXPECT_EQ(refusal("learning_rate", "1e39"),
            "learning_rate must be at most 3.4e+38 in size, not 1e+39");
}

TEST(TrainOptions, TakeTheEndsOfTheirRanges) {
  TrainOptions options;
  const FieldList fields = fields_of(options);
  assign_text(*find_field(fields, "momentum"), "0.999");
  assign_text(*find_field(fields, "warmup"), "1");
  assign_text(*find_field(fields, "epochs"), "1");
  EXPECT_EQ(options.momentum, 0.999);
  EXPECT_EQ(options.warmup, 1);
  EXPECT_EQ(options.epochs, 1);
}

}  // namespace
}  // namespace tailor::internal
