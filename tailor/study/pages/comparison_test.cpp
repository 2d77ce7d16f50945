#include "tailor/study/pages/comparison.hpp"

#include <gtest/gtest.h>

#include "tailor/core/error.hpp"
#include "tailor/study/run_study.hpp"
#include "tests/e2e/small_data.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

class ComparisonTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::create_directories(folder_ / "data");
    e2e::write_small_data(folder_ / "data");
    Experiment experiment = parse_experiment(e2e::small_experiment(folder_ / "data"), "small.toml");
    experiment.search.n_iter = 2;
    run(experiment, "seed-3");
    experiment.seed = 4;
    experiment.report.points = 0;  // shows less, and changes no result
    experiment.name = "the same";
    run(experiment, "seed-4");
    experiment.train.batch = 64;
    run(experiment, "batch-64");
  }

  static void run(const Experiment& experiment, const std::string& name) {
    ASSERT_TRUE(run_study(experiment, {folder_ / name}, {}));
  }

  static inline const OwnFolder folder_;
};

TEST_F(ComparisonTest, TakesRunsThatDifferInSeedAndPageForOneExperiment) {
  const auto runs =
      read_compared_runs({folder_ / "seed-3", folder_ / "seed-4", folder_ / "batch-64"});
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].group, runs[1].group);
  EXPECT_NE(runs[0].group, runs[2].group);
  EXPECT_EQ(runs[0].name, "seed-3");
  EXPECT_EQ(runs[1].seed, "4");
}

TEST_F(ComparisonTest, ReadsWhatTheRunsFound) {
  const auto runs = read_compared_runs({folder_ / "seed-3"});
  ASSERT_EQ(runs.size(), 1u);
  const ComparedRun& run = runs[0];
  ASSERT_TRUE(run.final.test);
  EXPECT_GT(run.final.test->accuracy, 0.8);
  EXPECT_EQ(run.final.test->confusion.size(), 4u);
  EXPECT_EQ(run.final.test->per_class.size(), 4u);
  EXPECT_EQ(run.final.test->images, 200);
  EXPECT_TRUE(run.first.test && run.first.test->confusion.empty());
  EXPECT_EQ(run.search->rows.size(), 2u);
  EXPECT_EQ(run.first.history.size(), 4u);
}

TEST_F(ComparisonTest, RefusesARunThatIsNamedTwiceOrNotFinished) {
  EXPECT_THROW(read_compared_runs({folder_ / "seed-3", folder_ / "seed-3"}), Error);
  EXPECT_THROW(read_compared_runs({folder_ / "data"}), Error);
}

}  // namespace
}  // namespace tailor::internal
