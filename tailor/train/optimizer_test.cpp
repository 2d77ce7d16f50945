#include "tailor/train/optimizer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "tailor/core/csv_reader.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

// A table with one tensor per name, all of the same size.
ParamTable table_of(const std::vector<std::string>& names, std::size_t size) {
  ParamTable table;
  for (const std::string& name : names) {
    table.weights.push_back({name, {int(size)}, table.weight_count, size, "zeros", {}});
    table.weight_count += size;
  }
  return table;
}

TrainOptions options_for(const std::string& optimizer) {
  TrainOptions options;
  options.optimizer = optimizer;
  return options;
}

std::vector<float> wave(std::size_t size, double frequency) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = float(std::sin(frequency * double(i + 1)));
  return values;
}

// The weight after steps with these gradients at rate 0.1, from 1.
float train_one(const TrainOptions& options, const std::vector<float>& gradients,
                const std::string& name = "layers.0.bias") {
  Optimizer optimizer(options, table_of({name}, 1));
  float weight = 1;
  Team alone(1);
  for (float gradient : gradients) optimizer.step({&weight, 1}, {&gradient, 1}, 0.1, alone);
  return weight;
}

TEST(Optimizer, SgdWithoutMomentumSubtractsRateTimesGradient) {
  EXPECT_FLOAT_EQ(train_one(options_for("sgd"), {2, -1}), 0.9f);
  EXPECT_TRUE(Optimizer(options_for("sgd"), table_of({"a"}, 1)).moments().empty());
}

TEST(Optimizer, MomentumKeepsAShareOfTheVelocity) {
  TrainOptions options = options_for("sgd");
  options.momentum = 0.5;
  // v: -0.2, -0.1 + 0.1 = 0, then -0.1
  EXPECT_FLOAT_EQ(train_one(options, {2}), 0.8f);
  EXPECT_FLOAT_EQ(train_one(options, {2, -1}), 0.8f);
  EXPECT_FLOAT_EQ(train_one(options, {2, -1, 1}), 0.7f);
}

TEST(Optimizer, NesterovLooksOneVelocityAhead) {
  TrainOptions options = options_for("sgd");
  options.momentum = 0.5;
  options.nesterov = true;
  // v: -0.2, 0; w: 1 + (-0.1 - 0.2) = 0.7, then 0.7 + (0 + 0.1)
  EXPECT_FLOAT_EQ(train_one(options, {2}), 0.7f);
  EXPECT_FLOAT_EQ(train_one(options, {2, -1}), 0.8f);
}

TEST(Optimizer, AdamPutsEpsilonOutsideTheBiasCorrection) {
  TrainOptions options = options_for("adam");
  options.epsilon = 0.1;
  // One step, g = 2: m = 0.2, s = 0.004, alpha = 0.1 * sqrt(0.001) / 0.1.
  EXPECT_FLOAT_EQ(train_one(options, {2}),
                  float(1 - std::sqrt(0.001) * 0.2 / (std::sqrt(0.004) + 0.1)));
}

TEST(Optimizer, AdamFollowsItsFormulaOverManySteps) {
  const std::vector<float> gradients = wave(50, 0.7);
  double w = 1, m = 0, s = 0;
  for (int t = 1; t <= 50; ++t) {
    const double g = gradients[std::size_t(t - 1)];
    m = 0.9 * m + 0.1 * g;
    s = 0.999 * s + 0.001 * g * g;
    w -= 0.1 * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t)) * m /
         (std::sqrt(s) + 1e-7);
  }
  EXPECT_NEAR(train_one(options_for("adam"), gradients), w, 2e-6);
}

TEST(Optimizer, AdamWDecaysKernelsAndNothingElse) {
  TrainOptions decaying = options_for("adamw");
  decaying.weight_decay = 0.5;
  const float without_decay = train_one(options_for("adam"), {2});
  EXPECT_FLOAT_EQ(train_one(decaying, {2}, "layers.0.kernel"), without_decay - 0.05f);
  for (const char* name : {"layers.0.bias", "layers.1.gamma", "layers.1.beta"}) {
    EXPECT_EQ(train_one(decaying, {2}, name), without_decay) << name;
  }
}

TEST(Optimizer, AdamWFindsKernelsAcrossBlocksOfWork) {
  constexpr std::size_t kSize = 5000;  // no multiple of a block: tensors straddle its ends
  TrainOptions options = options_for("adamw");
  options.weight_decay = 0.5;
  Optimizer optimizer(options,
                      table_of({"layers.0.bias", "layers.1.kernel", "layers.1.bias"}, kSize));
  std::vector<float> weights(3 * kSize, 1);
  std::vector<float> gradients(3 * kSize, 0);
  Team team(2);
  optimizer.step(weights, gradients, 0.1, team);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    ASSERT_FLOAT_EQ(weights[i], i / kSize == 1 ? 0.95f : 1.0f) << i;
  }
}

TEST(Optimizer, ThreadsNeverChangeAByte) {
  constexpr std::size_t kSize = 100'003;
  for (const char* name : {"sgd", "adam", "adamw"}) {
    TrainOptions options = options_for(name);
    options.momentum = 0.9;
    const ParamTable table = table_of({"layers.0.kernel"}, kSize);
    std::vector<std::vector<float>> results;
    for (const int threads : {1, 2, 3}) {
      Optimizer optimizer(options, table);
      Team team(threads);
      std::vector<float> weights = wave(kSize, 0.3);
      for (int step = 0; step < 3; ++step) {
        std::vector<float> gradients = wave(kSize, 0.11 + step);
        optimizer.step(weights, gradients, 0.01, team);
      }
      results.push_back(weights);
    }
    EXPECT_EQ(results[0], results[1]) << name;
    EXPECT_EQ(results[0], results[2]) << name;
    EXPECT_NE(results[0], wave(kSize, 0.3)) << name;
  }
}

TEST(Optimizer, PenalizesInTheSamePass) {
  constexpr std::size_t kSize = 5000;  // two blocks of work
  ParamTable table = table_of({"layers.0.kernel", "layers.0.bias"}, kSize);
  table.weights[0].regularizer = {0.5, 0.25};
  TrainOptions options = options_for("sgd");
  options.momentum = 0;
  Optimizer optimizer(options, table);
  std::vector<float> weights(2 * kSize, -2);
  std::vector<float> gradients(2 * kSize, 1);
  Team team(2);
  EXPECT_NEAR(optimizer.step(weights, gradients, 0.1, team), kSize * (0.5 * 2 + 0.25 * 4), 1e-6);
  EXPECT_FLOAT_EQ(weights.front(), -2 - 0.1f * (1 - 0.5f - 2 * 0.25f * 2));
  EXPECT_FLOAT_EQ(weights[kSize - 1], weights.front());
  EXPECT_FLOAT_EQ(weights[kSize], -2 - 0.1f);
}

TEST(Optimizer, GoesOnAfterRestoreAsIfNeverStopped) {
  const ParamTable table = table_of({"layers.0.kernel"}, 37);
  Optimizer whole(options_for("adam"), table);
  Team alone(1);
  std::vector<float> weights = wave(37, 0.3);
  std::vector<float> gradients = wave(37, 0.5);
  whole.step(weights, gradients, 0.01, alone);
  gradients = wave(37, 0.7);
  Optimizer second(options_for("adam"), table);
  second.moments() = whole.moments();
  second.restore(whole.steps());
  std::vector<float> same_weights = weights;
  whole.step(weights, gradients, 0.01, alone);
  second.step(same_weights, gradients, 0.01, alone);
  EXPECT_EQ(weights, same_weights);
  EXPECT_EQ(second.steps(), 2);
}

// A net of one matrix that Muon updates, and the kernel of its answers.
ParamTable matrix_table(int rows, int columns) {
  ParamTable table;
  const auto size = std::size_t(rows) * std::size_t(columns);
  table.weights = {
      {"layers.0.kernel", {rows, columns}, 0, size, "zeros", {}},
      {"layers.0.bias", {rows}, size, std::size_t(rows), "zeros", {}},
      {"layers.1.kernel", {1, rows}, size + std::size_t(rows), std::size_t(rows), "zeros", {}}};
  table.weight_count = size + 2 * std::size_t(rows);
  return table;
}

// tools/golden/muon.py
TEST(Optimizer, MuonMovesAMatrixAsKerasDoes) {
  const std::string text = read_text(TAILOR_SOURCE_DIR "/tests/golden/muon.csv");
  CsvReader reader(text);
  std::vector<std::string_view> cells;
  ASSERT_TRUE(reader.next(cells));
  int cases = 0;
  for (; reader.next(cells); ++cases) {
    const int rows = std::stoi(std::string(cells[0])), columns = std::stoi(std::string(cells[1]));
    TrainOptions options = options_for("muon");
    options.muon_momentum = std::stod(std::string(cells[2]));
    options.weight_decay = std::stod(std::string(cells[3]));
    const ParamTable table = matrix_table(rows, columns);
    Optimizer optimizer(options, table);
    std::vector<float> weights = wave(table.weight_count, 0.37);
    for (int step = 0; step < 5; ++step) {
      std::vector<float> gradients = wave(table.weight_count, 0.9 + 0.31 * step);
      Team team(2);
      optimizer.step(weights, gradients, 0.01, team);
    }
    std::istringstream expected{std::string(cells[4])};
    for (std::size_t i = 0; i < table.weights[0].size; ++i) {
      float value = 0;
      ASSERT_TRUE(expected >> value);
      ASSERT_NEAR(weights[i], value, 2e-5) << "case " << cases << ", element " << i;
    }
  }
  EXPECT_EQ(cases, 3);
}

TEST(Optimizer, MuonLeavesBiasesAndAnswersToAdam) {
  TrainOptions muon = options_for("muon"), adamw = options_for("adamw");
  muon.adam_rate_ratio = 0.5;
  const ParamTable table = matrix_table(6, 5);
  const auto trained = [&](const TrainOptions& options, double rate) {
    Optimizer optimizer(options, table);
    std::vector<float> weights = wave(table.weight_count, 0.37);
    for (int step = 0; step < 3; ++step) {
      std::vector<float> gradients = wave(table.weight_count, 0.9 + 0.31 * step);
      Team alone(1);
      optimizer.step(weights, gradients, rate, alone);
    }
    return weights;
  };
  const std::vector<float> a = trained(muon, 0.02), b = trained(adamw, 0.01);
  EXPECT_NE(a[0], b[0]);
  for (std::size_t i = table.weights[1].offset; i < a.size(); ++i) EXPECT_EQ(a[i], b[i]) << i;
}

TEST(Optimizer, MuonOfAMatrixWithoutGradientMovesNothing) {
  TrainOptions options = options_for("muon");
  options.weight_decay = 0;
  const ParamTable table = matrix_table(3, 3);
  Optimizer optimizer(options, table);
  std::vector<float> weights = wave(table.weight_count, 0.37), gradients(table.weight_count);
  const std::vector<float> before = weights;
  Team alone(1);
  optimizer.step(weights, gradients, 0.1, alone);
  EXPECT_EQ(weights, before);
}

}  // namespace
}  // namespace tailor::internal
