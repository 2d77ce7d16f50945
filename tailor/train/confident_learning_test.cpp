#include "tailor/train/confident_learning.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Labels = std::vector<Label>;

// tools/golden/confident_learning.py
TEST(LabelSuspects, AreCleanlabs) {
  const Json cases = Json::parse(
      read_text(std::string(TAILOR_SOURCE_DIR) + "/tests/golden/confident_learning.json"));
  ASSERT_GE(cases.size(), 6u);
  for (const Json& golden : cases) {
    SCOPED_TRACE(golden["name"]);
    const auto suspects = label_suspects(golden["probabilities"].get<std::vector<float>>(),
                                         golden["labels"].get<Labels>(), golden["classes"]);
    std::vector<std::uint32_t> ranking, flagged;
    for (const LabelSuspect& suspect : suspects) {
      ranking.push_back(suspect.row);
      if (suspect.flagged) flagged.push_back(suspect.row);
    }
    std::sort(flagged.begin(), flagged.end());
    EXPECT_EQ(ranking, golden["ranking"].get<std::vector<std::uint32_t>>());
    EXPECT_EQ(flagged, golden["flagged"].get<std::vector<std::uint32_t>>());
  }
}

TEST(LabelSuspects, SayWhatWasGivenAndWhatIsMoreProbable) {
  const std::vector<float> p = {0.7f, 0.2f, 0.1f, 0.6f, 0.3f, 0.1f, 0.1f, 0.8f,
                                0.1f, 0.1f, 0.1f, 0.8f, 0.9f, 0.0f, 0.1f};
  const auto suspects = label_suspects(p, Labels{0, 0, 1, 2, 1}, 3);
  ASSERT_EQ(suspects.size(), 1u);
  EXPECT_EQ(suspects[0].row, 4u);
  EXPECT_EQ(suspects[0].given, 1);
  EXPECT_EQ(suspects[0].guess, 0);
  EXPECT_EQ(suspects[0].given_probability, 0);
  EXPECT_EQ(suspects[0].guess_probability, 0.9f);
  EXPECT_TRUE(suspects[0].flagged);
}

TEST(LabelSuspects, RankTheLeastProbableLabelFirstAndEqualOnesByGuessThenRow) {
  const std::vector<float> p = {0.1f, 0.5f, 0.4f, 0.1f, 0.6f, 0.3f, 0.1f, 0.5f,
                                0.4f, 0.0f, 0.4f, 0.6f, 0.4f, 0.4f, 0.2f};
  std::vector<std::uint32_t> rows;
  for (const auto& suspect : label_suspects(p, Labels(5, 0), 3)) rows.push_back(suspect.row);
  EXPECT_THAT(rows, ElementsAre(3u, 1u, 0u, 2u));  // row 4 is even: no suspicion
}

TEST(LabelSuspects, ThereAreNoneWhereAllAgreeOrThereIsOneClassOnly) {
  EXPECT_THAT(label_suspects(std::vector<float>(6, 1.0f / 2), Labels{0, 1, 0}, 2), IsEmpty());
  EXPECT_THAT(label_suspects(std::vector<float>{1, 1}, Labels{0, 0}, 1), IsEmpty());
}

TEST(LabelSuspects, AClassWhoseLabelsAllSeemWrongKeepsOneUnflagged) {
  std::vector<float> p;
  for (int i = 0; i < 8; ++i) p.insert(p.end(), {0.99f, 0.01f});
  const auto suspects = label_suspects(p, Labels{0, 0, 0, 0, 1, 1, 1, 1}, 2);
  ASSERT_EQ(suspects.size(), 4u);
  EXPECT_EQ(
      std::count_if(suspects.begin(), suspects.end(), [](const auto& s) { return s.flagged; }), 3);
}

TEST(LabelSuspects, RefusesWhatIsNoPrediction) {
  EXPECT_THROW(label_suspects(std::vector<float>{0.5f, std::nanf("")}, Labels{0}, 2), Error);
  EXPECT_THROW(label_suspects(std::vector<float>{0.5f, 0.5f}, Labels{0, 1}, 2), Error);
  EXPECT_THROW(label_suspects(std::vector<float>{0.5f, 0.5f}, Labels{7}, 2), Error);
  EXPECT_THROW(label_suspects({}, {}, 2), Error);
}

TEST(JudgeQuality, GoodJudgesAreBelievedEverywhere) {
  const std::vector<float> p = {0.9f, 0.1f, 0.2f, 0.8f, 0.6f, 0.4f};
  const JudgeQuality quality = judge_quality(p, Labels{0, 1, 0}, 2);
  EXPECT_EQ(quality.accuracy, 1);
  EXPECT_EQ(quality.sure_from, 0);
}

TEST(JudgeQuality, PoorOnesOnlyWhereTheyAreSure) {
  std::vector<float> p;
  Labels labels;
  const auto add = [&](float sure, int right, int wrong) {
    for (int i = 0; i < right + wrong; ++i) {
      p.insert(p.end(), {sure, 1 - sure});
      labels.push_back(i < right ? 0 : 1);
    }
  };
  add(0.99f, 27, 3);   // 90 %
  add(0.75f, 30, 30);  // 63 % of all
  const JudgeQuality quality = judge_quality(p, labels, 2);
  EXPECT_NEAR(quality.accuracy, 57.0 / 90, 1e-12);
  EXPECT_FLOAT_EQ(float(quality.sure_from), 0.99f);
  std::vector<LabelSuspect> suspects = {{0, 1, 0, 0.01, double(0.99f), true},
                                        {1, 1, 0, 0.25, 0.75, true}};
  keep_flags_of_sure(suspects, quality.sure_from);
  EXPECT_TRUE(suspects[0].flagged);
  EXPECT_FALSE(suspects[1].flagged);
}

TEST(JudgeQuality, GuessersAreNeverBelieved) {
  const std::vector<float> p(2 * 40, 0.5f);
  Labels labels(40, 0);
  std::fill(labels.begin() + 20, labels.end(), 1);
  EXPECT_GT(judge_quality(p, labels, 2).sure_from, 1);
}

}  // namespace
}  // namespace tailor::internal
