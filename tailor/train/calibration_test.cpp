#include "tailor/train/calibration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

using testing::ElementsAre;
using Labels = std::vector<Label>;

void expect_measures(const Reliability& found, const Json& wanted) {
  EXPECT_DOUBLE_EQ(found.accuracy, wanted["accuracy"]);
  EXPECT_NEAR(found.nll, double(wanted["nll"]), 1e-6);  // scaled probabilities are floats here
  EXPECT_NEAR(found.brier, double(wanted["brier"]), 1e-6);
  EXPECT_NEAR(found.ece, double(wanted["ece"]), 1e-6);
}

// tools/golden/calibration.py
TEST(Calibration, IsScikitLearnsNetcalsAndScipys) {
  const Json cases =
      Json::parse(read_text(std::string(TAILOR_SOURCE_DIR) + "/tests/golden/calibration.json"));
  ASSERT_GE(cases.size(), 4u);
  for (const Json& golden : cases) {
    SCOPED_TRACE(golden["name"]);
    const int classes = golden["classes"];
    const auto p = golden["probabilities"].get<std::vector<float>>();
    const auto labels = golden["labels"].get<Labels>();
    expect_measures(reliability(p, labels, classes), golden["before"]);
    const Temperature t = fit_temperature(p, labels, classes);
    EXPECT_EQ(t.images, std::int64_t(labels.size()));
    // scipy minimises the loss itself, which is flat to rounding within 1e-8 of the minimum's root.
    EXPECT_NEAR(t.value, double(golden["temperature"]), 1e-6 * t.value);
    expect_measures(reliability(with_temperature(p, classes, t.value), labels, classes),
                    golden["after"]);
  }
}

TEST(Calibration, BinsHoldTheirUpperEndAndEveryImage) {
  // Confidence 1 belongs to the last bin, 1/2 to the one from 7/15 to 8/15, and 0.2f lies above
  // 3/15.
  const std::vector<float> p = {1, 0, 0.5f, 0.5f, 0.2f, 0.8f};
  const Reliability r = reliability(p, Labels{0, 1, 0}, 2);
  ASSERT_EQ(r.bins.size(), 15u);
  EXPECT_EQ(r.bins[14].images, 1);
  EXPECT_EQ(r.bins[14].accuracy, 1);
  EXPECT_EQ(r.bins[7].images, 1);
  EXPECT_EQ(r.bins[7].accuracy, 0);
  EXPECT_EQ(r.bins[7].confidence, 0.5);
  EXPECT_EQ(r.bins[12].images, 1);  // 0.8f lies above 12/15
  EXPECT_EQ(r.bins[0].images, 0);
  EXPECT_EQ(r.bins[0].confidence, 0);
  EXPECT_DOUBLE_EQ(r.bins[7].low, 7.0 / 15);
  EXPECT_DOUBLE_EQ(r.bins[7].high, 8.0 / 15);
  EXPECT_NEAR(r.ece, (0 + 0.5 + 0.8) / 3, 1e-7);
}

TEST(Calibration, RefusesWhatIsNoProbability) {
  const std::vector<float> nan = {0.5f, std::nanf("")};
  EXPECT_THROW(reliability(nan, Labels{0}, 2), Error);
  EXPECT_THROW(fit_temperature(nan, Labels{0}, 2), Error);
  EXPECT_THROW(reliability(std::vector<float>{1.5f, -0.5f}, Labels{0}, 2), Error);
  EXPECT_THROW(reliability(std::vector<float>{0.5f, 0.5f}, Labels{2}, 2), Error);
  EXPECT_THROW(reliability(std::vector<float>{0.5f, 0.5f, 0}, Labels{1}, 2), Error);
  EXPECT_THROW(reliability({}, {}, 2), Error);
}

TEST(Calibration, NoTemperatureMovesTheMostProbableClass) {
  const float half = 0.5f;
  // Neighbouring floats, equal ones, certainty: what a rounded softmax would confuse.
  const std::vector<float> p = {std::nextafter(half, 0.0f),
                                half,
                                half,
                                std::nextafter(half, 0.0f),
                                0.25f,
                                0.75f,
                                0,
                                1,
                                half,
                                half};
  for (const double t : {0.05, 0.7, 1.0, 3.0, 20.0}) {
    const std::vector<float> scaled = with_temperature(p, 2, t);
    for (std::size_t i = 0; i < p.size(); i += 2) {
      EXPECT_EQ(scaled[i] < scaled[i + 1], p[i] < p[i + 1]) << "row " << i / 2 << " at " << t;
      EXPECT_NEAR(scaled[i] + scaled[i + 1], 1, 1e-6);
    }
  }
  EXPECT_EQ(with_temperature(p, 2, 1), p);
}

TEST(Calibration, KeepsATemperatureOfOneWhereTheBestLiesBeyondItsBounds) {
  const std::vector<float> right = {0.9f, 0.1f, 0.2f, 0.8f};
  const Temperature cold = fit_temperature(right, Labels{0, 1}, 2);
  EXPECT_EQ(cold.value, 1);
  EXPECT_EQ(cold.images, 2);
  EXPECT_EQ(cold.kept, "all kept-out images are right");
  const Temperature hot = fit_temperature(right, Labels{1, 0}, 2);
  EXPECT_EQ(hot.value, 1);
  EXPECT_THAT(hot.kept, testing::HasSubstr("only falls the less sure"));
  std::vector<float> many;
  for (int i = 0; i < 300; ++i) many.insert(many.end(), {1.0f - 1e-7f * float(i % 3), 0, 1e-7f});
  EXPECT_EQ(fit_temperature(many, Labels(300, 0), 3).value, 1);
}

TEST(Calibration, TheTemperatureIsOneWhereNothingSpeaks) {
  EXPECT_EQ(fit_temperature(std::vector<float>(4, 0.5f), Labels{0, 1}, 2).value, 1);
  EXPECT_EQ(fit_temperature({}, {}, 2).value, 1);
  EXPECT_EQ(fit_temperature({}, {}, 2).images, 0);
  std::vector<float> certain;  // one of ten wrong, all at 100 %
  for (int i = 0; i < 10; ++i) certain.insert(certain.end(), {1, 0});
  const Temperature t = fit_temperature(certain, Labels{0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, 2);
  EXPECT_NEAR(with_temperature(certain, 2, t.value)[0], 0.9, 1e-6);
  EXPECT_EQ(t.kept, "");
}

TEST(CalibrationRows, AreAStratifiedShareTheSameEveryTime) {
  Labels labels;
  for (int i = 0; i < 1000; ++i) labels.push_back(Label(i % 10 < 7 ? 0 : i % 10 - 6));
  const Indices rows = calibration_rows(labels, 0.2, 5);
  ASSERT_EQ(rows.size(), 200u);
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
  std::array<int, 4> counts = {};
  for (const std::uint32_t row : rows) ++counts[labels[row]];
  EXPECT_THAT(counts, ElementsAre(140, 20, 20, 20));
  EXPECT_EQ(calibration_rows(labels, 0.2, 5), rows);
  EXPECT_NE(calibration_rows(labels, 0.2, 6), rows);
}

TEST(CalibrationRows, AreNoneWhereTooFewWouldBeLeft) {
  Labels labels;
  for (int i = 0; i < 400; ++i) labels.push_back(Label(i % 4));
  EXPECT_TRUE(calibration_rows(labels, 0.49, 1).empty());
  EXPECT_EQ(calibration_rows(labels, 0.5, 1).size(), 200u);
  EXPECT_TRUE(calibration_rows(labels, 0, 1).empty());
  EXPECT_TRUE(calibration_rows(labels, std::nan(""), 1).empty());
  EXPECT_TRUE(calibration_rows({}, 0.5, 1).empty());
}

}  // namespace
}  // namespace tailor::internal
