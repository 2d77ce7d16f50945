// The main job from raw files to the report, in one go, interrupted, killed, and again.
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

constexpr int kInterrupted = 130;

class RunTest : public SmallDataTest {
 protected:
  std::vector<std::string> words(const fs::path& out,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"run", small_.string(), "--out", out.string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Finished complete(const fs::path& out, const std::vector<std::string>& more = {}) const {
    Finished finished = run_tailor(words(out, more));
    EXPECT_EQ(finished.status, 0) << finished.err;
    return finished;
  }
};

void expect_same_results(const fs::path& a, const fs::path& b) {
  EXPECT_EQ(without_times(a / "cv_results.csv"), without_times(b / "cv_results.csv"));
  for (const char* file : {"metrics.json", "model.safetensors", "first.safetensors",
                           "experiment.toml", "sprite.png", "explorer.html"}) {
    EXPECT_TRUE(read_file(a / file) == read_file(b / file)) << file;
  }
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

TEST_F(RunTest, LeavesEveryFileAndNoPartialOne) {
  const fs::path out = folder_ / "a";
  const Finished finished = complete(out);
  for (const char* file :
       {"experiment.toml", "first.safetensors", "first_history.csv", "model.safetensors",
        "history.csv", "study.db", "cv_results.csv", "metrics.json", "timings.json", "report.html",
        "sprite.png", "explorer.html", "data-check/duplicates.csv",
        "data-check/label_suspects.csv"}) {
    EXPECT_TRUE(fs::exists(out / file)) << file;
  }
  for (const std::string& name : files_in(out)) {
    EXPECT_EQ(name.find(".tmp"), std::string::npos) << name;
    EXPECT_EQ(name.find("training"), std::string::npos) << name;
  }
  EXPECT_NE(finished.out.find("Final model, test accuracy"), std::string::npos);
  EXPECT_NE(finished.out.find((out / "report.html").string()), std::string::npos);
  EXPECT_EQ(finished.out.find("notebook"), std::string::npos) << "these are not its data";
}

TEST_F(RunTest, LearnsTheSmallSetAndSaysSoInTheMetrics) {
  const fs::path out = folder_ / "a";
  complete(out);
  const Json metrics = Json::parse(read_text(out / "metrics.json"));
  std::vector<std::string> keys;
  for (const auto& [key, value] : metrics.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"first", "final", "search", "data"}));
  for (const char* model : {"first", "final"}) {
    EXPECT_GT(metrics.at(model).at("test_accuracy").get<double>(), 0.7) << model;
    EXPECT_GT(metrics.at(model).at("train_accuracy").get<double>(), 0.5) << model;
    EXPECT_LE(metrics.at(model).at("test_accuracy_interval").at(0).get<double>(),
              metrics.at(model).at("test_accuracy").get<double>());
    EXPECT_TRUE(metrics.at(model).at("params").contains("model.kernels"));
  }
  EXPECT_EQ(metrics.at("final").at("confusion").size(), 4u);
  EXPECT_EQ(metrics.at("final").at("per_class").at(0).at("support"), 50);
  EXPECT_EQ(metrics.at("final").at("params"), metrics.at("search").at("best_params"));
  EXPECT_EQ(metrics.at("search").at("candidates"), 4);
  EXPECT_EQ(metrics.at("search").at("folds"), 3);
  EXPECT_EQ(metrics.at("data").at("fingerprint").get<std::string>().size(), 64u);
}

TEST_F(RunTest, FitsATemperatureOnImagesItKeepsOut) {
  const fs::path out = folder_ / "a";
  complete(out, {"--set", "final.calibration=0.25", "--set", "final.epochs=1"});
  const Json final = Json::parse(read_text(out / "metrics.json")).at("final");
  EXPECT_EQ(final.at("trained_on"), 600);
  EXPECT_EQ(final.at("calibration").at("images"), 200);
  const double temperature = final.at("calibration").at("temperature").get<double>();
  EXPECT_NE(temperature, 1);
  const Finished predicted = run_tailor({"predict", out.string(), "test:0", "--json"});
  EXPECT_EQ(predicted.status, 0) << predicted.err;
  const Finished again = run_tailor({"report", out.string()});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(Json::parse(read_text(out / "metrics.json")).at("final"), final);
}

TEST_F(RunTest, KeepsATemperatureOfOneWhereAllImagesAreRightAndSaysSo) {
  const fs::path out = folder_ / "a";
  const Finished finished = complete(out, {"--set", "final.calibration=0.25"});
  const Json calibration =
      Json::parse(read_text(out / "metrics.json")).at("final").at("calibration");
  EXPECT_EQ(calibration.at("temperature"), 1);
  EXPECT_EQ(calibration.at("kept_at_1"), "all kept-out images are right");
  EXPECT_EQ(calibration.at("before"), calibration.at("after"));
  EXPECT_NE(finished.out.find("Temperature stays 1: all kept-out"), std::string::npos);
  EXPECT_NE(read_text(out / "report.html").find("The temperature stays 1"), std::string::npos);
}

TEST_F(RunTest, PrintsOneJsonObject) {
  const fs::path out = folder_ / "a";
  const Finished finished = complete(out, {"--json"});
  const Json object = Json::parse(finished.out);
  const Json metrics = Json::parse(read_text(out / "metrics.json"));
  for (const auto& [key, value] : metrics.items()) EXPECT_EQ(object.at(key), value) << key;
  EXPECT_TRUE(object.at("timings").at("stages").contains("search"));
  EXPECT_EQ(object.at("files").at("report"), (out / "report.html").string());
}

TEST_F(RunTest, RepeatsItselfForTheSameSeedOnly) {
  complete(folder_ / "a");
  complete(folder_ / "b");
  expect_same_results(folder_ / "a", folder_ / "b");
  complete(folder_ / "c", {"--seed", "4"});
  EXPECT_FALSE(read_file(folder_ / "a" / "model.safetensors") ==
               read_file(folder_ / "c" / "model.safetensors"));
}

TEST_F(RunTest, FindsTheSameWithOneTrialAtATimeAndWithTwo) {
  complete(folder_ / "one", {"--set", "search.parallel=1"});
  complete(folder_ / "two", {"--set", "search.parallel=2", "--threads", "2"});
  expect_same_results(folder_ / "one", folder_ / "two");
}

// Killed again and again, each time a little later, until it ends by itself.
TEST_F(RunTest, EndsTheSameAfterBeingKilledAtManyMoments) {
  complete(folder_ / "a");
  const fs::path out = folder_ / "b";
  int kills = 0;
  for (double delay = 0.005;; delay *= 1.2) {
    Process process(words(out));
    if (process.ended_within(delay)) break;
    process.send(SIGKILL);
    process.wait();
    ++kills;
  }
  EXPECT_GE(kills, 1);
  complete(out);
  expect_same_results(folder_ / "a", out);
  for (const std::string& name : files_in(out)) {
    EXPECT_EQ(name.find(".tmp"), std::string::npos) << name;
  }
}

// Killed once, as soon as a stage has left its file.
TEST_F(RunTest, EndsTheSameWhereverTheOneKillHits) {
  complete(folder_ / "a");
  for (const std::string file :
       {"study.db", "experiment.toml", "first_history.csv", "first.safetensors", "cv_results.csv",
        "history.csv", "model.safetensors", "report.html"}) {
    const fs::path out = folder_ / ("killed-at-" + file);
    Process process(words(out));
    process.ended_when_exists(out / file);
    process.send(SIGKILL);
    process.wait();
    complete(out);
    expect_same_results(folder_ / "a", out);
  }
}

TEST_F(RunTest, SavesOnCtrlCAndGoesOnToTheSameEnd) {
  const std::vector<std::string> longer = {"--set", "first.epochs=60", "--set", "final.epochs=60"};
  complete(folder_ / "a", longer);
  const fs::path out = folder_ / "b";
  for (const auto& [after, partial] : {std::pair{"sprite.png", "first.training.safetensors"},
                                       std::pair{"cv_results.csv", "model.training.safetensors"}}) {
    Process process(words(out, longer));
    process.ended_when_exists(out / after);
    process.ended_within(0.02);
    process.send(SIGINT);
    const Finished finished = process.wait();
    EXPECT_EQ(finished.status, kInterrupted) << finished.err;
    EXPECT_NE(finished.err.find("go on with: " TAILOR_PROGRAM " run"), std::string::npos)
        << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_TRUE(fs::exists(out / partial)) << partial;
  }
  complete(out, longer);
  expect_same_results(folder_ / "a", out);
}

TEST_F(RunTest, TellsACompleteRunAgainWithoutTraining) {
  const fs::path out = folder_ / "a";
  const Finished first = complete(out, {"--json"});
  const auto written = fs::last_write_time(out / "model.safetensors");
  const Finished again = complete(out, {"--json"});
  EXPECT_EQ(Json::parse(first.out), Json::parse(again.out));
  EXPECT_EQ(fs::last_write_time(out / "model.safetensors"), written);
}

TEST_F(RunTest, RendersTheSameReportAgain) {
  const fs::path out = folder_ / "a";
  complete(out);
  const std::string page = read_text(out / "report.html");
  fs::remove(out / "report.html");
  const Finished again = run_tailor({"report", out.string()});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(page == read_text(out / "report.html"));
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
}

}  // namespace
}  // namespace tailor::internal::e2e
