// What fails in a search, and what only passes: the one is a result with a reason, the other ends
// the command and is tried again by the next.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

using Words = std::vector<std::string>;

class FailuresTest : public SmallDataTest {
 protected:
  // A net of three dense layers, searched over the units of the first.
  fs::path experiment_with(const std::string& units, const std::string& second = "65536") const {
    const fs::path file = folder_ / "nets.toml";
    write_file_atomic(
        file, "name = \"nets\"\nseed = 3\nthreads = 1\n[data]\ndir = \"" + data_.string() +
                  "\"\n[model]\nname = \"custom\"\n[[model.layer]]\ntype = \"flatten\"\n"
                  "[[model.layer]]\ntype = \"dense\"\nunits = 8\n[[model.layer]]\ntype = "
                  "\"dense\"\nunits = " +
                  second +
                  "\n[[model.layer]]\ntype = \"dense\"\nunits = 4\n[train]\nbatch = 32\nepochs = "
                  "1\n[report]\npoints = 0\n[search]\nstrategy = \"grid\"\ncv = 2\n"
                  "[search.space]\n\"model.layer.1.units\" = " +
                  units + "\n");
    return file;
  }
  static Finished run(Words words, const Words& launcher = {}) {
    return run_tailor(words, launcher);
  }
};

constexpr const char* kTooLarge = "[8, 1048576, 12]";

TEST_F(FailuresTest, ACandidateTooLargeForTheMachineIsAResultThatIsTold) {
  const fs::path file = experiment_with(kTooLarge), out = folder_ / "out";
  const Words words = {"search", file.string(), "--out", out.string()};
  Words json_words = words;
  json_words.push_back("--json");
  const Finished finished = run(json_words);
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("a training failed: candidate 2, fold 1 of 2: "));
  EXPECT_THAT(finished.err, HasSubstr("--retry-failed"));
  const Json json = Json::parse(finished.out);
  ASSERT_EQ(json.at("failed").size(), 2u);
  EXPECT_EQ(json.at("failed")[1].at("candidate"), 1);
  EXPECT_EQ(json.at("failed")[1].at("fold"), 1);
  EXPECT_THAT(json.at("failed")[1].at("error").get<std::string>(), HasSubstr("this machine's"));
  EXPECT_THAT(read_text(out / "report.html"), HasSubstr("candidate 2, fold 2 of 2: "));
  EXPECT_THAT(run(words).out, HasSubstr("Failed: candidate 2, fold 1 of 2: "));
  Words retried = words;
  retried.push_back("--retry-failed");
  const Finished again = run(retried);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, AllOf(HasSubstr("2 failed trainings are tried again"),
                               HasSubstr("a training failed: candidate 2, fold 2 of 2")));
}

// Too little address space for a trial, which is nothing about any candidate.
TEST_F(FailuresTest, AShortageOfMemoryChangesNoResult) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers take address space of their own";
#endif
  const fs::path file = experiment_with("[8, 20000, 12]", "64");
  const Words wanted_words = {"search", file.string(), "--json", "--out",
                              (folder_ / "wanted").string()};
  Json wanted = Json::parse(run(wanted_words).out);
  const fs::path out = folder_ / "out";
  const Words words = {"search", file.string(), "--json", "--out", out.string()};
  int short_of_memory = 0;
  for (int kilobytes = 60'000; kilobytes <= 400'000; kilobytes += 20'000) {
    const Finished finished =
        run(words, {"sh", "-c", "ulimit -v " + std::to_string(kilobytes) + "; exec \"$@\"", "sh"});
    if (finished.status == 0) break;
    short_of_memory += finished.status == 1;
  }
  EXPECT_GT(short_of_memory, 0);
  Json found = Json::parse(run(words).out);
  for (Json* json : {&wanted, &found}) {
    for (const char* key : {"seconds", "cv_results", "report", "model"}) json->erase(key);
  }
  EXPECT_EQ(found, wanted);
  EXPECT_TRUE(read_file(out / "model.safetensors") ==
              read_file(folder_ / "wanted" / "model.safetensors"));
}

TEST_F(FailuresTest, AFirstModelThatFailsIsToldAndTheSearchGoesOn) {
  const fs::path out = folder_ / "out";
  // One draw of two: some seed's first model is the one that is too large.
  for (int seed = 1; seed < 40; ++seed) {
    fs::remove_all(out);
    const fs::path file = experiment_with("[1048576, 8]");
    const Words words = {"run",        file.string(), "--out",
                         out.string(), "--seed",      std::to_string(seed)};
    const Finished finished = run(words);
    ASSERT_EQ(finished.status, 0) << finished.err;
    const Json metrics = Json::parse(read_text(out / "metrics.json"));
    if (!metrics.at("first").contains("failed")) continue;
    EXPECT_TRUE(metrics.at("first").at("test_accuracy").is_null());
    EXPECT_GT(metrics.at("final").at("test_accuracy").get<double>(), 0.3);
    EXPECT_THAT(finished.out, HasSubstr("First model, test accuracy"));
    EXPECT_THAT(finished.err, HasSubstr("the first model has no result"));
    EXPECT_THAT(read_text(out / "report.html"), HasSubstr("There is no such model"));
    EXPECT_EQ(run(words).out, finished.out) << "a complete run";
    EXPECT_EQ(run({"report", out.string()}).status, 0);
    Words retried = words;
    retried.push_back("--retry-failed");
    const Finished again = run(retried);
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_THAT(again.err, HasSubstr("failed trainings are tried again"));
    EXPECT_EQ(Json::parse(read_text(out / "metrics.json")), metrics);
    return;
  }
  FAIL() << "no seed drew the large one";
}

TEST_F(FailuresTest, ALearningRateThatDivergesEndsNoRunBeforeItsSearch) {
  const fs::path out = folder_ / "out";
  const fs::path file = experiment_with("[8, 12]", "64");
  const Finished finished = run({"run", file.string(), "--out", out.string(), "--set",
                                 "train.optimizer=sgd", "--set", "train.learning_rate=1e30"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("the first model has no result (training diverged"),
                                  HasSubstr("all 4 fits failed")));
}

}  // namespace
}  // namespace tailor::internal::e2e
