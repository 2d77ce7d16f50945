#include "tailor/search/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tailor/core/error.hpp"
#include "tailor/core/json.hpp"

namespace tailor::internal {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double number_of(const Json& json) {
  return json.is_null() ? kNan : json.get<double>();
}

Value value_of(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return json.get<std::string>();
}

FoldResult result_of(const Json& json) {
  FoldResult result;
  result.candidate = json["candidate"];
  result.fold = json["fold"];
  result.test_score = number_of(json["test_score"]);
  if (json.contains("train_score")) result.train_score = number_of(json["train_score"]);
  result.fit_seconds = json["fit_seconds"];
  result.score_seconds = json["score_seconds"];
  result.error = json["error"];
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Records, WriteWhatPandasWritesOfScikitLearnsCvResults) {
  std::ifstream file(std::filesystem::path(TAILOR_SOURCE_DIR) / "tests/golden/cv_results.json");
  const Json cases = Json::parse(file);
  ASSERT_GE(cases.size(), 20u);
  for (const Json& golden : cases) {
    SCOPED_TRACE(golden["name"].get<std::string>());
    std::vector<Settings> candidates;
    for (const Json& one : golden["candidates"]) {
      candidates.emplace_back();
      for (const auto& [path, value] : one.items()) candidates.back()[path] = value_of(value);
    }
    std::vector<FoldResult> results;
    for (const Json& one : golden["results"]) results.push_back(result_of(one));
    std::reverse(results.begin(), results.end());  // their order must not matter
    SearchResult summary = summarize(candidates, golden["folds"], results, golden["train_scores"]);
    summary.params_descending = golden["params_descending"];
    EXPECT_EQ(summary.best_index, golden["best_index"].get<int>());
    EXPECT_EQ(lines_of(cv_results_csv(summary)), lines_of(golden["csv"]));
  }
}

std::vector<FoldResult> scores(std::vector<double> values) {
  std::vector<FoldResult> results;
  for (std::size_t i = 0; i < values.size(); ++i) {
    results.push_back({int(i), 0, values[i], std::nullopt, 1, 1, ""});
  }
  return results;
}

std::vector<int> ranks(const std::vector<double>& values) {
  const std::vector<Settings> candidates(values.size());
  std::vector<int> found;
  for (const CandidateRow& row : summarize(candidates, 1, scores(values), false).rows) {
    found.push_back(row.rank);
  }
  return found;
}

TEST(Records, TiedCandidatesShareTheBetterRank) {
  EXPECT_EQ(ranks({0.5, 0.9, 0.5, 0.1}), (std::vector<int>{2, 1, 2, 4}));
}

TEST(Records, CandidatesWithoutAScoreShareTheLastRank) {
  EXPECT_EQ(ranks({kNan, 0.9, kNan, 0.1}), (std::vector<int>{3, 1, 3, 2}));
  EXPECT_EQ(ranks({kNan, kNan}), (std::vector<int>{1, 1}));
}

TEST(Records, TheFirstOfTiedWinnersIsTheBest) {
  const std::vector<Settings> candidates(3);
  EXPECT_EQ(summarize(candidates, 1, scores({0.1, 0.9, 0.9}), false).best_index, 1);
}

TEST(Records, CountFailedFitsAndQuoteTheFirst) {
  std::vector<FoldResult> results = scores({0.1, 0.2, 0.3});
  EXPECT_EQ(summarize(std::vector<Settings>(3), 1, results, false).warning, "");
  results[1].error = "out of memory";
  results[2].error = "another";
  EXPECT_EQ(summarize(std::vector<Settings>(3), 1, results, false).warning,
            "2 of 3 fits failed, the first with: out of memory");
  const SearchResult summary = summarize(std::vector<Settings>(3), 1, results, false);
  ASSERT_EQ(summary.failed.size(), 2u);
  EXPECT_EQ(to_text(summary.failed[1], 1), "candidate 3, fold 1 of 1: another");
  EXPECT_EQ(to_json(summary.failed)[0].dump(),
            R"({"candidate":1,"fold":0,"error":"out of memory"})");
}

TEST(Records, RefuseMissingDoubledAndForeignFolds) {
  const std::vector<Settings> candidates(2);
  std::vector<FoldResult> results = scores({0.1, 0.2});
  results.pop_back();
  EXPECT_THROW(summarize(candidates, 1, results, false), Error);
  results.push_back(results.front());
  EXPECT_THROW(summarize(candidates, 1, results, false), Error);
  results.back().candidate = 2;
  EXPECT_THROW(summarize(candidates, 1, results, false), Error);
  results.back().candidate = 0;
  results.back().fold = -1;
  EXPECT_THROW(summarize(candidates, 1, results, false), Error);
}

TEST(Records, MeanSumsInNumpysOrder) {
  // In plain order the ones would be lost beside 1e16 one by one; numpy's eight sums keep them.
  std::vector<double> values(16, 1.0);
  values[0] = 1e16;
  EXPECT_EQ(mean_of(values), (1e16 + 14.0) / 16);
  EXPECT_TRUE(std::isnan(mean_of({})));
}

}  // namespace
}  // namespace tailor::internal
