#include "tailor/study/cross_validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tailor/core/error.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/search/memory_store.hpp"

namespace tailor::internal {
namespace {

TEST(StoredScores, AreAccuraciesUnlessTheTrialFailed) {
  FoldResult result;
  result.test_score = 0.5;
  check_scores({result});
  for (const double score : {-0.1, 9.0, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    result.error = "failed";
    result.test_score = score;
    check_scores({result});
    result.error.clear();
    EXPECT_THROW(check_scores({result}), Error) << score;
  }
}

// 8x8 images whose left or right half is bright: a net learns them in a moment.
Dataset halves(std::size_t count) {
  Dataset set;
  set.shape = {.channels = 1, .height = 8, .width = 8};
  set.class_names = {"left", "right"};
  for (std::size_t i = 0; i < count; ++i) {
    const bool right = i % 2 == 1;
    for (int pixel = 0; pixel < 64; ++pixel) {
      const bool bright = (pixel % 8 >= 4) == right;
      set.pixels.push_back(std::uint8_t(bright ? 200 + (i + std::size_t(pixel)) % 50 : 10));
    }
    set.labels.push_back(right ? 1 : 0);
  }
  return set;
}

Experiment small_search() {
  return parse_experiment(R"(
seed = 3
threads = 2
precision = "f32"
[model]
dense = 8
[train]
batch = 8
[search]
n_iter = 3
cv = 2
epochs = 2
return_train_score = true
[search.space]
"model.kernels" = [2, 3, 4]
)",
                          "test");
}

SearchResult search(const Experiment& experiment, const Dataset& set) {
  MemoryStore store;
  const SearchPlan plan = plan_search(experiment, set);
  return run_search(experiment, plan, set, fingerprint(set), store, {}).value();
}

TEST(SearchPlan, HasEveryCandidateOfASmallGridAndEveryFold) {
  const SearchPlan plan = plan_search(small_search(), halves(20));
  EXPECT_EQ(plan.candidates.size(), 3u);
  EXPECT_EQ(plan.folds.size(), 2u);
  EXPECT_EQ(plan.trainings(), 6);
}

TEST(SearchPlan, RefusesWhatCannotBeSearched) {
  const Dataset set = halves(20);
  Experiment e = small_search();
  e.search.cv = 11;  // of ten images a class
  EXPECT_THROW(plan_search(e, set), Error);
  e = small_search();
  e.search.n_iter = 0;
  EXPECT_THROW(plan_search(e, set), Error);
  e = small_search();
  e.search.strategy = "none";
  EXPECT_THROW(plan_search(e, set), Error);
  e = small_search();
  e.search.spaces.clear();
  EXPECT_THROW(plan_search(e, set), Error);
}

TEST(StudyKey, ChangesWithWhatDecidesResultsAndWithNothingElse) {
  const Experiment e = small_search();
  const std::string key = study_key(e, "data");
  Experiment same = e;
  same.name = "other";
  same.out = "elsewhere";
  same.threads = 1;
  same.search.parallel = 7;
  same.final.epochs = 99;
  EXPECT_EQ(study_key(same, "data"), key);
  EXPECT_NE(study_key(e, "other data"), key);
  for (const char* change : {"seed=4", "train.batch=9", "model.dropout=0.1", "search.cv=3",
                             "search.epochs=3", "search.random_state=1"}) {
    Experiment changed = e;
    apply_text(changed, change);
    EXPECT_NE(study_key(changed, "data"), key) << change;
  }
}

TEST(TrialSeed, DiffersForEveryCandidateAndFold) {
  std::set<std::uint64_t> seeds;
  for (int candidate = 0; candidate < 20; ++candidate) {
    for (int fold = 0; fold < 10; ++fold) seeds.insert(trial_seed(1, candidate, fold));
  }
  EXPECT_EQ(seeds.size(), 200u);
  EXPECT_EQ(trial_seed(1, 2, 3), trial_seed(1, 2, 3));
  EXPECT_NE(trial_seed(1, 2, 3), trial_seed(2, 2, 3));
}

TEST(Search, TakesNoMoreThreadsThanItMay) {
  const Dataset set = halves(40);
  Experiment e = small_search();
  e.search.parallel = 3;
  e.threads = 2;
  EXPECT_EQ(parallel_trials(e, plan_search(e, set)), 2);
  e.search.threads_per_trial = 2;
  EXPECT_EQ(parallel_trials(e, plan_search(e, set)), 1);
  e.search.threads_per_trial = 3;
  EXPECT_THROW(plan_search(e, set), Error);
  e.threads = 0;
  EXPECT_EQ(parallel_trials(e, plan_search(e, set)), 3);
}

TEST(Search, ParallelTrialsNeverChangeAScore) {
  const Dataset set = halves(40);
  Experiment e = small_search();
  e.threads = 3;
  e.search.parallel = 1;
  const SearchResult one = search(e, set);
  e.search.parallel = 3;
  const SearchResult three = search(e, set);
  ASSERT_EQ(one.rows.size(), 3u);
  for (std::size_t i = 0; i < one.rows.size(); ++i) {
    EXPECT_EQ(one.rows[i].test_scores, three.rows[i].test_scores);
    EXPECT_EQ(one.rows[i].train_scores, three.rows[i].train_scores);
    EXPECT_EQ(one.rows[i].params, three.rows[i].params);
    EXPECT_EQ(one.rows[i].train_scores.size(), 2u);
  }
  EXPECT_EQ(one.best_index, three.best_index);
}

TEST(Search, RunsWhatItsStrategyProposes) {
  const Dataset set = halves(40);
  Experiment e = small_search();
  e.search.strategy = "grid";
  e.search.n_iter = 1;
  const SearchResult grid = search(e, set);
  ASSERT_EQ(grid.rows.size(), 3u);
  EXPECT_EQ(grid.rows[2].params, (Settings{{"model.kernels", std::int64_t(4)}}));
  EXPECT_EQ(grid.strategy, "grid");
  EXPECT_FALSE(grid.params_descending);
  e.search.strategy = "sobol";
  e.search.n_iter = 4;
  const SearchResult sobol = search(e, set);
  EXPECT_EQ(sobol.rows.size(), 4u);
  EXPECT_THAT(sobol.warning, ::testing::HasSubstr("3 points"));
}

TEST(Search, StoppedBeforeTheEndGivesNothing) {
  const Dataset set = halves(40);
  const Experiment e = small_search();
  StopFlag stop;
  stop.request();
  MemoryStore store;
  const SearchPlan plan = plan_search(e, set);
  EXPECT_FALSE(run_search(e, plan, set, fingerprint(set), store, {.on_progress = {}, .stop = &stop})
                   .has_value());
}

TEST(Search, ANetThatFitsNoImageIsOneClearError) {
  const Dataset set = halves(40);
  Experiment e = small_search();
  e.model.name = "custom";
  e.model.layers = {make_layer("max_pooling2d", "test")};
  std::get<MaxPooling2D>(e.model.layers[0].kind).pool_size = {9, 9};
  e.search.spaces = {{{"train.learning_rate", Choices{Value(0.1)}}}};
  EXPECT_THROW(search(e, set), Error);
}

}  // namespace
}  // namespace tailor::internal
