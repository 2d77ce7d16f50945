// Whose a folder is: train, search and run leave each other's results alone, and their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <map>
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

class FoldersTest : public SmallDataTest {
 protected:
  Words words(const std::string& command, const Words& more = {}) const {
    Words all = {command, small_.string(), "--out", out_.string(), "--set", "search.epochs=1"};
    if (command == "train") all.insert(all.end(), {"--set", "train.epochs=2"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Json done(const std::string& command, const Words& more = {}) const {
    Words all = words(command, more);
    all.push_back("--json");
    const Finished finished = run_tailor(all);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return Json::parse(finished.out, nullptr, false);
  }
  // What is said of it; every file stays as it is.
  std::string refused(const std::string& command, const Words& more = {}) const {
    std::map<std::string, std::string> before = contents();
    const Finished finished = run_tailor(words(command, more));
    EXPECT_EQ(finished.status, 2) << finished.err;
    EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
    EXPECT_THAT(finished.err, ::testing::Not(HasSubstr("delete")));
    EXPECT_TRUE(contents() == before) << command;
    return finished.err;
  }
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(out_)) {
      if (entry.is_regular_file()) files[entry.path().filename()] = read_text(entry.path());
    }
    return files;
  }

  const fs::path out_ = folder_ / "out";
};

TEST_F(FoldersTest, AFinishedTrainingIsShownAgainWithoutTraining) {
  const Json first = done("train", {"--test"});
  const auto written = fs::last_write_time(out_ / "model.safetensors");
  EXPECT_EQ(done("train", {"--test"}), first);
  EXPECT_EQ(fs::last_write_time(out_ / "model.safetensors"), written);
}

TEST_F(FoldersTest, AnotherTrainingIsRefusedByTheOptionThatDiffersUntilItMayOverwrite) {
  done("train");
  EXPECT_THAT(refused("train", {"--set", "train.epochs=3"}),
              AllOf(HasSubstr("train.epochs was 2 and is 3"), HasSubstr("--overwrite")));
  EXPECT_THAT(refused("train", {"--seed", "9"}), HasSubstr("seed was 3 and is 9"));
  EXPECT_THAT(refused("train", {"--set", "data.train_limit=400"}), HasSubstr("the images differ"));
  EXPECT_EQ(done("train", {"--set", "train.epochs=3", "--overwrite"}).at("epochs"), 3);
  EXPECT_THAT(read_text(out_ / "experiment.toml"), HasSubstr("epochs = 3"));
  EXPECT_THAT(refused("train"), HasSubstr("train.epochs was 3 and is 2"));
}

TEST_F(FoldersTest, ATrainingThatDivergedLeavesRoomForTheNext) {
  EXPECT_EQ(run_tailor(words("train",
                             {"--set", "train.optimizer=sgd", "--set", "train.learning_rate=1e30"}))
                .status,
            2);
  done("train");
}

TEST_F(FoldersTest, AnExperimentOfSomebodysOwnIsNotOverwritten) {
  fs::create_directories(out_);
  write_file_atomic(out_ / "experiment.toml", std::string_view("# mine\nseed = 12\n"));
  EXPECT_THAT(refused("train"), HasSubstr("seed was 12 and is 3"));
  EXPECT_THAT(refused("search"), HasSubstr("seed was 12 and is 3"));
}

TEST_F(FoldersTest, AStrangersModelIsNotOverwritten) {
  fs::create_directories(out_);
  write_file_atomic(out_ / "model.safetensors", std::string_view("of somebody else"));
  for (const char* command : {"train", "search", "run"}) {
    EXPECT_THAT(refused(command), HasSubstr("model.safetensors")) << command;
  }
  done("train", {"--overwrite"});
}

TEST_F(FoldersTest, ATrainingThatMayOverwriteLeavesTheOldModelWholeUntilItIsDone) {
  done("train");
  const auto before = contents();
  const Finished diverged =
      run_tailor(words("train", {"--overwrite", "--set", "train.learning_rate=1e38"}));
  EXPECT_EQ(diverged.status, 2) << diverged.err;
  EXPECT_TRUE(contents() == before);
  done("train", {"--overwrite", "--set", "train.learning_rate=0.002"});
  for (const char* name : {"model.safetensors", "history.csv", "experiment.toml"}) {
    EXPECT_NE(contents().at(name), before.at(name)) << name;
  }
}

TEST_F(FoldersTest, FilesOfSomebodysOwnAreNotOverwritten) {
  fs::create_directories(out_);
  write_file_atomic(out_ / "history.csv", std::string("precious"));
  EXPECT_THAT(refused("train"), HasSubstr("history.csv is there, and no tailor wrote it"));
  fs::rename(out_ / "history.csv", out_ / "cv_results.csv");
  EXPECT_THAT(refused("search"), HasSubstr("cv_results.csv is there"));
  EXPECT_THAT(refused("run"), HasSubstr("cv_results.csv is there"));
}

TEST_F(FoldersTest, ARunGoesOnWithItsOwnImagesAndNamesOnly) {
  write_file_atomic(data_ / "class_names.txt", std::string("apple\nbanana\ncherry\ndate\n"));
  done("run", {"--set", "report.points=0"});
  const fs::path other = folder_ / "other";
  fs::copy(data_, other);
  std::vector<std::uint8_t> images = read_file(other / "train-images-idx3-ubyte");
  images.back() ^= 1;
  write_file_atomic(other / "train-images-idx3-ubyte", images);
  EXPECT_THAT(refused("run", {"--set", "report.points=0", "--data", other.string()}),
              HasSubstr("the data were"));
  write_file_atomic(data_ / "class_names.txt", std::string("banana\napple\ncherry\ndate\n"));
  const auto before = contents();
  const Finished report = run_tailor({"report", out_.string()});
  EXPECT_EQ(report.status, 2);
  EXPECT_THAT(report.err, AllOf(HasSubstr("banana"), HasSubstr("apple")));
  EXPECT_TRUE(contents() == before);
}

TEST_F(FoldersTest, AReportTrainsNothingAndAResultReplacesNoModel) {
  done("run", {"--set", "report.points=0"});
  const auto before = contents();
  const std::string out = out_.string(), model = out + "/model.safetensors";
  for (const Words& words : {Words{"evaluate", out, "--predictions", model},
                             Words{"evaluate", out, "--predictions", out + "/study.db"},
                             Words{"report", out, out, "--out", out + "/metrics.json"},
                             Words{"data", "sprite", data_.string(), "--out", model}}) {
    const Finished finished = run_tailor(words);
    EXPECT_EQ(finished.status, 2) << words[0];
    EXPECT_THAT(finished.err, HasSubstr("is there and is not")) << words[0];
  }
  EXPECT_TRUE(contents() == before);
  for (const char* name : {"study.db", "first.safetensors"}) {
    write_file_atomic(out_ / "kept", read_file(out_ / name));
    fs::remove(out_ / name);
    if (std::string(name) == "study.db") write_file_atomic(out_ / name, std::string());
    const Finished report = run_tailor({"report", out});
    EXPECT_EQ(report.status, 2) << report.err;
    EXPECT_EQ(line_count(report.err), 1u) << report.err;
    fs::remove(out_ / name);
    fs::rename(out_ / "kept", out_ / name);
  }
  EXPECT_EQ(run_tailor({"report", out}).status, 0);
}

TEST_F(FoldersTest, TwoTrainingsDoNotMeetInOne) {
  Process first(words("train", {"--set", "train.epochs=500"}));
  ASSERT_FALSE(first.ended_when_exists(out_ / "history.csv"));  // which grows as it trains
  const Finished second = run_tailor(words("train", {"--set", "train.epochs=500"}));
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.err, HasSubstr("another tailor is working in " + out_.string()));
  first.send(SIGINT);
  EXPECT_EQ(first.wait().status, 130);
  EXPECT_THAT(refused("train"), HasSubstr("half done: train.epochs was 500 and is 2"));
}

TEST_F(FoldersTest, NoCommandWritesIntoAnothersFolder) {
  done("train");
  EXPECT_THAT(refused("search"), HasSubstr("holds a training (tailor train)"));
  EXPECT_THAT(refused("run"), HasSubstr("holds a training (tailor train)"));
  fs::remove_all(out_);
  done("search", {"--no-refit"});
  EXPECT_THAT(refused("train", {"--overwrite"}), HasSubstr("holds a search (tailor search)"));
  EXPECT_THAT(refused("run"), HasSubstr("holds a search (tailor search)"));
  fs::remove_all(out_);
  done("run", {"--set", "report.points=0"});
  EXPECT_THAT(refused("train", {"--overwrite"}), HasSubstr("holds a whole run (tailor run)"));
  EXPECT_THAT(refused("search"), HasSubstr("holds a whole run (tailor run)"));
  EXPECT_THAT(refused("run", {"--set", "search.n_iter=5"}),
              HasSubstr("search.n_iter was 4 and is 5"));
}

TEST_F(FoldersTest, AnExperimentWithoutANameHasAFolderNamedAfterItsFile) {
  std::string text = small_experiment(data_);
  text.erase(0, text.find('\n') + 1);
  write_file_atomic(folder_ / "unnamed one.toml", text);
  const Finished finished =
      run_tailor({"train", "unnamed one.toml", "--epochs", "1"}, {"env", "-C", folder_.string()});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(fs::exists(folder_ / "runs" / "unnamed one-train" / "model.safetensors"));
  EXPECT_FALSE(fs::exists(folder_ / "runs" / "fashion-mnist-train"));
}

TEST_F(FoldersTest, TrainGivesATunerScoresThatNeedNoTestSet) {
  fs::remove(data_ / "t10k-images-idx3-ubyte");
  const Json json = done("train");
  for (const char* key : {"train_accuracy", "train_accuracy_evaluated", "loss"}) {
    EXPECT_GT(json.at(key).get<double>(), 0) << key;
  }
  EXPECT_FALSE(json.contains("test_accuracy"));
  EXPECT_NE(json.at("train_accuracy"), json.at("train_accuracy_evaluated"));
}

}  // namespace
}  // namespace tailor::internal::e2e
