#include "tailor/report/parts/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tailor::internal {
namespace {

using Numbers = std::vector<double>;

// References: scipy (spearmanr, t.ppf), Newcombe's paper.

TEST(RankCorrelation, SharesRanksAmongEqualValues) {
  EXPECT_NEAR(rank_correlation(Numbers{1, 2, 2, 4, 5, 6}, Numbers{3, 1, 4, 4, 9, 7}),
              0.8088235294117647, 1e-12);
  EXPECT_DOUBLE_EQ(rank_correlation(Numbers{1, 2, 3}, Numbers{30, 20, 10}), -1);
}

TEST(RankCorrelation, IsUnknownWhereNothingVaries) {
  EXPECT_TRUE(std::isnan(rank_correlation(Numbers{1, 1, 1}, Numbers{1, 2, 3})));
  EXPECT_TRUE(std::isnan(rank_correlation(Numbers{}, Numbers{})));
}

TEST(StudentQuantile, IsTheTables) {
  EXPECT_NEAR(student_quantile(1), 12.706, 1e-3);
  EXPECT_NEAR(student_quantile(6), 2.44691, 5e-3);
  EXPECT_NEAR(student_quantile(38), 2.02439, 1e-4);
}

TEST(ChanceCorrelation, FallsWithThePairs) {
  EXPECT_EQ(chance_correlation(4), 1);
  EXPECT_NEAR(chance_correlation(40), 0.31201, 1e-4);
}

TEST(PairedDifference, HasStudentsInterval) {
  const Difference found =
      paired_difference(Numbers{.90, .91, .92, .905}, Numbers{.915, .921, .938, .91});
  EXPECT_NEAR(found.mean, 0.01225, 1e-12);
  EXPECT_NEAR(found.low, 0.00330748, 1e-6);
  EXPECT_NEAR(found.high, 0.02119252, 1e-6);
}

TEST(PairedDifference, ClaimsNoIntervalFromTwoPairs) {
  const Difference found = paired_difference(Numbers{.5, .5}, Numbers{.6, .8});
  EXPECT_NEAR(found.mean, 0.2, 1e-12);
  EXPECT_TRUE(std::isnan(found.low));
}

TEST(ShareDifference, IsNewcombesExample) {  // 56 of 70 against 48 of 80: 0.0524 to 0.3339
  const Difference found = share_difference({0.6, 0.49045, 0.70034}, {0.8, 0.69209, 0.87692});
  EXPECT_NEAR(found.mean, 0.2, 1e-12);
  EXPECT_NEAR(found.low, 0.0524, 1e-3);
  EXPECT_NEAR(found.high, 0.3339, 1e-3);
}

TEST(ExplainedShare, IsOneWhereGroupsDecideAllAndNoneWhereTheyAreOfChance) {
  const std::vector<double> values = {1, 1, 1, 5, 5, 5};
  const std::vector<std::size_t> apart = {0, 0, 0, 1, 1, 1}, mixed = {0, 1, 0, 1, 0, 1};
  EXPECT_NEAR(explained_share(values, apart), 1, 1e-12);
  EXPECT_NEAR(explained_share(values, mixed), 0, 0.05);
  const std::vector<std::size_t> alone = {0, 1, 2, 3, 4, 5};
  EXPECT_EQ(explained_share(values, alone), 0);  // as many groups as values say nothing
  EXPECT_EQ(explained_share(std::vector<double>(6, 2.0), apart), 0);
}

}  // namespace
}  // namespace tailor::internal
