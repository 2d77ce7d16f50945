// Training on several ranks against training alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/nn/test_nets.hpp"
#include "tailor/train/gradient_sums.hpp"
#include "tailor/train/test_peers.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {
namespace {

using test::on_ranks;
using test::ThreadPeers;

// Four classes of 8 x 8 noise with one bright quarter.
Dataset quarters(int count) {
  Dataset set;
  set.shape = {1, 8, 8};
  const Rng rng(4, Purpose::kDraw);
  for (int n = 0; n < count; ++n) {
    const int label = n % 4;
    for (int i = 0; i < 64; ++i) {
      const bool bright = (i / 32) == label / 2 && (i % 8 / 4) == label % 2;
      const double noise = rng.uniform(std::uint64_t(n) * 64 + std::uint64_t(i)) * 120;
      set.pixels.push_back(std::uint8_t(noise + (bright ? 120 : 0)));
    }
    set.labels.push_back(Label(label));
  }
  set.class_names = {"a", "b", "c", "d"};
  return set;
}

// Convolution, batch normalisation and dropout; with more than one bundle of gradients.
Spec normalized_net() {
  Conv2D conv{.filters = 8};
  conv.padding = "same";
  conv.kernel_regularizer = {0, 1e-4};
  return {{1, 8, 8},
          4,
          {{Rescaling{1 / 255.0, 0}},
           {conv},
           {BatchNormalization{}},
           {ReLU{}},
           {Residual{{{conv}, {BatchNormalization{}}}}},
           {MaxPooling2D{}},
           {Flatten{}},
           {Dense{.units = 160, .activation = "relu"}},
           {Dropout{0.3}},
           {Dense{.units = 4, .activation = "softmax"}}}};
}

FitJob job_on(const Dataset& set, const Spec& spec, int batch) {
  FitJob job;
  job.spec = spec;
  job.options.epochs = 2;
  job.options.batch = batch;
  job.options.optimizer = "sgd";  // Adam makes much of rounding where a gradient is nearly zero
  job.options.learning_rate = 0.05;
  job.options.momentum = 0.9;
  job.options.label_smoothing = 0.1;
  job.seed = 9;
  job.train = all_rows(set);
  return job;
}

TrainingState trained_alone(const FitJob& job) {
  Engine engine(1);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  fit(job, engine, state, {});
  return state;
}

// Ranks take `threads` in turn.
std::vector<TrainingState> trained_on(int ranks, const FitJob& job,
                                      const std::vector<int>& threads = {1}) {
  std::vector<TrainingState> states;
  for (int i = 0; i < ranks; ++i) {
    states.push_back(start_training(job.spec, job.options, job.seed));
  }
  on_ranks(ranks, [&](ThreadPeers& peers) {
    Engine engine(threads[std::size_t(peers.rank()) % threads.size()], &peers);
    fit(job, engine, states[std::size_t(peers.rank())], {});
  });
  return states;
}

double relative_difference(std::span<const float> a, std::span<const float> b) {
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(double(a[i]) - double(b[i]), 2);
    norm += std::pow(double(a[i]), 2);
  }
  return std::sqrt(difference / norm);
}

void expect_same_training(const TrainingState& alone, const TrainingState& shared) {
  EXPECT_LT(relative_difference(alone.params.weights.floats(), shared.params.weights.floats()),
            2e-5);
  if (alone.params.state.bytes() > 0) {
    EXPECT_LT(relative_difference(alone.params.state.floats(), shared.params.state.floats()), 2e-5);
  }
  ASSERT_EQ(alone.history.size(), shared.history.size());
  for (std::size_t i = 0; i < alone.history.size(); ++i) {
    EXPECT_NEAR(alone.history[i].loss, shared.history[i].loss, 1e-4);
    EXPECT_NEAR(alone.history[i].accuracy, shared.history[i].accuracy, 0.011);
  }
}

void expect_ranks_agree(const FitJob& job, std::initializer_list<int> numbers_of_ranks) {
  const TrainingState alone = trained_alone(job);
  for (const int ranks : numbers_of_ranks) {
    SCOPED_TRACE(ranks);
    const auto states = trained_on(ranks, job);
    for (const TrainingState& state : states) {
      expect_same_training(alone, state);
      EXPECT_TRUE(
          std::ranges::equal(state.params.weights.floats(), states[0].params.weights.floats()));
    }
  }
}

// 100 images in batches of 32: the last batch has 4.
TEST(FitWithPeers, EndsAsOneProcessWithTheSameBatch) {
  const Dataset set = quarters(100);
  expect_ranks_agree(job_on(set, normalized_net(), 32), {2, 3});
}

TEST(FitWithPeers, SharesBatchesThatDoNotDivide) {
  const Dataset set = quarters(96);
  expect_ranks_agree(job_on(set, normalized_net(), 31), {2, 3});
}

// 64 and 63 images, one thread and three; gradients of more than one sum.
TEST(FitWithPeers, LetsRanksHaveOtherThreadsAndImages) {
  const Dataset set = quarters(254);
  const Conv2D conv{.filters = 48, .padding = "same"};
  const Spec spec{
      {1, 8, 8},
      4,
      {{Rescaling{}}, {conv}, {ReLU{}}, {conv}, {Flatten{}}, {Dropout{0.3}}, {Dense{4}}}};
  const FitJob job = job_on(set, spec, 127);
  const auto states = trained_on(2, job, {1, 3});
  expect_same_training(trained_alone(job), states[0]);
  EXPECT_TRUE(
      std::ranges::equal(states[0].params.weights.floats(), states[1].params.weights.floats()));
}

// Batches of 20, then one of 2.
TEST(FitWithPeers, HandlesABatchWithFewerImagesThanRanks) {
  const Dataset set = quarters(42);
  expect_ranks_agree(job_on(set, normalized_net(), 20), {3, 4});
}

TEST(FitWithPeers, WatchesAsOneProcessDoes) {
  const Dataset set = quarters(60);
  const Dataset watched = quarters(7);
  FitJob job = job_on(set, test::seed_net(8, set.shape, 0.2), 20);
  job.spec.classes = 4;
  std::get<Dense>(job.spec.layers.back().kind).units = 4;
  job.watch = all_rows(watched);
  const TrainingState alone = trained_alone(job);
  for (const TrainingState& state : trained_on(3, job)) {
    EXPECT_NEAR(*state.history.back().watched_loss, *alone.history.back().watched_loss, 1e-4);
    EXPECT_EQ(state.history.back().watched_accuracy, alone.history.back().watched_accuracy);
  }
}

TEST(FitWithPeers, GivesTheSameBytesTwice) {
  const Dataset set = quarters(50);
  const FitJob job = job_on(set, normalized_net(), 16);
  const auto a = trained_on(2, job);
  const auto b = trained_on(2, job);
  EXPECT_TRUE(std::ranges::equal(a[0].params.weights.floats(), b[1].params.weights.floats()));
}

TEST(FitWithPeers, AllStopAfterTheSameStepWhereOneIsAsked) {
  const Dataset set = quarters(100);
  const FitJob job = job_on(set, normalized_net(), 16);
  std::vector<std::int64_t> steps(2);
  on_ranks(2, [&](ThreadPeers& peers) {
    Engine engine(1, &peers);
    TrainingState state = start_training(job.spec, job.options, job.seed);
    StopFlag stop;
    FitHooks hooks;
    hooks.stop = &stop;
    hooks.on_step = [&](const StepProgress& p) {
      if (peers.rank() == 1 && p.step == 3) stop.request();
    };
    EXPECT_FALSE(fit(job, engine, state, hooks));
    steps[std::size_t(peers.rank())] = state.step;
  });
  EXPECT_EQ(steps[0], steps[1]);
  EXPECT_EQ(steps[0], 4);  // asked after the third, all know after the next
}

TEST(FitWithPeers, AllFailWhereTheLossIsNoNumber) {
  const Dataset set = quarters(64);
  FitJob job = job_on(set, test::seed_net(8, set.shape, 0.2), 16);
  job.options.learning_rate = 1e30;
  on_ranks(2, [&](ThreadPeers& peers) {
    Engine engine(1, &peers);
    TrainingState state = start_training(job.spec, job.options, job.seed);
    EXPECT_THROW(fit(job, engine, state, {}), Error);
  });
}

TEST(FitWithPeers, PlansItsMemoryBeforeTheFirstStep) {
  const Dataset set = quarters(100);
  const FitJob job = job_on(set, normalized_net(), 32);
  Engine engine(1);
  const MemoryPlan plan = memory_plan(job, engine);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  EXPECT_EQ(plan.images, 100u * (64 + 1 + 4));
  // Weights, gradients and the velocity; the state.
  EXPECT_EQ(plan.parameters,
            (3 * state.params.table.weight_count + state.params.table.state_count) * 4);
  const Plan one(job.spec, engine, 32, Phase::kTraining, Precision::kF32);
  const Plan tail(job.spec, engine, 4, Phase::kTraining, Precision::kF32);
  EXPECT_EQ(plan.training, one.memory_bytes() + tail.memory_bytes());
  EXPECT_EQ(plan.peak(), plan.images + plan.parameters + std::max(plan.training, plan.evaluation));
}

TEST(PredictWithPeers, GivesEveryRankAllRows) {
  const Dataset set = quarters(11);
  const Spec spec = normalized_net();
  Params params = init_params(spec, 3);
  Engine alone(1);
  const auto expected = predict(spec, params, alone, Precision::kF32, all_rows(set));
  on_ranks(3, [&](ThreadPeers& peers) {
    Engine engine(1, &peers);
    Params own = init_params(spec, 3);
    const auto p = predict(spec, own, engine, Precision::kF32, all_rows(set));
    ASSERT_EQ(p.size(), expected.size());
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], expected[i], 1e-6);
  });
}

TEST(GradientSums, StartBeforeTheBackwardPassIsOver) {
  std::vector<float> gradients(100000);
  on_ranks(1, [&](ThreadPeers& peers) {
    GradientSums sums(peers, gradients);
    sums.complete_from(99000);  // small: waits for more
    EXPECT_EQ(peers.sums(), 0);
    sums.complete_from(50000);
    EXPECT_EQ(peers.sums(), 1);
    sums.complete_from(50000);
    EXPECT_EQ(peers.sums(), 1);
    sums.complete_from(0);
    EXPECT_EQ(peers.sums(), 2);
    sums.finish();
    EXPECT_EQ(peers.sums(), 2);
  });
}

}  // namespace
}  // namespace tailor::internal
