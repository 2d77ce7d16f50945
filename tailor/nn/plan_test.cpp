#include "tailor/nn/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "tailor/core/error.hpp"
#include "tailor/nn/test_nets.hpp"

namespace tailor::internal {
namespace {

using test::air_net;
using test::library_nets;
using test::LoadedPlan;
using test::odd_nets;
using test::precisions;
using test::RandomBatch;
using test::seed_net;

std::vector<float> gradients_of(const Spec& spec, int images, int threads, Precision precision) {
  LoadedPlan net(spec, images, Phase::kTraining, precision, threads);
  net.forward();
  net.backward();
  return net.gradients;
}

TEST(Plan, ReadsNothingItHasNotWritten) {
  for (const Spec& spec : odd_nets()) {
    const RandomBatch batch(spec.input, 7);
    for (const Precision precision : precisions()) {
      Engine engine(2);
      Plan plan(spec, engine, 7, Phase::kTraining, precision);
      const auto gradients_over = [&](std::uint8_t byte) {
        Params params = init_params(spec, 1);
        std::vector<float> gradients(params.table.weight_count);
        plan.load(params);
        for (std::uint32_t epoch = 0; epoch < 2; ++epoch) {
          plan.fill_arena(byte);
          plan.forward(batch.images, params, {5, epoch, batch.rows});
          plan.backward({batch.labels, 0.1}, gradients);
        }
        return gradients;
      };
      const auto over_zeros = gradients_over(0);
      for (const float g : over_zeros) ASSERT_TRUE(std::isfinite(g));
      EXPECT_EQ(gradients_over(0xff), over_zeros) << to_string(precision);
    }
  }
}

TEST(Plan, SharesMemoryOfWhatIsNotNeededTogether) {
  const Spec spec = air_net(16, {1, 28, 28});
  for (const Precision precision : precisions()) {
    for (const int threads : {1, 2}) {
      Engine engine(threads);
      const Plan training(spec, engine, 64, Phase::kTraining, precision);
      const Plan inference(spec, engine, 64, Phase::kInference, precision);
      const Plan inspection(spec, engine, 64, Phase::kInspection, precision);
      const double share = threads == 1 ? 0.6 : 0.96;  // what runs together needs it together
      EXPECT_LT(double(training.arena_bytes()), share * double(training.bytes_apart()));
      EXPECT_LE(inference.arena_bytes(), inference.bytes_apart());
      EXPECT_LE(inference.arena_bytes(), inspection.arena_bytes());
      EXPECT_GT(training.memory_bytes(), training.arena_bytes());
    }
  }
}

// What was measured, and a twentieth; 11.5 and 11.9 with every buffer apart.
TEST(Plan, TakesLittleMemoryNeedsBf16) {
  const Spec spec = seed_net(32, {1, 28, 28});
  const auto mebibytes = [&](int threads) {
    Engine engine(threads);
    const Plan plan(spec, engine, 128, Phase::kTraining, Precision::kBf16);
    return double(plan.memory_bytes()) / (1 << 20);
  };
  EXPECT_LT(mebibytes(1), 9.2);   // 8.8
  EXPECT_LT(mebibytes(2), 10.9);  // 10.4
}

TEST(Plan, SaysWhichGradientsAreCompleteWhileItMakesTheRest) {
  LoadedPlan net(seed_net(16), 8, Phase::kTraining, Precision::kF32);
  std::vector<std::size_t> firsts = {net.gradients.size()};
  std::vector<float> seen(net.gradients.size());
  SharedBatch whole;
  whole.on_gradients = [&](std::size_t first) {
    ASSERT_LE(first, firsts.back());
    std::copy(net.gradients.begin() + std::ptrdiff_t(first),
              net.gradients.begin() + std::ptrdiff_t(firsts.back()),
              seen.begin() + std::ptrdiff_t(first));
    firsts.push_back(first);
  };
  net.forward();
  net.backward(whole);
  EXPECT_EQ(firsts.back(), 0u);
  EXPECT_GE(std::set(firsts.begin(), firsts.end()).size(), 4u);
  EXPECT_EQ(seen, net.gradients);
}

TEST(Plan, AddsItsShareToTheGradientOfALargerBatch) {
  LoadedPlan net(seed_net(8), 6, Phase::kTraining, Precision::kF32);
  net.forward();
  net.backward();
  const std::vector<float> alone = net.gradients;
  SharedBatch whole;
  whole.images = 24;
  net.forward();
  net.backward(whole);
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(net.gradients[i], alone[i] / 4, 1e-6);
}

TEST(Plan, GivesTheSameBytesTwice) {
  const Spec spec = seed_net(17);
  for (const Precision precision : precisions()) {
    EXPECT_EQ(gradients_of(spec, 9, 2, precision), gradients_of(spec, 9, 2, precision));
  }
}

// 32 images are several parts to the library, 11 are one.
TEST(Plan, GivesTheSameBytesOnAnyNumberOfThreads) {
  std::vector<Spec> nets = odd_nets();
  for (const Spec& spec :
       {seed_net(24), seed_net(17, {1, 9, 13}), seed_net(8, {3, 8, 8}), air_net(9, {1, 14, 14})}) {
    nets.push_back(spec);
  }
  for (const Spec& spec : library_nets()) nets.push_back(spec);
  for (const Precision precision : precisions()) {
    for (const Spec& spec : nets) {
      for (const int images : {11, 32}) {
        const auto one = gradients_of(spec, images, 1, precision);
        for (const int threads : {2, 3, 5}) {
          EXPECT_EQ(one, gradients_of(spec, images, threads, precision))
              << threads << " threads, " << images << " images of net " << &spec - nets.data();
        }
      }
    }
  }
}

TEST(Plan, DropsTheSameValuesForASampleInAnyBatch) {
  const Spec spec = seed_net(8, {1, 8, 8}, 0.5);
  Engine engine(1);
  Params params = init_params(spec, 1);
  const RandomBatch batch(spec.input, 4, 100);
  const auto logits_of = [&](std::size_t first, std::size_t count) {
    Plan plan(spec, engine, int(count), Phase::kTraining, Precision::kF32);
    plan.load(params);
    plan.forward(std::span(batch.images).subspan(first, count), params,
                 {5, 2, std::span(batch.rows).subspan(first, count)});
    return std::vector<float>(plan.logits().begin(), plan.logits().end());
  };
  const auto together = logits_of(0, 4);
  const auto alone = logits_of(2, 1);
  for (std::size_t k = 0; k < 10; ++k) EXPECT_NEAR(together[20 + k], alone[k], 1e-4);
}

TEST(Plan, DropsAboutItsRateAndScalesTheRest) {
  Spec spec{{1, 20, 20}, 400, {{Rescaling{1, 0}}, {Flatten{}}, {Dropout{0.3}}}};
  Engine engine(2);
  Params params = init_params(spec, 1);
  const std::vector<std::uint8_t> image(400, 7);
  const std::vector<const std::uint8_t*> images(50, image.data());
  std::vector<std::uint32_t> rows(50);
  std::iota(rows.begin(), rows.end(), 0u);
  Plan plan(spec, engine, 50, Phase::kTraining, Precision::kF32);
  plan.forward(images, params, {1, 0, rows});
  int dropped = 0;
  for (const float v : plan.logits()) {
    if (v == 0) {
      ++dropped;
    } else {
      EXPECT_FLOAT_EQ(v, 10.f);  // 7 / (1 - 0.3)
    }
  }
  EXPECT_NEAR(dropped / 20000.0, 0.3, 0.015);  // 4.6 standard deviations
}

TEST(Plan, ReadsRescaledImagesInChannelOrder) {
  Spec spec{{3, 1, 2}, 6, {{Rescaling{0.5, 1}}, {Flatten{}}}};
  Engine engine(1);
  Params params = init_params(spec, 1);
  const std::vector<std::uint8_t> image = {0, 2, 4, 10, 12, 14};  // two RGB pixels
  const std::uint8_t* images[] = {image.data()};
  Plan plan(spec, engine, 1, Phase::kInference, Precision::kF32);
  plan.forward(images);
  EXPECT_EQ(std::vector<float>(plan.logits().begin(), plan.logits().end()),
            (std::vector<float>{1, 6, 2, 7, 3, 8}));
}

// The dense layer behind the features, applied by hand, gives the logits.
TEST(Plan, ShowsWhatItsLastHiddenLayerSees) {
  LoadedPlan net(seed_net(17), 3, Phase::kInference, Precision::kF32);
  net.forward();
  const Plan& plan = net.plan;
  ASSERT_EQ(plan.feature_count(), 32u);
  std::vector<float> seen(32);
  plan.features(2, seen);
  const TensorInfo& kernel = net.params.table.weights[net.params.table.weights.size() - 2];
  const TensorInfo& bias = net.params.table.weights.back();
  const auto weights = net.params.weights.floats();
  for (std::size_t k = 0; k < 10; ++k) {
    double logit = weights[bias.offset + k];
    for (std::size_t i = 0; i < 32; ++i) {
      logit += double(weights[kernel.offset + k * 32 + i]) * seen[i];
    }
    EXPECT_NEAR(logit, plan.logits()[20 + k], 1e-4);
  }
}

TEST(Plan, ShowsWhatEveryLayerPutsOut) {
  LoadedPlan net(seed_net(17), 3, Phase::kInspection, Precision::kF32);
  net.forward();
  const Plan& plan = net.plan;
  const auto layers = plan.activations();
  ASSERT_FALSE(layers.empty());
  EXPECT_EQ(layers.front().shape.channels, 17);
  EXPECT_EQ(layers.back().shape.size(), 10u);
  std::vector<float> logits(10);
  plan.activation(layers.size() - 1, 1, logits);
  EXPECT_TRUE(std::ranges::equal(logits, plan.logits().subspan(10, 10)));
  std::vector<float> maps(layers.front().shape.size());
  plan.activation(0, 1, maps);
  EXPECT_GE(*std::ranges::min_element(maps), 0);  // after its ReLU
  EXPECT_GT(*std::ranges::max_element(maps), 0);
}

TEST(Plan, SumsProbabilitiesToOne) {
  for (const Precision precision : precisions()) {
    LoadedPlan net(seed_net(5), 3, Phase::kInference, precision);
    net.forward();
    std::vector<float> p(30);
    net.plan.probabilities(p);
    for (int n = 0; n < 3; ++n) {
      EXPECT_NEAR(std::accumulate(p.begin() + n * 10, p.begin() + n * 10 + 10, 0.0), 1, 1e-6);
    }
  }
}

// A training plan normalises by the batch's statistics; handed to an inference plan as the running
// ones, they must give the same logits though that one folds them into its convolutions.
TEST(Plan, FoldsBatchNormalisationForInference) {
  Spec spec = air_net(9);
  for (Layer& layer : spec.layers) {
    if (auto* norm = std::get_if<BatchNormalization>(&layer.kind)) norm->momentum = 0;
  }
  const RandomBatch batch(spec.input, 6);
  for (const Precision precision : precisions()) {
    Engine engine(2);
    Params params = init_params(spec, 1);
    for (std::size_t i = 0; i < params.weights.floats().size(); ++i) {
      params.weights.floats()[i] *= 1 + 0.1f * float(i % 7);  // gammas that are not 1
    }
    Plan training(spec, engine, 6, Phase::kTraining, precision);
    training.load(params);
    training.forward(batch.images, params, {1, 0, batch.rows});
    Plan inference(spec, engine, 6, Phase::kInference, precision);
    inference.load(params);
    inference.forward(batch.images);
    // Five convolutions, two poolings where no convolution takes them in, a global one, the logits.
    EXPECT_GE(inference.activations().size(), 7u);
    EXPECT_LE(inference.activations().size(), 9u);
    const double tolerance = precision == Precision::kBf16 ? 0.05 : 1e-4;
    double largest = 0;
    for (const float v : training.logits()) largest = std::max(largest, double(std::abs(v)));
    for (std::size_t i = 0; i < 60; ++i) {
      EXPECT_NEAR(training.logits()[i], inference.logits()[i], tolerance * largest);
    }
  }
}

TEST(Plan, AddsABranchOfPassedOnValuesToItself) {
  Spec spec{{1, 4, 4}, 16, {{Rescaling{1, 0}}, {Flatten{}}, {Residual{{{Dropout{0}}}}}}};
  Engine engine(1);
  Params params = init_params(spec, 1);
  const std::vector<std::uint8_t> image(16, 3);
  const std::uint8_t* images[] = {image.data()};
  const std::vector<std::uint32_t> rows = {0};
  for (const Phase phase : {Phase::kTraining, Phase::kInference}) {
    Plan plan(spec, engine, 1, phase, Precision::kF32);
    plan.forward(images, params, {1, 0, rows});
    for (const float v : plan.logits()) EXPECT_EQ(v, 6);
  }
}

TEST(Plan, SaysWhichGradientsAreComplete) {
  for (const Spec& spec : test::odd_nets()) {
    LoadedPlan net(spec, 33, Phase::kTraining, Precision::kF32, 2);
    std::ranges::fill(net.gradients, std::numeric_limits<float>::quiet_NaN());
    std::vector<std::pair<std::size_t, std::vector<float>>> seen;
    SharedBatch whole;
    whole.on_gradients = [&](std::size_t first) {
      seen.emplace_back(
          first, std::vector(net.gradients.begin() + std::ptrdiff_t(first), net.gradients.end()));
    };
    net.forward();
    net.backward(whole);
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_LE(seen[i].first, seen[i - 1].first);
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.back().first, 0u);
    for (const auto& [first, tail] : seen) {
      EXPECT_TRUE(std::equal(tail.begin(), tail.end(),
                             net.gradients.begin() + std::ptrdiff_t(first), net.gradients.end()))
          << "from " << first;
    }
  }
}

TEST(Plan, RefusesToTrainThroughAMaximumOverMoreThanItCanIndex) {
  const Spec spec{{1, 257, 256}, 1, {{GlobalMaxPooling2D{}}}};
  Engine engine(1);
  EXPECT_THROW(Plan(spec, engine, 1, Phase::kTraining, Precision::kF32), Error);
  EXPECT_NO_THROW(Plan(spec, engine, 1, Phase::kInference, Precision::kF32));
}

}  // namespace
}  // namespace tailor::internal
