#include "tailor/store/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tailor/core/error.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class StoreTest : public ::testing::Test {
 protected:
  const OwnFolder folder_;
};

// While the search still holds the file, as a person would look at it.
TEST_F(StoreTest, ReadsWhatAStoreWrote) {
  const std::vector<Settings> candidates = {
      {{"model.kernels", std::int64_t(8)}, {"model.dropout", 0.25}},
      {{"model.name", std::string("seed")}, {"train.nesterov", true}, {"model.dropout", 1.0}}};
  const auto store = open_store((folder_ / "study.db").string());
  store->open("key", candidates, 2);
  store->commit({1, 0, NAN, std::nullopt, 1.5, 0.5, "it broke"}, {}, -1);
  store->commit({0, 1, 0.75, 0.875, 2.5, 0.25, ""}, {}, -1);
  const StoredStudy study = read_study(sqlite_url(folder_ / "study.db"));
  EXPECT_EQ(study.candidates, candidates);
  EXPECT_EQ(study.folds, 2);
  ASSERT_EQ(study.results.size(), 2u);
  EXPECT_EQ(study.results[0].candidate, 0);
  EXPECT_EQ(study.results[0].train_score, 0.875);
  EXPECT_TRUE(std::isnan(study.results[1].test_score));
  EXPECT_EQ(study.results[1].error, "it broke");
}

TEST_F(StoreTest, RefusesWhatIsNoStudy) {
  EXPECT_THROW(read_study((folder_ / "none.db").string()), Error);
  EXPECT_FALSE(fs::exists(folder_ / "none.db"));
}

std::string refusal(const std::string& url) {
  const std::string message = refusal_of([&] { open_store(url); });
  EXPECT_EQ(refusal_of([&] { read_study(url); }).empty(), message.empty());
  return message;
}

TEST_F(StoreTest, AnUnknownKindOfStoreNamesTheKnownOnes) {
  EXPECT_THAT(refusal("postgresql://host/db"), HasSubstr("known: sqlite"));
  EXPECT_THAT(refusal("postgresql://host/db"), HasSubstr("\"postgresql\""));
  EXPECT_THAT(refusal("sqlit:study.db"), HasSubstr("did you mean sqlite?"));
  EXPECT_THAT(refusal(""), HasSubstr("names no file"));
  EXPECT_THAT(refusal("sqlite:"), HasSubstr("names no file"));
  EXPECT_FALSE(fs::exists("study.db"));
}

TEST_F(StoreTest, APathMayHoldAColonWhereItIsGivenAsOne) {
  for (const std::string& url : {sqlite_url(folder_ / "a:b.db"), (folder_ / "a:b.db").string(),
                                 "sqlite:" + (folder_ / "c").string()}) {
    open_store(url)->open("key", {{{"number", std::int64_t(1)}}}, 1);
    EXPECT_EQ(read_study(url).candidates.size(), 1u) << url;
  }
  EXPECT_TRUE(fs::exists(folder_ / "a:b.db"));
  EXPECT_TRUE(fs::exists(folder_ / "c"));
}

}  // namespace
}  // namespace tailor::internal
