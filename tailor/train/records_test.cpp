#include "tailor/train/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> numbered_classes(int classes) {
  std::vector<std::string> names;
  for (int c = 0; c < classes; ++c) names.push_back(std::to_string(c));
  return names;
}

Evaluation evaluate_two_classes(const std::vector<float>& probabilities,
                                const std::vector<Label>& labels) {
  return evaluate_predictions(probabilities, labels, {"cat", "dog"});
}

// tools/golden/metrics.py
TEST(Evaluation, IsScikitLearns) {
  const Json cases =
      Json::parse(read_text(std::string(TAILOR_SOURCE_DIR) + "/tests/golden/metrics.json"));
  ASSERT_GE(cases.size(), 7u);
  for (const Json& golden : cases) {
    SCOPED_TRACE(golden["name"]);
    const Json& expected = golden["expected"];
    const auto probabilities = golden["probabilities"].get<std::vector<float>>();
    const auto labels = golden["labels"].get<std::vector<Label>>();
    const int classes = golden["classes"];
    const Evaluation e = evaluate_predictions(probabilities, labels, numbered_classes(classes));
    EXPECT_DOUBLE_EQ(e.accuracy, expected["accuracy"]);
    EXPECT_NEAR(e.loss, double(expected["loss"]), 1e-12 * (1 + double(expected["loss"])));
    EXPECT_DOUBLE_EQ(e.top2, expected["top2"]);
    EXPECT_NEAR(e.interval_low, double(expected["interval"][0]), 1e-12);
    EXPECT_NEAR(e.interval_high, double(expected["interval"][1]), 1e-12);
    EXPECT_EQ(e.images, std::int64_t(labels.size()));
    EXPECT_EQ(Json(e.confusion), expected["confusion"]);
    for (std::size_t c = 0; c < std::size_t(classes); ++c) {
      EXPECT_DOUBLE_EQ(e.per_class[c].precision, expected["precision"][c]);
      EXPECT_DOUBLE_EQ(e.per_class[c].recall, expected["recall"][c]);
      EXPECT_DOUBLE_EQ(e.per_class[c].f1, expected["f1"][c]);
      EXPECT_EQ(e.per_class[c].support, expected["support"][c]);
    }
    EXPECT_NEAR(e.macro.precision, double(expected["macro"][0]), 1e-12);
    EXPECT_NEAR(e.macro.recall, double(expected["macro"][1]), 1e-12);
    EXPECT_NEAR(e.macro.f1, double(expected["macro"][2]), 1e-12);
    double recalls = 0, occur = 0;  // scikit-learn's: the mean recall of classes with images
    for (int c = 0; c < classes; ++c) {
      recalls += double(expected["recall"][std::size_t(c)]);
      occur += expected["support"][std::size_t(c)] > 0;
    }
    EXPECT_NEAR(e.balanced_accuracy, recalls / occur, 1e-12);
  }
}

TEST(Evaluation, GivesTiesToTheLowerClass) {
  const Evaluation e = evaluate_predictions(std::vector<float>{0.25, 0.25, 0.25, 0.25},
                                            std::vector<Label>{0}, numbered_classes(4));
  EXPECT_EQ(e.accuracy, 1);
  for (const int label : {0, 1, 2, 3}) {
    const std::vector<Label> labels = {Label(label)};
    const std::vector<float> even(4, 0.25f);
    EXPECT_EQ(evaluate_predictions(even, labels, numbered_classes(4)).top2, label < 2 ? 1 : 0);
  }
}

TEST(Evaluation, CountsInItsConfusionRowsTheTrueClass) {
  const Evaluation e = evaluate_two_classes({0.9f, 0.1f, 0.8f, 0.2f, 0.3f, 0.7f}, {0, 1, 1});
  EXPECT_THAT(e.confusion, ElementsAre(ElementsAre(1, 0), ElementsAre(1, 1)));
  EXPECT_EQ(e.per_class[1].name, "dog");
  EXPECT_EQ(e.macro.support, 3);
}

TEST(Evaluation, StaysFiniteWhereTheTrueClassGotNothing) {
  EXPECT_NEAR(evaluate_two_classes({0, 1}, {0}).loss,
              -std::log(double(std::numeric_limits<float>::epsilon())), 1e-12);
}

TEST(Evaluation, RefusesWhatDoesNotFit) {
  EXPECT_THAT(refusal_of([] { evaluate_two_classes({}, {}); }), HasSubstr("no images"));
  EXPECT_THAT(refusal_of([] {
                evaluate_two_classes({0.5, 0.5, 1}, {0});
              }),
              HasSubstr("3 probabilities"));
  EXPECT_THAT(refusal_of([] { evaluate_two_classes({0.5, 0.5}, {2}); }), HasSubstr("label 2"));
}

TEST(Evaluation, PrintsTheKeysScriptsRelyOn) {
  const Json json = to_json(evaluate_two_classes({0.9f, 0.1f, 0.3f, 0.7f}, {0, 0}));
  std::vector<std::string> keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  EXPECT_THAT(keys,
              ElementsAre("accuracy", "loss", "top2", "balanced_accuracy", "accuracy_interval",
                          "confusion", "per_class", "macro_avg", "images"));
  EXPECT_EQ(json["accuracy"], 0.5);
  EXPECT_EQ(json["accuracy_interval"].size(), 2u);
  EXPECT_EQ(json["confusion"].dump(), "[[1,1],[0,0]]");
  EXPECT_EQ(json["per_class"][0]["class"], "cat");
  EXPECT_EQ(json["per_class"][0]["support"], 2);
  EXPECT_FALSE(json["macro_avg"].contains("class"));
}

// The interval's ends are where the normal test of the share just rejects: |hits/n - p| =
// z sqrt(p (1 - p) / n). Checked without the closed form.
TEST(WilsonInterval, EndsWhereTheNormalTestRejects) {
  for (const auto& [hits, n] :
       std::vector<std::pair<int, int>>{{1, 10}, {93, 100}, {9290, 10000}}) {
    const auto [low, high] = wilson_interval(hits, n);
    EXPECT_LT(low, double(hits) / n);
    EXPECT_GT(high, double(hits) / n);
    for (const double p : {low, high}) {
      EXPECT_NEAR(std::abs(double(hits) / n - p) / std::sqrt(p * (1 - p) / n), 1.959963984540054,
                  1e-9);
    }
  }
}

TEST(WilsonInterval, StaysWithinZeroAndOne) {
  EXPECT_EQ(wilson_interval(0, 20).first, 0);
  EXPECT_EQ(wilson_interval(20, 20).second, 1);
  EXPECT_GT(wilson_interval(0, 20).second, 0.1);
  EXPECT_EQ(wilson_interval(0, 0), std::pair(0.0, 1.0));
}

EpochRecord awkward_record() {
  EpochRecord record;
  record.epoch = 1;
  record.loss = 1.0 / 3;
  record.cross_entropy = 5e-324;
  record.accuracy = 0.1 + 0.2;
  record.learning_rate = 1e-5;
  record.images_per_second = 12345678901234.567;
  record.seconds = 123456.78901234567;
  return record;
}

TEST(History, ReadsBackBitForBit) {
  EpochRecord watched = awkward_record();
  watched.epoch = 2;
  watched.watched_loss = 0.7;
  watched.watched_accuracy = std::nextafter(0.93, 1);
  const std::string text = history_csv({awkward_record(), watched});
  const std::vector<EpochRecord> back = parse_history_csv(text, "h.csv");
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].loss, awkward_record().loss);
  EXPECT_EQ(back[0].cross_entropy, 5e-324);
  EXPECT_EQ(back[0].seconds, awkward_record().seconds);
  EXPECT_EQ(back[0].watched_loss, std::nullopt);
  EXPECT_EQ(back[1].watched_loss, watched.watched_loss);
  EXPECT_EQ(back[1].watched_accuracy, watched.watched_accuracy);
  EXPECT_EQ(history_csv(back), text);
}

TEST(History, KeepsItsTimeColumnsLast) {
  EXPECT_EQ(history_csv({}),
            "epoch,loss,cross_entropy,accuracy,watched_loss,watched_accuracy,learning_rate,"
            "images_per_second,seconds\n");
  EpochRecord record;
  record.epoch = 1;
  record.images_per_second = 8000;
  record.seconds = 7.5;
  EXPECT_THAT(history_csv({record}), HasSubstr("1,0,0,0,,,0,8000,7.5\n"));
}

// What parse_history_csv says of these rows.
std::string history_refusal(const std::string& rows) {
  return refusal_of([&] { parse_history_csv(history_csv({}) + rows, "h.csv"); });
}

TEST(History, NamesTheLineAndColumnItCannotRead) {
  EXPECT_THAT(refusal_of([&] { parse_history_csv("", "h.csv"); }),
              HasSubstr("h.csv does not begin with"));
  EXPECT_EQ(history_refusal("1,2\n"), "h.csv:2: 2 columns instead of 9");
  EXPECT_EQ(history_refusal("1,x,0,0,,,0,0,0\n"), "h.csv:2: column 2: 'x' is no number");
  EXPECT_EQ(history_refusal("1,,0,0,,,0,0,0\n"), "h.csv:2: column 2: '' is no number");
  EXPECT_LT(history_refusal(std::string(1'000'000, ',')).size(), 100u);
  EXPECT_LT(history_refusal(std::string(1'000'000, '\x1B') + ",,,,,,,,").size(), 200u);
}

TEST(History, TakesOnlyWhatATrainingWrites) {
  EXPECT_EQ(history_refusal("1,0,0,0,,,0,0,0\n2,0.5,nan,1,,,0,0,0\r\n"), "");
  EXPECT_EQ(history_refusal("1.5,0,0,0,,,0,0,0\n"), "h.csv:2: epoch 1.5 is not 1");
  EXPECT_EQ(history_refusal("1,0,0,0,,,0,0,0\n1,0,0,0,,,0,0,0\n"), "h.csv:3: epoch 1 is not 2");
  EXPECT_EQ(history_refusal("1,0,0,1.5,,,0,0,0\n"), "h.csv:2: column 4: 1.5 is not within 0 and 1");
  EXPECT_THAT(history_refusal("1,0,0,nan,,,0,0,0\n"), HasSubstr("column 4: nan is not within"));
  EXPECT_THAT(history_refusal("1,0,0,0,,-1,0,0,0\n"), HasSubstr("column 6: -1 is not within"));
  EXPECT_THAT(history_refusal("1,0,0,0,,,inf,0,0\n"), HasSubstr("column 7: inf is not within"));
  EXPECT_THAT(history_refusal("1,0,0,0,,,0,1e300,0\n"), HasSubstr("column 8: 1e+300 is not"));
  EXPECT_THAT(history_refusal("1,0,0,0,,,0,0,-1\n"), HasSubstr("column 9: -1 is not"));
}

}  // namespace
}  // namespace tailor::internal
