#include "tailor/report/run/search_part.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tailor/report/charts/search_charts.hpp"
#include "tailor/report/parts/page_checks.hpp"
#include "tailor/report/run/search_findings.hpp"

namespace tailor::internal {
namespace {

using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Candidate {
  Settings params;
  double score = 0;
};

SearchResult make_search(const std::vector<Candidate>& candidates, int folds = 3) {
  std::vector<Settings> settings;
  std::vector<FoldResult> results;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    settings.push_back(candidates[i].params);
    for (int fold = 0; fold < folds; ++fold) {
      FoldResult& result = results.emplace_back();
      result.candidate = int(i);
      result.fold = fold;
      result.test_score = candidates[i].score + 0.002 * fold;
      result.fit_seconds = 10 + double(i);
    }
  }
  return summarize(settings, folds, results, false);
}

// Candidates whose score grows with the first of `paths` settings of all kinds.
SearchResult growing_search(std::size_t count, std::size_t paths) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < count; ++i) {
    const double share = double(i) / double(count);
    const std::vector<std::pair<std::string, Value>> all = {
        {"a.grows", share},
        {"b.kernels", std::int64_t(8 << (i % 4))},
        {"c.rate", std::pow(10.0, -4 + 3 * double(i * 7 % count) / double(count))},
        {"d.optimizer", std::string(i % 3 == 0 ? "sgd" : "adam")},
        {"e.nesterov", i % 2 == 0},
        {"f.negative", -5.0 - share},
        {"g.still", 0.5},
        {"h.batch", std::int64_t(i % 5)}};
    Candidate& candidate = candidates.emplace_back();
    for (std::size_t p = 0; p < paths; ++p) candidate.params.insert(all[p]);
    candidate.score = 0.8 + 0.1 * share;
  }
  return make_search(candidates);
}

TEST(SearchPart, DrawsAnyNumberOfCandidatesAndHyperparameters) {
  for (const std::size_t count : {1, 2, 5, 40, 1000}) {
    for (const std::size_t paths : {1, 2, 8}) {
      const std::string part = search_part(growing_search(count, paths));
      EXPECT_EQ(tag_fault("<html>" + part + "</html>"), "") << count << " x " << paths;
      EXPECT_THAT(repeated_ids(part), testing::IsEmpty());
      EXPECT_EQ(count_of(part, "<tr data-c=") + count_of(part, "<tr class=\"marked\" data-c="),
                count);
      EXPECT_EQ(count_of(part, "id=\"search-slice-"),
                2 * paths);  // title and description
      EXPECT_EQ(count_of(part, "\"nan"), 0u);
      EXPECT_EQ(count_of(part, " nan"), 0u);
      EXPECT_LT(part.size(), 2'000'000u);
    }
  }
}

TEST(SearchPart, IsLeftOutWithoutCandidates) {
  EXPECT_EQ(search_part(SearchResult{}), "");
}

TEST(SearchPart, DrawsCandidatesWithoutSettings) {
  EXPECT_EQ(tag_fault("<html>" + search_part(make_search({{{}, 0.9}})) + "</html>"), "");
}

TEST(SearchPart, SaysWhenEveryFitFailed) {
  const std::string part = search_part(make_search({{{{"a", 1.0}}, kNan}, {{{"a", 2.0}}, kNan}}));
  EXPECT_THAT(part, HasSubstr("No candidate has a score."));
  EXPECT_EQ(count_of(part, "<svg"), 0u);  // there is nothing to draw
  EXPECT_EQ(count_of(part, "The best"), 0u);
  EXPECT_EQ(count_of(part, "nan"), 0u);
}

TEST(SearchPart, CrossesOutCandidatesWithoutAScore) {
  const std::string part =
      search_part(make_search({{{{"a", 1.0}}, 0.8}, {{{"a", 2.0}}, kNan}, {{{"a", 3.0}}, 0.9}}));
  EXPECT_EQ(count_of(part, "class=\"failed\" data-c=\"1\""), 4u);  // scatter, slice, time, cost
  EXPECT_EQ(count_of(part, "nan"), 0u);
  EXPECT_THAT(part, HasSubstr("1 of 3 candidates have no score"));
}

TEST(SearchPart, KeepsCandidatesThatLackASetting) {
  const std::string part =
      search_part(make_search({{{{"a", 1.0}, {"b", true}}, 0.8}, {{{"a", 2.0}}, 0.9}}));
  EXPECT_EQ(tag_fault("<html>" + part + "</html>"), "");
  EXPECT_THAT(part, HasSubstr("<td class=\"n\">\xE2\x80\x93</td>"));
}

TEST(SearchPart, ShowsHostileNamesAsText) {
  const std::string evil = "<script>&\"'\xFF";
  const std::string part =
      search_part(make_search({{{{evil, evil}}, 0.8}, {{{evil, std::string("x")}}, 0.9}}));
  EXPECT_EQ(tag_fault("<html>" + part + "</html>"), "");
  EXPECT_EQ(count_of(part, "<script>"), 0u);
  EXPECT_EQ(count_of(part, "\xFF"), 0u);
}

TEST(SearchPart, RingsTheBestInEveryDrawingOfPoints) {
  const std::string part = search_part(growing_search(12, 2));
  EXPECT_EQ(count_of(part, "class=\"best\""), 5u);           // scatter, two slices, time, cost
  EXPECT_EQ(count_of(part, " winner\" data-c=\"11\""), 2u);  // beside each other and stacked
}

TEST(SearchPart, DrawsTheBestAfterAllOthersSoThatNoneCoversIt) {
  std::vector<Candidate> candidates(6, {{{"a", 1.0}, {"b", 2.0}}, 0.8});
  candidates[2].score = 0.9;
  const SearchResult search = make_search(candidates);
  const std::vector<std::size_t> order = drawing_order(view_of(search));
  EXPECT_EQ(order.size(), 6u);
  EXPECT_EQ(order.back(), 2u);
  const std::string chart = scatter_chart("s", view_of(search));
  EXPECT_GT(chart.rfind("class=\"best\""), chart.rfind("data-c=\"5\""));
}

// The three others come before them by name and do nothing.
TEST(SearchPart, DrawsTheScatterOverTheTwoHyperparametersThatMatterMost) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 30; ++i) {
    const std::string kind = i % 3 == 0 ? "adam" : i % 3 == 1 ? "adamw" : "sgd";
    candidates.push_back({{{"a.first", double(i * 7 % 30)},
                           {"b.second", std::int64_t(i * 11 % 5)},
                           {"c.third", i % 2 == 0},
                           {"d.kind", kind},
                           {"e.rate", double(i * 13 % 30)}},
                          0.8 + 0.001 * (i * 13 % 30) + (i % 3 == 2 ? 0.05 : 0)});
  }
  const SearchResult search = make_search(candidates);
  const SearchView view = view_of(search);
  EXPECT_THAT(view.paths,
              testing::ElementsAre("d.kind", "e.rate", testing::_, testing::_, testing::_));
  EXPECT_THAT(scatter_chart("s", view), HasSubstr("Candidates over d.kind and e.rate"));
}

TEST(SearchPart, SeesABestValueInTheMiddle) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 30; ++i) {
    const double rate = double(i * 13 % 30);
    candidates.push_back({{{"a.first", double(i * 7 % 30)}, {"b.rate", rate}},
                          0.9 - 0.0005 * (rate - 15) * (rate - 15)});
  }
  const SearchResult search = make_search(candidates);
  EXPECT_EQ(view_of(search).paths.front(), "b.rate");
}

TEST(SearchPart, SaysWhichLayerASettingIsOf) {
  const std::string part = search_part(
      make_search({{{{"model.layer.13.rate", 0.1}}, 0.8}, {{{"model.layer.13.rate", 0.2}}, 0.9}}));
  EXPECT_THAT(part, HasSubstr("Score against layer 13 rate"));
  EXPECT_EQ(count_of(part, "against rate"), 0u);
}

TEST(SearchView, DoesNotZoomIntoDifferencesThatMeanNothing) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 6; ++i) candidates.push_back({{{"a", double(i)}}, 0.9 + 1e-5 * i});
  const SearchResult search = make_search(candidates);
  const SearchView view = view_of(search);
  EXPECT_GE(view.limits.high - view.limits.low, 0.02 - 1e-12);
  EXPECT_GE(view.level(search.rows[0].mean_test_score), kScoreLevels - 2);
  const SearchResult equal = make_search(std::vector<Candidate>(4, {{{"a", 1.0}}, 0.5}));
  EXPECT_GE(view_of(equal).limits.high - view_of(equal).limits.low, 0.02 - 1e-12);
}

TEST(SearchView, KeepsTheScaleForTheManyWhereFewFellFarBelow) {
  std::vector<Candidate> candidates(20);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    candidates[i] = {{{"a", double(i)}}, 0.90 + 0.001 * double(i)};
  }
  candidates[3].score = 0.1;
  const SearchResult search = make_search(candidates);
  const SearchView view = view_of(search);
  EXPECT_EQ(view.below, 1u);
  EXPECT_GT(view.low, 0.89);
  EXPECT_EQ(view.level(0.1), 0);
  EXPECT_EQ(view.level(view.high), kScoreLevels - 1);
  EXPECT_EQ(view.height(0.1), 0);
}

TEST(SearchView, ShortensNamesOnlyWhereTheyStayApart) {
  const SearchResult search =
      make_search({{{{"a.rate", 1.0}, {"b.rate", 2.0}, {"b.size", 3.0}}, 0.9}});
  const SearchView view = view_of(search);
  EXPECT_EQ(short_name(view, "b.size"), "size");
  EXPECT_EQ(short_name(view, "a.rate"), "a.rate");
}

TEST(SearchFindings, NameATrendOnlyWhereChanceIsUnlikely) {
  const SearchResult search = growing_search(40, 3);
  const std::vector<std::string> findings = search_findings(view_of(search));
  EXPECT_THAT(findings, testing::Contains(HasSubstr("grows: higher values scored better (rank "
                                                    "correlation with the score +1.00; up to "
                                                    "\xC2\xB1"
                                                    "0.31 could be chance)")));
  EXPECT_THAT(findings, testing::Contains(
                            HasSubstr("No clear rise or fall of the score with: rate, kernels")));
}

TEST(SearchFindings, ClaimNothingFromFourCandidates) {
  const SearchResult search = growing_search(4, 1);
  EXPECT_EQ(slice_finding(view_of(search), "a.grows"), "");
}

}  // namespace
}  // namespace tailor::internal
