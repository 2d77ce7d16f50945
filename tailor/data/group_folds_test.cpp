#include "tailor/data/group_folds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "tailor/core/file.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using Labels = std::vector<Label>;
using Groups = std::vector<std::uint32_t>;

// tools/golden/group_folds.py.
TEST(GroupFolds, EqualScikitLearns) {
  const auto cases =
      nlohmann::json::parse(read_text(TAILOR_SOURCE_DIR "/tests/golden/group_folds.json"));
  EXPECT_GT(cases.size(), 30u);
  for (const auto& golden : cases) {
    const auto wanted = golden["folds"].get<std::vector<std::size_t>>();
    const std::vector<Fold> folds =
        stratified_group_folds(golden["labels"].get<Labels>(), golden["groups"].get<Groups>(),
                               {golden["splits"], golden["shuffle"], golden["random_state"]});
    std::vector<std::size_t> found(wanted.size(), folds.size());
    for (std::size_t fold = 0; fold < folds.size(); ++fold) {
      for (const std::uint32_t row : folds[fold].test) found[row] = fold;
      EXPECT_EQ(folds[fold].test.size() + folds[fold].train.size(), wanted.size());
    }
    EXPECT_EQ(found, wanted) << golden["random_state"];
  }
}

TEST(GroupFolds, AreThoseOfStratifiedKFoldWithoutGroups) {
  Dataset set{{}, {}, {0, 0, 1, 1, 0, 1, 0, 1}, {"a", "b"}, {}, {}};
  EXPECT_EQ(folds_of(set, {.splits = 2})[0].test,
            stratified_folds(set.labels, {.splits = 2})[0].test);
  set.groups = {0, 0, 1, 1, 2, 2, 3, 3};
  const std::vector<Fold> folds = folds_of(set, {.splits = 2});
  for (const Fold& fold : folds) {
    for (const std::uint32_t row : fold.test) {
      EXPECT_TRUE(std::ranges::binary_search(fold.test, row ^ 1)) << row;
    }
  }
}

TEST(GroupFolds, RefuseAClassOfTooFewGroups) {
  const Labels labels = {0, 0, 0, 0, 1, 1, 1, 1};
  const Groups groups = {0, 1, 2, 3, 4, 4, 4, 4};
  EXPECT_THAT(refusal_of([&] { stratified_group_folds(labels, groups, {.splits = 2}); }),
              testing::HasSubstr("class 1 has only 1"));
}

TEST(CutGroups, KeepsGroupsWholeAndClassesNearTheirShares) {
  Labels labels;
  Groups groups;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    labels.push_back(Label(i % 7 == 0 ? 2 : i % 2));
    groups.push_back(i / (i % 100 < 20 ? 4 : 1) * 10000 + labels.back());
  }
  const Indices cut = cut_groups(labels, groups, 0.2, 5);
  std::set<std::uint32_t> inside, outside;
  std::map<Label, int> counts;
  for (std::uint32_t i = 0; i < labels.size(); ++i) {
    const bool in = std::ranges::binary_search(cut, i);
    (in ? inside : outside).insert(groups[i]);
    counts[labels[i]] += in;
  }
  for (const std::uint32_t group : inside) EXPECT_FALSE(outside.contains(group));
  for (const auto& [label, count] : counts) {
    const auto all = double(std::ranges::count(labels, label));
    EXPECT_NEAR(count, 0.2 * all, 2) << label;
  }
  EXPECT_EQ(cut, cut_groups(labels, groups, 0.2, 5));
  EXPECT_NE(cut, cut_groups(labels, groups, 0.2, 6));
}

// A test of nothing but series would be one of few scenes.
TEST(CutGroups, DrawsLargeAndSmallGroupsAlike) {
  Labels labels;
  Groups groups;
  for (std::uint32_t i = 0; i < 600; ++i) {
    labels.push_back(Label(i < 300));
    groups.push_back(i % 300 < 100 ? i / 5 : 1000 + i);  // a third in groups of five
  }
  int in_groups = 0, all = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Indices cut = cut_groups(labels, groups, 0.2, seed);
    EXPECT_NEAR(double(cut.size()), 120, 4);
    all += int(cut.size());
    for (const std::uint32_t row : cut) in_groups += row % 300 < 100 ? 1 : 0;
  }
  EXPECT_NEAR(double(in_groups) / all, 1.0 / 3, 0.06);
}

TEST(CutGroups, AClassOfLargeGroupsIsTestedOnItsSmallest) {
  const Labels labels(20, 0);
  Groups groups;
  for (std::uint32_t i = 0; i < 20; ++i) groups.push_back(i < 11 ? 0 : 1);
  EXPECT_EQ(cut_groups(labels, groups, 0.1, 0).size(), 9u);
}

TEST(CutGroups, LeavesEveryClassSomethingToTrainOn) {
  const Labels labels = {0, 0, 0, 1, 1, 1};
  const Groups groups = {0, 0, 0, 1, 2, 2};
  const Indices cut = cut_groups(labels, groups, 0.5, 0);
  for (const std::uint32_t row : cut) EXPECT_EQ(labels[row], 1);
  EXPECT_FALSE(cut.empty());
}

}  // namespace
}  // namespace tailor::internal
