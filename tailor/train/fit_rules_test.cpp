// What [augment] and the options that decide between epochs and images do to a training.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tailor/nn/test_nets.hpp"
#include "tailor/train/epoch_rules.hpp"
#include "tailor/train/trainer.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using testing::HasSubstr;

// Four classes of 8 x 8 noise, the last one rare, with one bright quarter.
Dataset quarters(int count) {
  Dataset set;
  set.shape = {1, 8, 8};
  const Rng rng(4, Purpose::kDraw);
  for (int n = 0; n < count; ++n) {
    const int label = n % 20 == 0 ? 3 : n % 3;
    for (int i = 0; i < 64; ++i) {
      const bool bright = (i / 32) == label / 2 && (i % 8 / 4) == label % 2;
      const double noise = rng.uniform(std::uint64_t(n) * 64 + std::uint64_t(i)) * 120;
      set.pixels.push_back(std::uint8_t(noise + (bright ? 100 : 0)));
    }
    set.labels.push_back(Label(label));
  }
  set.class_names = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};  // as the net
  return set;
}

FitJob job_on(const Dataset& set, int epochs) {
  FitJob job;
  job.spec = test::seed_net(8, set.shape, 0.2);
  job.options.epochs = epochs;
  job.options.batch = 32;
  job.options.learning_rate = 0.005;
  job.seed = 9;
  job.train = all_rows(set);
  return job;
}

AugmentOptions everything() {
  AugmentOptions options;
  options.flip = "alternating";
  options.translate = 1;
  options.crop = 0.6;
  options.rotate = 10;
  options.zoom = 0.1;
  options.brightness = options.contrast = 0.2;
  options.cutout = 2;
  options.erase = 0.3;
  options.mixup = options.cutmix = 0.5;
  return options;
}

TrainingState trained(const FitJob& job, int threads, const FitHooks& hooks = {}) {
  Engine engine(threads);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  fit(job, engine, state, hooks);
  return state;
}

std::vector<float> weights_of(const TrainingState& state) {
  const auto weights = state.params.weights.floats();
  return {weights.begin(), weights.end()};
}

TEST(FitRules, AugmentedTrainingIsTheSameOnAnyNumberOfThreads) {
  const Dataset set = quarters(100);
  FitJob job = job_on(set, 3);
  const std::vector<float> plain = weights_of(trained(job, 1));
  job.augment = everything();
  const std::vector<float> one = weights_of(trained(job, 1));
  EXPECT_NE(one, plain);
  EXPECT_EQ(weights_of(trained(job, 2)), one);
  EXPECT_EQ(weights_of(trained(job, 3)), one);
}

TEST(FitRules, AugmentedTrainingGoesOnToTheSameBytes) {
  const Dataset set = quarters(100);
  FitJob job = job_on(set, 3);
  job.augment = everything();
  const std::vector<float> whole = weights_of(trained(job, 1));
  for (const int stop_after : {1, 6}) {  // in the middle of an epoch
    StopFlag stop;
    int steps = 0;
    FitHooks hooks;
    hooks.stop = &stop;
    hooks.on_step = [&](const StepProgress&) {
      if (++steps == stop_after) stop.request();
    };
    TrainingState state = trained(job, 2, hooks);
    EXPECT_EQ(steps, stop_after);
    Engine engine(1);
    EXPECT_TRUE(fit(job, engine, state, {}));
    EXPECT_EQ(weights_of(state), whole);
  }
}

TEST(FitRules, KeepOutAShareOfEachClass) {
  const Dataset set = quarters(400);
  FitJob job = job_on(set, 1);
  job.options.validation_split = 0.25;
  keep_out_validation(job);
  ASSERT_TRUE(job.watch);
  EXPECT_EQ(job.watch->size(), 100U);
  EXPECT_EQ(job.train.size(), 300U);
  std::set<std::uint32_t> rows(job.train.indices.begin(), job.train.indices.end());
  rows.insert(job.watch->indices.begin(), job.watch->indices.end());
  EXPECT_EQ(rows.size(), 400U);
  const auto rare = std::ranges::count(labels_of(*job.watch), Label(3));
  EXPECT_EQ(rare, 5);  // a quarter of 20
}

TEST(FitRules, KeepOutWholeGroups) {
  Dataset set = quarters(400);
  for (std::uint32_t i = 0; i < 400; ++i) set.groups.push_back(i / 5);
  FitJob job = job_on(set, 1);
  job.options.validation_split = 0.2;
  keep_out_validation(job);
  std::set<std::uint32_t> watched, trained_on;
  for (const std::uint32_t row : job.watch->indices) watched.insert(set.groups[row]);
  for (const std::uint32_t row : job.train.indices) trained_on.insert(set.groups[row]);
  for (const std::uint32_t group : watched) EXPECT_FALSE(trained_on.contains(group));
  EXPECT_EQ(watched.size() + trained_on.size(), 80U);
}

TEST(FitRules, RefuseASplitThatLeavesNothing) {
  const Dataset set = quarters(4);
  FitJob job = job_on(set, 1);
  job.options.validation_split = 0.01;
  EXPECT_THAT(refusal_of([&] { keep_out_validation(job); }), HasSubstr("none to validate on"));
}

TEST(FitRules, RefuseToDecideByImagesThatAreNotThere) {
  const Dataset set = quarters(100);
  FitJob job = job_on(set, 1);
  job.options.early_stopping.monitor = "val_loss";
  EXPECT_THAT(refusal_of([&] { trained(job, 1); }), HasSubstr("set train.validation_split"));
}

// Judged on images with wrong labels, training makes it worse from some epoch on.
FitJob ever_worse(const Dataset& set, Dataset& wrong) {
  wrong = set;
  for (Label& label : wrong.labels) label = Label((label + 1) % 4);
  FitJob job = job_on(set, 12);
  job.watch = all_rows(wrong);
  job.options.early_stopping = {"val_loss", 0, 2, 0, true};
  return job;
}

TEST(FitRules, EndATrainingThatGetsNoBetterWithTheBestEpochsWeights) {
  const Dataset set = quarters(200);
  Dataset wrong;
  FitJob job = ever_worse(set, wrong);
  std::vector<std::vector<float>> after;
  FitHooks hooks;
  hooks.on_epoch = [&](const TrainingState& state) { after.push_back(weights_of(state)); };
  const TrainingState state = trained(job, 1, hooks);
  const auto best = std::size_t(best_epoch(job.options.early_stopping, state.history));
  EXPECT_EQ(state.history.size(), best + 3);  // two without a better one
  EXPECT_LT(state.history.size(), 12U);
  EXPECT_EQ(weights_of(state), after[best]);
  job.options.early_stopping.restore_best_weights = false;
  EXPECT_EQ(weights_of(trained(job, 1)), after.back());
}

TEST(FitRules, DropTheRateOnAPlateau) {
  const Dataset set = quarters(200);
  Dataset wrong;
  FitJob job = ever_worse(set, wrong);
  job.options.early_stopping = {};
  job.options.plateau = {"val_loss", 0.5, 2, 0, 0, 0.001};
  const TrainingState state = trained(job, 1);
  EXPECT_EQ(state.history.front().learning_rate, 0.005);
  EXPECT_EQ(state.history.back().learning_rate, 0.001);
}

TEST(FitRules, CountRareClassesAsMuchAsOthersWhereAskedTo) {
  const Dataset set = quarters(400);
  FitJob job = job_on(set, 1);
  const auto recall_of_rare = [&](const std::string& weight) {
    job.options.class_weight = weight;
    const TrainingState state = trained(job, 1);
    Engine engine(1);
    return evaluate(job.spec, state.params, engine, job.precision, job.train).per_class[3].recall;
  };
  EXPECT_GT(recall_of_rare("balanced"), recall_of_rare("none"));
}

}  // namespace
}  // namespace tailor::internal
