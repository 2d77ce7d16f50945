#include "tailor/study/held_out.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/search/memory_store.hpp"

namespace tailor::internal {
namespace {

using testing::ElementsAre;

// 12x9 colour images of three classes, each a bright third.
Dataset thirds(std::size_t count) {
  Dataset set;
  set.shape = {.channels = 3, .height = 12, .width = 9};
  set.class_names = {"left", "middle", "right"};
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = std::uint8_t(i % 3);
    for (std::size_t value = 0; value < set.shape.size(); ++value) {
      const bool bright = value / 3 % 9 / 3 == label;
      set.pixels.push_back(std::uint8_t((bright ? 180 : 20) + (i * 7 + value) % 40));
    }
    set.labels.push_back(label);
  }
  return set;
}

// A plan of two folds over five images, and a store with what was said of two classes: the image's
// row, and its negative.
struct Made {
  SearchPlan plan;
  MemoryStore store;

  Made() {
    plan.candidates = {Settings{}, Settings{}};
    plan.folds = {{.train = {1, 3}, .test = {0, 2, 4}}, {.train = {0, 2, 4}, .test = {1, 3}}};
    store.predictions[{1, 0}] = {0, 0, 2, -2, 4, -4};
    store.predictions[{1, 1}] = {1, -1, 3, -3};
  }
  std::optional<std::vector<float>> probabilities(int candidate) {
    return out_of_fold_probabilities(plan, store, candidate, 2);
  }
};

TEST(OutOfFold, StandsInTheOrderOfTheTrainingSet) {
  EXPECT_THAT(Made().probabilities(1).value(), ElementsAre(0, 0, 1, -1, 2, -2, 3, -3, 4, -4));
}

TEST(OutOfFold, IsNothingWhereAFoldOrAnImageIsMissing) {
  EXPECT_EQ(Made().probabilities(0), std::nullopt);
  Made lacks_fold;
  lacks_fold.store.predictions.erase({1, 1});
  EXPECT_EQ(lacks_fold.probabilities(1), std::nullopt);
  Made lacks_image;  // as scikit-learn's ShuffleSplit: row 3 is never held out
  lacks_image.plan.folds[1].test = {1};
  lacks_image.store.predictions[{1, 1}] = {1, -1};
  EXPECT_EQ(lacks_image.probabilities(1), std::nullopt);
  Made twice;
  twice.plan.folds[1].test = {1, 2};
  EXPECT_EQ(twice.probabilities(1), std::nullopt);
  Made none;
  none.plan.folds.clear();
  EXPECT_EQ(none.probabilities(1), std::nullopt);
}

TEST(OutOfFold, RefusesPredictionsOfOtherImages) {
  Made other;
  other.store.predictions[{1, 1}].push_back(0);
  EXPECT_THROW(other.probabilities(1), Error);
}

Experiment small_net() {
  Experiment e = parse_experiment(R"(
precision = "f32"
[model]
kernels = 4
dense = 16
dropout = 0.0
[train]
batch = 8
learning_rate = 0.01
[search]
cv = 3
epochs = 6
)",
                                  "test");
  return e;
}

TEST(CrossValidated, SaysTheSameForAnyNumberOfWorkersAndKnowsTheClasses) {
  const Dataset set = thirds(61);
  Experiment e = small_net();
  e.search.parallel = 1;
  const auto one = cross_validated_probabilities(e, set, {});
  e.search.parallel = 3;
  const auto three = cross_validated_probabilities(e, set, {});
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one, three);
  ASSERT_EQ(one->size(), 61u * 3);
  int hits = 0;
  for (std::size_t i = 0; i < 61; ++i) {
    const auto row = one->begin() + std::ptrdiff_t(i * 3);
    hits += std::max_element(row, row + 3) - row == set.labels[i];
  }
  EXPECT_GE(hits, 58);
}

TEST(CrossValidated, AnImageIsNotJudgedByANetThatLearnedItsLabel) {
  Dataset set = thirds(60);
  set.labels[7] = 2;  // it shows class 1
  const auto p = cross_validated_probabilities(small_net(), set, {}).value();
  EXPECT_GT(p[7 * 3 + 1], p[7 * 3 + 2]);
}

TEST(CrossValidated, QuickJudgesKnowASmallSetAndOneWithTwoOfAClass) {
  Dataset set = thirds(30);
  for (std::size_t i = 8; i < 30; i += 3) set.labels[i] = 1;  // leaves two of class 2
  const Experiment e = quick_judges(set, 1);
  EXPECT_EQ(e.search.cv, 2);
  EXPECT_EQ(quick_judges(thirds(30), 1).search.cv, 3);
  EXPECT_EQ(cross_validated_probabilities(e, set, {})->size(), 90u);
}

TEST(CrossValidated, StopsAndRefuses) {
  StopFlag stop;
  stop.request();
  EXPECT_EQ(cross_validated_probabilities(small_net(), thirds(60), {{}, &stop}), std::nullopt);
  EXPECT_THROW(cross_validated_probabilities(small_net(), thirds(7), {}), Error);  // of 2 a class
  Experiment e = small_net();
  e.train.learning_rate = 1e30;
  EXPECT_THROW(cross_validated_probabilities(e, thirds(60), {}), Error);
}

}  // namespace
}  // namespace tailor::internal
