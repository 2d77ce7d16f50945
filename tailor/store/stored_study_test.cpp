#include "tailor/store/stored_study.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/store/sqlite.hpp"

namespace tailor {
namespace {

namespace fs = std::filesystem;

class StoredStudyTest : public ::testing::Test {
 protected:
  StoredStudyTest()
      : folder_(fs::path(::testing::TempDir()) /
                ("tailor_stored_" + std::to_string(getpid()) + "_" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::create_directories(folder_);
  }
  ~StoredStudyTest() override { fs::remove_all(folder_); }

  fs::path folder_;
};

// While the search still holds the file, as a person would look at it.
TEST_F(StoredStudyTest, ReadsWhatAStoreWrote) {
  const std::vector<Settings> candidates = {
      {{"model.kernels", std::int64_t(8)}, {"model.dropout", 0.25}},
      {{"model.name", std::string("seed")}, {"train.nesterov", true}, {"model.dropout", 1.0}}};
  const auto store = open_sqlite_store(folder_ / "study.db");
  store->open("key", candidates, 2);
  store->commit({1, 0, NAN, std::nullopt, 1.5, 0.5, "it broke"}, {}, -1);
  store->commit({0, 1, 0.75, 0.875, 2.5, 0.25, ""}, {}, -1);
  const StoredStudy study = read_study(folder_ / "study.db");
  EXPECT_EQ(study.candidates, candidates);
  EXPECT_EQ(study.folds, 2);
  ASSERT_EQ(study.results.size(), 2u);
  EXPECT_EQ(study.results[0].candidate, 0);
  EXPECT_EQ(study.results[0].train_score, 0.875);
  EXPECT_TRUE(std::isnan(study.results[1].test_score));
  EXPECT_EQ(study.results[1].error, "it broke");
}

TEST_F(StoredStudyTest, RefusesWhatIsNoStudy) {
  EXPECT_THROW(read_study(folder_ / "none.db"), Error);
  EXPECT_FALSE(fs::exists(folder_ / "none.db"));
}

}  // namespace
}  // namespace tailor
