// tailor search with every strategy: what would run, what runs, and where two must not meet.
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

class SearchTest : public SmallDataTest {
 protected:
  std::vector<std::string> words(const std::string& strategy, const fs::path& out,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"search",     small_.string(),  "--out",
                                    out.string(), "--set",          "search.strategy=" + strategy,
                                    "--set",      "search.epochs=1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

// What a search found, without its times.
Json outcome(const Finished& finished) {
  EXPECT_EQ(finished.status, 0) << finished.err;
  Json json = Json::parse(finished.out);
  for (const char* key : {"seconds", "cv_results"}) json.erase(key);
  return json;
}

TEST_F(SearchTest, ADryRunShowsEveryPointOfTheGridInScikitLearnsOrder) {
  const Finished finished = run_tailor(words("grid", folder_ / "a", {"--dry-run", "--json"}));
  EXPECT_EQ(finished.status, 0) << finished.err;
  const Json plan = Json::parse(finished.out);
  ASSERT_EQ(plan.at("candidates").size(), 9u);
  EXPECT_EQ(plan.at("candidates")[1].dump(), R"({"model.dropout":0.1,"model.kernels":8})");
  EXPECT_EQ(plan.at("candidates")[3].dump(), R"({"model.dropout":0.3,"model.kernels":4})");
  EXPECT_EQ(plan.at("trainings"), 27);
  EXPECT_FALSE(fs::exists(folder_ / "a"));
}

TEST_F(SearchTest, AnUnknownStrategyIsOneLineThatNamesTheNearest) {
  const Finished finished = run_tailor(words("sobel", folder_ / "a"));
  EXPECT_EQ(finished.status, 2);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
  EXPECT_NE(finished.err.find("did you mean sobol?"), std::string::npos) << finished.err;
  EXPECT_FALSE(fs::exists(folder_ / "a"));
}

TEST_F(SearchTest, EveryStrategyEndsTheSameWithTwoTrialsAtATimeAndAfterAKill) {
  for (const std::string strategy : {"random", "grid", "sobol"}) {
    const fs::path one = folder_ / strategy, two = folder_ / (strategy + "-2");
    const Json wanted = outcome(run_tailor(words(strategy, one, {"--json"})));
    EXPECT_EQ(wanted.at("strategy"), strategy);
    EXPECT_EQ(wanted.at("candidates"), strategy == "grid" ? 9 : 4);
    const auto parallel =
        words(strategy, two, {"--json", "--threads", "2", "--set", "search.parallel=2"});
    Process killed(parallel);
    killed.ended_when_exists(two / "study.db-wal");
    killed.ended_within(0.1);
    killed.send(SIGKILL);
    killed.wait();
    Json found = outcome(run_tailor(parallel));
    for (const char* key : {"model", "report"}) found[key] = wanted.at(key);
    EXPECT_EQ(found, wanted);
  }
}

TEST_F(SearchTest, LeavesTheBestCandidateTrainedOnAllImagesAndAPage) {
  const fs::path out = folder_ / "a";
  const Json json = outcome(run_tailor(words("grid", out, {"--json"})));
  EXPECT_EQ(json.at("model"), (out / "model.safetensors").string());
  EXPECT_EQ(run_tailor({"predict", out.string(), "test:0"}).status, 0);
  EXPECT_EQ(line_count(read_text(out / "history.csv")), 2u);
  EXPECT_NE(read_text(out / "report.html").find("Refitted model"), std::string::npos);
  const Json stages = Json::parse(read_text(out / "timings.json")).at("stages");
  EXPECT_GT(stages.at("refit").get<double>(), 0);
  const auto written = fs::last_write_time(out / "model.safetensors");
  EXPECT_EQ(outcome(run_tailor(words("grid", out, {"--json"}))), json);
  EXPECT_EQ(fs::last_write_time(out / "model.safetensors"), written);
  const fs::path bare = folder_ / "b";
  EXPECT_TRUE(
      outcome(run_tailor(words("grid", bare, {"--json", "--no-refit"}))).at("model").is_null());
  EXPECT_FALSE(fs::exists(bare / "model.safetensors"));
}

TEST_F(SearchTest, GoesOnWithALongerListOfTheSameCandidates) {
  std::string text = small_experiment(data_);
  text.replace(text.find("[0.1, 0.3, 0.5]"), 15, "{uniform = [0.1, 0.5]}");
  write_file_atomic(small_, text);
  for (const std::string strategy : {"random", "sobol"}) {
    const fs::path out = folder_ / strategy;
    const std::vector<std::string> longer = {"--json", "--set", "search.n_iter=6"};
    outcome(run_tailor(words(strategy, out, {"--json"})));
    const Finished extended = run_tailor(words(strategy, out, longer));
    EXPECT_NE(extended.err.find("goes on to 6 candidates"), std::string::npos) << extended.err;
    const Json wanted = outcome(run_tailor(words(strategy, folder_ / (strategy + "-6"), longer)));
    Json found = outcome(extended);
    for (const char* key : {"model", "report"}) found[key] = wanted.at(key);
    EXPECT_EQ(found, wanted);
    EXPECT_TRUE(read_file(out / "model.safetensors") ==
                read_file(folder_ / (strategy + "-6") / "model.safetensors"));
    const Finished shorter = run_tailor(words(strategy, out));
    EXPECT_EQ(shorter.status, 2);
    EXPECT_NE(shorter.err.find("6 candidates, more than the 4"), std::string::npos) << shorter.err;
  }
}

TEST_F(SearchTest, RefusesToGoOnWhereTheCandidatesWouldBeOthersAndSaysWhy) {
  const fs::path out = folder_ / "a";
  outcome(run_tailor(words("random", out, {"--json"})));
  // All nine points of the grid are drawn in another way than some of them.
  const std::string held = read_text(out / "cv_results.csv");
  const Finished other = run_tailor(words("random", out, {"--set", "search.n_iter=9"}));
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find("draws from lists alone depend on n_iter"), std::string::npos)
      << other.err;
  EXPECT_EQ(read_text(out / "cv_results.csv"), held);
  const Finished batch = run_tailor(words("random", out, {"--set", "train.batch=16"}));
  EXPECT_EQ(batch.status, 2);
  EXPECT_NE(batch.err.find("train.batch was 32 and is 16"), std::string::npos) << batch.err;
}

TEST_F(SearchTest, TwoProcessesDoNotMeetInOneFolder) {
  const fs::path out = folder_ / "a";
  Process first(words("grid", out, {"--set", "search.epochs=50"}));
  first.ended_when_exists(out / "study.db-wal");
  const Finished second = run_tailor(words("grid", out, {"--set", "search.epochs=50"}));
  EXPECT_EQ(second.status, 2);
  EXPECT_EQ(line_count(second.err), 1u) << second.err;
  EXPECT_NE(second.err.find("another tailor is working in " + out.string() + "; wait for it"),
            std::string::npos)
      << second.err;
  first.send(SIGKILL);
}

}  // namespace
}  // namespace tailor::internal::e2e
