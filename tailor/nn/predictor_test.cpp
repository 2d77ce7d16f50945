#include "tailor/nn/predictor.hpp"

#include <gtest/gtest.h>

#include "tailor/core/error.hpp"
#include "tailor/core/memory/allocations.hpp"
#include "tailor/nn/test_nets.hpp"

namespace tailor::internal {
namespace {

constexpr int kImages = 37;

struct Images {
  std::vector<std::uint8_t> bytes;
  std::vector<const std::uint8_t*> each;

  Images(const Shape& shape, int count) : bytes(std::size_t(count) * shape.size()) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::uint8_t(i * i / 7 + i);
    for (int i = 0; i < count; ++i) each.push_back(&bytes[std::size_t(i) * shape.size()]);
  }
};

TEST(Predictor, AnswersAsOnePlanDoesWhateverTheThreadsAndTheBatch) {
  for (const Spec& spec : test::odd_nets()) {
    for (const Precision precision : test::precisions()) {
      SCOPED_TRACE(to_string(precision));
      const bool f32 = precision == Precision::kF32;
      // The library's kernels round by the size of a batch.
      Params params = init_params(spec, 1);
      const Images images(spec.input, kImages);
      Engine alone(1);
      Plan plan(spec, alone, kImages, Phase::kInference, precision);
      plan.load(params);
      plan.forward(images.each);
      std::vector<float> expected(kImages * 10), answer(expected.size());
      plan.probabilities(expected);
      std::vector<float> values(kImages * plan.feature_count()), of_one(plan.feature_count());
      for (const int threads : {1, 2, 3}) {
        for (const int batch : {1, 2, 5, kImages, 256}) {
          Engine engine(threads);
          Predictor predictor(spec, engine, batch, precision);
          predictor.load(params);
          predictor.probabilities(images.each, answer);
          for (std::size_t i = 0; i < answer.size(); ++i) {
            ASSERT_NEAR(answer[i], expected[i], f32 ? 1e-4 : 2e-2)
                << threads << " threads, batch " << batch;
          }
          predictor.features(images.each, values);
          for (int i = 0; i < kImages; ++i) {
            plan.features(i, of_one);
            for (std::size_t f = 0; f < of_one.size(); ++f) {
              ASSERT_NEAR(values[std::size_t(i) * of_one.size() + f], of_one[f], f32 ? 1e-4 : 5e-2);
            }
          }
        }
      }
    }
  }
}

TEST(Predictor, MakesPiecesByTheBatchAlone) {
  const Spec spec = test::seed_net(16);
  const auto made = [&](int batch) {
    Engine one(1);
    Engine two(2);
    const Predictor p(spec, two, batch, Precision::kF32);
    EXPECT_EQ(Predictor(spec, one, batch, Precision::kF32).piece(), p.piece());
    return std::pair(p.workers(), p.piece());
  };
  EXPECT_EQ(made(1), std::pair(1, 1));
  EXPECT_EQ(made(2), std::pair(1, 2));
  EXPECT_EQ(made(9), std::pair(2, 2));
  EXPECT_EQ(made(100), std::pair(2, 13));
  EXPECT_EQ(made(256), std::pair(2, 16));
}

TEST(Predictor, AllocatesNothingWhenItAnswers) {
  const Spec spec = test::seed_net(16);
  Engine engine(2);
  Params params = init_params(spec, 1);
  const Images images(spec.input, kImages);
  std::vector<float> answer(kImages * 10);
  for (const int batch : {1, kImages}) {
    Predictor predictor(spec, engine, batch, Precision::kF32);
    predictor.load(params);
    predictor.probabilities(images.each, answer);
    const auto before = allocations_on_this_thread().ours;
    predictor.probabilities(images.each, answer);
    EXPECT_EQ(allocations_on_this_thread().ours, before);
  }
}

TEST(Predictor, SaysWhatAWorkerComplainsOfNeedsVnni) {
  const Spec spec = test::seed_net(16);
  Engine engine(2);
  Predictor predictor(spec, engine, 8, Precision::kInt8);
  EXPECT_THROW(predictor.load(init_params(spec, 1)), Error);  // no ranges
}

}  // namespace
}  // namespace tailor::internal
