#include "tailor/train/trainer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tailor/core/error.hpp"
#include "tailor/nn/test_nets.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"
#include "tailor/train/finite.hpp"
#include "tailor/train/training_step.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Ten classes of 8 x 8 images, told apart by which part is bright, with noise.
Dataset stripes(int count) {
  Dataset set;
  set.shape = {1, 8, 8};
  const Rng rng(11, Purpose::kDraw);
  for (int n = 0; n < count; ++n) {
    const int label = n % 10;
    for (int i = 0; i < 64; ++i) {
      const bool bright = i % 10 == label;
      const double noise = rng.uniform(std::uint64_t(n) * 64 + std::uint64_t(i)) * 120;
      set.pixels.push_back(std::uint8_t(noise + (bright ? 130 : 0)));
    }
    set.labels.push_back(Label(label));
  }
  for (int k = 0; k < 10; ++k) set.class_names.push_back(std::to_string(k));
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

std::vector<float> weights_of(TrainingState& s) {
  return {s.params.weights.floats().begin(), s.params.weights.floats().end()};
}

TEST(Fit, LearnsToTellStripesApart) {
  const Dataset set = stripes(500);
  FitJob job = job_on(set, 8);
  job.watch = all_rows(set);
  Engine engine(2);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  EXPECT_TRUE(fit(job, engine, state, {}));
  ASSERT_EQ(state.history.size(), 8u);
  EXPECT_GT(state.history.back().watched_accuracy, 0.95);
  EXPECT_LT(state.history.back().loss, 0.5 * state.history.front().loss);
  EXPECT_GT(state.history.back().loss, state.history.back().cross_entropy);  // the penalty
}

TEST(Fit, GivesTheSameBytesForTheSameSeed) {
  const Dataset set = stripes(100);
  const FitJob job = job_on(set, 2);
  const auto run = [&] {
    Engine engine(2);
    TrainingState state = start_training(job.spec, job.options, job.seed);
    fit(job, engine, state, {});
    return weights_of(state);
  };
  EXPECT_EQ(run(), run());
}

// With the library's kernels too, which sum in parts of the batch.
TEST(Fit, GivesTheSameBytesOnAnyNumberOfThreads) {
  const Dataset set = stripes(100);  // batches of 32, and a last one of 4
  KernelChoices library;
  library.otherwise = Kernels::kLibrary;
  const auto train = [&](const FitJob& job, int threads, const KernelChoices* choices) {
    Engine engine(threads, nullptr, choices);
    TrainingState state = start_training(job.spec, job.options, job.seed);
    fit(job, engine, state, {});
    return weights_of(state);
  };
  FitJob job = job_on(set, 2);
  std::vector<Spec> nets = test::library_nets(set.shape);
  nets.push_back(job.spec);
  for (const Spec& spec : nets) {
    job.spec = spec;
    for (const bool ours : {true, false}) {
      const KernelChoices* choices = ours ? nullptr : &library;
      const std::vector<float> one = train(job, 1, choices);
      for (const int threads : {2, 3}) {
        EXPECT_EQ(train(job, threads, choices), one) << "net " << &spec - nets.data();
      }
    }
  }
}

TEST(Fit, GoesOnToTheSameBytesAfterAStop) {
  const Dataset set = stripes(100);
  const FitJob job = job_on(set, 3);
  Engine engine(1);
  TrainingState whole = start_training(job.spec, job.options, job.seed);
  fit(job, engine, whole, {});

  for (const int stop_after : {1, 4, 6}) {
    TrainingState state = start_training(job.spec, job.options, job.seed);
    StopFlag stop;
    int steps = 0;
    FitHooks hooks;
    hooks.stop = &stop;
    hooks.on_step = [&](const StepProgress&) {
      if (++steps == stop_after) stop.request();
    };
    EXPECT_FALSE(fit(job, engine, state, hooks));
    EXPECT_EQ(steps, stop_after);
    EXPECT_TRUE(fit(job, engine, state, {}));
    EXPECT_EQ(weights_of(state), weights_of(whole));
    EXPECT_EQ(state.history.back().loss, whole.history.back().loss);
    EXPECT_EQ(state.history.back().accuracy, whole.history.back().accuracy);
  }
}

TEST(Fit, ReportsEveryStepOfEveryEpoch) {
  const Dataset set = stripes(70);
  const FitJob job = job_on(set, 2);
  Engine engine(1);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  std::vector<std::pair<int, std::int64_t>> seen;
  FitHooks hooks;
  hooks.on_step = [&](const StepProgress& p) { seen.emplace_back(p.epoch, p.step); };
  fit(job, engine, state, hooks);
  EXPECT_THAT(seen, testing::ElementsAre(std::pair(1, 1), std::pair(1, 2), std::pair(1, 3),
                                         std::pair(2, 1), std::pair(2, 2), std::pair(2, 3)));
}

TEST(Fit, TrainsOnItsRowsOnly) {
  Dataset set = stripes(60);
  FitJob job = job_on(set, 1);
  job.train.indices.resize(30);
  Engine engine(1);
  TrainingState a = start_training(job.spec, job.options, job.seed);
  fit(job, engine, a, {});
  for (std::size_t i = 30 * 64; i < set.pixels.size(); ++i) set.pixels.own()[i] = 0;
  TrainingState b = start_training(job.spec, job.options, job.seed);
  fit(job, engine, b, {});
  EXPECT_EQ(weights_of(a), weights_of(b));
}

TEST(Fit, StopsWithAWordWhenTheLossIsNoNumber) {
  const Dataset set = stripes(64);
  FitJob job = job_on(set, 5);
  job.options.optimizer = "sgd";
  job.options.learning_rate = 1e30;
  Engine engine(1);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  EXPECT_THAT(refusal_of([&] { fit(job, engine, state, {}); }),
              AllOf(HasSubstr("training diverged in epoch 1"), HasSubstr("train.learning_rate")));
}

// A ReLU or a pooling behind what is no number must not hide it, whatever kernels compute them.
TEST(Fit, FindsWhatIsNoNumberBeforeAnybodySavesIt) {
  const Dataset set = stripes(64);
  FitJob job = job_on(set, 2);
  job.options.optimizer = "sgd";
  KernelChoices library;
  library.otherwise = Kernels::kLibrary;
  for (const double rate : {1e20, 1e38}) {
    for (const Spec& spec : {test::seed_net(8, set.shape), test::air_net(4, set.shape)}) {
      for (const bool ours : {true, false}) {
        for (const Precision precision : test::precisions()) {
          job.spec = spec;
          job.options.learning_rate = rate;
          job.precision = precision;
          Engine engine(1, nullptr, ours ? nullptr : &library);
          TrainingState state = start_training(job.spec, job.options, job.seed);
          bool kept = false;
          FitHooks hooks;
          hooks.on_epoch = [&](const TrainingState& s) {
            kept = kept || !first_not_finite(s.params).empty();
          };
          EXPECT_THAT(refusal_of([&] {
                        fit(job, engine, state, hooks);
                        check_last_step(job, engine, state);
                      }),
                      HasSubstr("training diverged in epoch"));
          EXPECT_FALSE(kept);
        }
      }
    }
  }
}

TEST(Fit, LooksAtWhatItsLastStepLeft) {
  const Dataset set = stripes(32);
  FitJob job = job_on(set, 1);  // of a single step
  job.options.optimizer = "sgd";
  job.options.learning_rate = 1e38;
  Engine engine(1);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  EXPECT_THAT(refusal_of([&] {
                fit(job, engine, state, {});
                check_last_step(job, engine, state);
              }),
              HasSubstr("training diverged in epoch 1"));
}

TEST(Fit, LeavesNothingToSaveWhereItWasStoppedTooLate) {
  const Dataset set = stripes(64);
  const FitJob job = job_on(set, 2);
  Engine engine(1);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  StopFlag stop;
  FitHooks hooks;
  hooks.stop = &stop;
  hooks.on_step = [&](const StepProgress&) {
    state.params.weights.floats()[0] = std::numeric_limits<float>::quiet_NaN();
    stop.request();
  };
  EXPECT_THAT(refusal_of([&] { fit(job, engine, state, hooks); }),
              HasSubstr("layers.2.kernel is no number"));
}

TEST(Predict, RefusesAnswersThatAreNoNumbers) {
  const Dataset set = stripes(4);
  const Spec spec = test::air_net(4, set.shape);
  Params params = init_params(spec, 3);
  for (float& w : params.weights.floats()) w *= 1e30f;
  for (const Precision precision : test::precisions()) {
    Engine engine(1);
    const Rows rows = all_rows(set);
    SCOPED_TRACE(to_string(precision));
    EXPECT_THAT(refusal_of([&] { predict(spec, params, engine, precision, rows); }),
                HasSubstr("answer for image 0 is no number"));
    EXPECT_THAT(refusal_of([&] { evaluate(spec, params, engine, precision, rows); }),
                HasSubstr("is no number"));
    EXPECT_THAT(refusal_of([&] { features(spec, params, engine, precision, rows); }),
                HasSubstr("no numbers"));
  }
}

TEST(LeastMemory, IsKnownBeforeAnythingIsMade) {
  const Dataset set = stripes(10);
  FitJob job = job_on(set, 1);
  job.spec.layers.insert(job.spec.layers.end() - 1, {Dense{1 << 20}});
  job.spec.layers.insert(job.spec.layers.end() - 1, {Dense{1 << 19}});
  const MemoryPlan plan = least_memory(job);  // adam: weights, gradients and two moments
  EXPECT_GT(plan.parameters, std::size_t(4) * 4 << 39);
  EXPECT_GT(plan.peak(), plan.parameters);
}

TEST(TrainingStep, IsWhatFitRepeats) {
  const Dataset set = stripes(70);  // steps of 32, 32 and 6 images
  const FitJob job = job_on(set, 2);
  Engine engine(2);
  TrainingState whole = start_training(job.spec, job.options, job.seed);
  fit(job, engine, whole, {});

  TrainingState state = start_training(job.spec, job.options, job.seed);
  TrainingStep step(job, engine, state);
  std::vector<std::size_t> images;
  for (state.epoch = 0; state.epoch < 2; ++state.epoch) {
    step.begin_epoch();
    for (state.step = 0; state.step < step.steps(); ++state.step) {
      images.push_back(step.run().images);
    }
  }
  EXPECT_THAT(images, testing::ElementsAre(32, 32, 6, 32, 32, 6));
  EXPECT_EQ(weights_of(state), weights_of(whole));
}

TEST(TrainingStep, LeavesTheWeightsWhenTheLossIsNoNumber) {
  const Dataset set = stripes(32);
  const FitJob job = job_on(set, 1);
  Engine engine(1);
  TrainingState state = start_training(job.spec, job.options, job.seed);
  state.params.weights.floats()[0] = std::numeric_limits<float>::infinity();
  const std::vector<float> before = weights_of(state);
  TrainingStep step(job, engine, state);
  step.begin_epoch();
  EXPECT_THROW(step.run(), Error);
  EXPECT_EQ(weights_of(state), before);
}

TEST(Predict, AnswersInTheOrderOfTheRows) {
  const Dataset set = stripes(23);
  const Spec spec = test::seed_net(8, set.shape);
  Params params = init_params(spec, 3);
  Engine engine(2);
  Rows rows = all_rows(set);
  const auto forwards = predict(spec, params, engine, Precision::kF32, rows);
  std::ranges::reverse(rows.indices);
  const auto backwards = predict(spec, params, engine, Precision::kF32, rows);
  ASSERT_EQ(forwards.size(), 230u);
  for (std::size_t row = 0; row < 23; ++row) {
    for (std::size_t c = 0; c < 10; ++c) {
      EXPECT_NEAR(forwards[row * 10 + c], backwards[(22 - row) * 10 + c], 1e-5);
    }
  }
}

}  // namespace
}  // namespace tailor::internal
