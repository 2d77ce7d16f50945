#include "tailor/train/rejection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/train/checkpoint.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using testing::HasSubstr;
using Labels = std::vector<Label>;

void expect_curve(const CoverageCurve& curve, const Json& wanted) {
  ASSERT_EQ(curve.size(), wanted.size());
  for (std::size_t i = 0; i < curve.size(); ++i) {
    EXPECT_EQ(curve[i].threshold, wanted[i]["threshold"].get<float>());
    EXPECT_EQ(curve[i].answers, wanted[i]["answers"].get<std::int64_t>());
    EXPECT_EQ(curve[i].precision(), wanted[i]["precision"].get<double>());
  }
}

// tools/golden/rejection.py
TEST(Rejection, IsScikitLearnsPrecisionByThreshold) {
  const Json cases =
      Json::parse(read_text(std::string(TAILOR_SOURCE_DIR) + "/tests/golden/rejection.json"));
  ASSERT_GE(cases.size(), 4u);
  for (const Json& golden : cases) {
    SCOPED_TRACE(golden["name"]);
    const auto p = golden["probabilities"].get<std::vector<float>>();
    const auto curve = coverage_curve(p, golden["labels"].get<Labels>(), golden["classes"]);
    expect_curve(curve, golden["curve"]);
    for (const auto& [wanted, threshold] : golden["chosen"].items()) {
      SCOPED_TRACE(wanted);
      const Rejection chosen = choose_rejection(curve, std::stod(wanted));
      EXPECT_EQ(chosen.below.has_value(), !threshold.is_null());
      if (!chosen.below) continue;
      EXPECT_EQ(*chosen.below, threshold.get<float>());
      EXPECT_EQ(chosen.chosen.answers, answers_from(curve, *chosen.below).answers);
    }
  }
}

// Four images, surest first: right, wrong, right, right.
CoverageCurve small_curve() {
  const std::vector<float> p = {0.9f, 0.1f, 0.2f, 0.8f, 0.7f, 0.3f, 0.4f, 0.6f};
  return coverage_curve(p, Labels{0, 0, 0, 1}, 2);
}

TEST(Rejection, CurveCountsTheAnswersThatAreAsSure) {
  const auto curve = small_curve();
  ASSERT_EQ(curve.size(), 4u);
  EXPECT_EQ(answers_from(curve, 0.95f).answers, 0);
  EXPECT_EQ(answers_from(curve, 0.95f).precision(), 0);
  EXPECT_EQ(answers_from(curve, 0.8f).answers, 2);  // the threshold itself is sure enough
  EXPECT_EQ(answers_from(curve, 0.8f).right, 1);
  EXPECT_EQ(answers_from(curve, 0).right, 3);
  EXPECT_EQ(surest_answers(curve, 0.5).answers, 2);
  EXPECT_EQ(surest_answers(curve, 1).answers, 4);
  EXPECT_EQ(surest_answers(curve, 0.01).answers, 1);
}

TEST(Rejection, FewAnswersDecideNothing) {
  const Rejection none = choose_rejection(small_curve(), 0.5);
  EXPECT_FALSE(none.below.has_value());
  EXPECT_EQ(none.images, 4);
  EXPECT_FALSE(is_unsure(none, std::vector<float>{0.5f, 0.5f}));
}

TEST(Rejection, WhatIsLessSureIsNoAnswer) {
  Rejection rejection;
  rejection.below = 0.7f;
  EXPECT_TRUE(is_unsure(rejection, std::vector<float>{0.31f, 0.69f}));
  EXPECT_FALSE(is_unsure(rejection, std::vector<float>{0.7f, 0.3f}));
}

TEST(Rejection, ComesBackFromTheCardAsItWas) {
  Rejection rejection{.wanted = 0.99,
                      .below = 0.8324137f,
                      .images = 1800,
                      .chosen_on = "training images kept out of training",
                      .chosen = {0.8324137f, 1500, 1490}};
  ModelCard card;
  set_rejection(card, rejection);
  EXPECT_EQ(card.at("reject_below"), "0.8324137");
  const Rejection read = rejection_of(card, "a model");
  EXPECT_EQ(read.below, rejection.below);
  EXPECT_EQ(read.wanted, rejection.wanted);
  EXPECT_EQ(read.chosen.right, rejection.chosen.right);
  EXPECT_EQ(rejection_text(read), rejection_text(rejection));
  card["reject_below"] = "1.5";
  EXPECT_THAT(refusal_of([&] { rejection_of(card, "a model"); }), HasSubstr("reject_below"));
  EXPECT_FALSE(rejection_of({}, "a model").below.has_value());
}

TEST(Rejection, SaysWhatCannotBeReached) {
  Rejection none{.wanted = 0.999, .images = 600, .chosen_on = "images", .chosen = {}};
  EXPECT_THAT(rejection_text(none), HasSubstr("99.9 % right cannot be reached"));
  none.images = 0;
  EXPECT_THAT(rejection_text(none), HasSubstr("no images"));
}

}  // namespace
}  // namespace tailor::internal
