// What a training does beyond going through the images: augmentation, early stopping, class
// weights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TrainingOptionsTest : public SmallDataTest {
 protected:
  std::vector<std::string> train(const fs::path& out, const std::vector<std::string>& sets) const {
    std::vector<std::string> words = {"train",     "--data", data_.string(), "--kernels", "4",
                                      "--threads", "1",      "--out",        out.string()};
    for (const std::string& set : sets) {
      words.push_back("--set");
      words.push_back(set);
    }
    return words;
  }
  static std::string bytes_of(const fs::path& out) {
    const auto bytes = read_file(out / "model.safetensors");
    return {bytes.begin(), bytes.end()};
  }
};

const std::vector<std::string> kEverything = {"train.epochs=6",
                                              "augment.flip=alternating",
                                              "augment.translate=2",
                                              "augment.crop=0.7",
                                              "augment.rotate=10",
                                              "augment.zoom=0.1",
                                              "augment.brightness=0.2",
                                              "augment.cutout=6",
                                              "augment.erase=0.3",
                                              "augment.mixup=0.4",
                                              "augment.cutmix=1",
                                              "train.optimizer=muon",
                                              "train.learning_rate=0.005",
                                              "train.class_weight=balanced",
                                              "train.validation_split=0.2",
                                              "train.early_stopping.monitor=val_loss",
                                              "train.early_stopping.patience=5",
                                              "train.early_stopping.restore_best_weights=true",
                                              "train.plateau.monitor=val_accuracy",
                                              "train.plateau.patience=1"};

TEST_F(TrainingOptionsTest, GoesOnAfterCtrlCToTheSameFileWithEverythingOn) {
  const fs::path whole = folder_ / "whole", parts = folder_ / "parts";
  ASSERT_EQ(run_tailor(train(whole, kEverything)).status, 0);
  Process process(train(parts, kEverything));
  ASSERT_FALSE(process.ended_when_exists(parts / "history.csv"));
  process.send(SIGINT);
  const int status = process.wait().status;
  EXPECT_TRUE(status == 130 || status == 0) << status;
  ASSERT_EQ(run_tailor(train(parts, kEverything)).status, 0);
  EXPECT_EQ(bytes_of(parts), bytes_of(whole));
}

TEST_F(TrainingOptionsTest, TwoThreadsGiveTheSameFile) {
  const fs::path one = folder_ / "one", two = folder_ / "two";
  ASSERT_EQ(run_tailor(train(one, kEverything)).status, 0);
  std::vector<std::string> words = train(two, kEverything);
  *std::ranges::find(words, "1") = "2";
  ASSERT_EQ(run_tailor(words).status, 0);
  const Json card_one = Json::parse(run_tailor({"evaluate", one.string(), "--json"}).out);
  const Json card_two = Json::parse(run_tailor({"evaluate", two.string(), "--json"}).out);
  EXPECT_EQ(card_one["loss"], card_two["loss"]);
}

TEST_F(TrainingOptionsTest, SaysWhichEpochWasTheBest) {
  const Finished finished = run_tailor(train(
      folder_ / "early",
      {"train.epochs=30", "train.early_stopping.monitor=loss", "train.early_stopping.min_delta=5",
       "train.early_stopping.patience=2", "train.early_stopping.restore_best_weights=true"}));
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.err, HasSubstr("loss was best after epoch 1, so it ended after 3; its "
                                      "weights are the model's"));
}

TEST_F(TrainingOptionsTest, RefusesInOneLineWhatCannotBe) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"train.early_stopping.monitor=val_loss", "set train.validation_split"},
      {"train.early_stopping.monitor=val_los", "val_loss"},
      {"train.class_weight=balence", "none, balanced or a table"},
      {"train.class_weight={Shoe = 2}", "no class Shoe"},
      {"train.validation_split=1", "must be"},
      {"train.validation_split=0.0001", "none to validate on"},
      {"model.views=3", "takes 1, 2 or 6"},
      {"augment.flip=vertical", "augment.flip"},
      {"augment.crop=0", "augment.crop"},
      {"augment.flp=random", "did you mean augment.flip?"}};
  for (const auto& [set, why] : wrong) {
    const fs::path out = folder_ / "none";
    const Finished finished = run_tailor(train(out, {set}));
    EXPECT_EQ(finished.status, 2) << set;
    EXPECT_THAT(finished.err, HasSubstr(why)) << set;
    EXPECT_FALSE(fs::exists(out / "model.safetensors")) << set;
  }
  const std::string search = small_.string();
  std::string text = read_text(small_);
  text.insert(text.find("\"model.kernels\""), "\"model.views\" = [1, 3]\n");
  write_file_atomic(folder_ / "views.toml", text);
  const Finished views = run_tailor({"search", (folder_ / "views.toml").string(), "--dry-run"});
  EXPECT_EQ(views.status, 2);
  EXPECT_THAT(views.err, HasSubstr("model.views takes 1, 2 or 6, not 3"));
  const Finished finished =
      run_tailor({"search", search, "--set", "train.plateau.monitor=val_loss", "--dry-run"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.err, HasSubstr("train.validation_split"));
}

TEST_F(TrainingOptionsTest, AnUnknownClassIsFoundBeforeAFolderIsMade) {
  for (const char* command : {"run", "train"}) {
    const fs::path out = folder_ / "nothing";
    const Finished finished = run_tailor({command, small_.string(), "--out", out.string(), "--set",
                                          "train.class_weight={Shoe = 2}"});
    EXPECT_EQ(finished.status, 2);
    EXPECT_THAT(finished.err, HasSubstr("no class Shoe"));
    EXPECT_FALSE(fs::exists(out)) << command;
  }
}

TEST_F(TrainingOptionsTest, ShowsWhatAugmentationDoes) {
  const fs::path sheet = folder_ / "sheet.png";
  const std::vector<std::string> words = {"data",     "show",
                                          "0",        "train:3",
                                          "--data",   data_.string(),
                                          "--set",    "augment.flip=random",
                                          "--epochs", "2",
                                          "--sheet",  sheet.string()};
  const Finished finished = run_tailor(words);
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("epoch 2"));
  EXPECT_TRUE(fs::exists(sheet));
  const auto show = [&](std::vector<std::string> images) {
    images.insert(images.begin(), {"data", "show"});
    images.insert(images.end(), {"--data", data_.string(), "--set", "augment.translate=3"});
    return run_tailor(images).out;
  };
  EXPECT_TRUE(show({"0", "train:2", "5"}).ends_with(show({"5"})));  // whatever stands before it
  const Finished nothing =
      run_tailor({"data", "show", "0", "--data", data_.string(), "--set", "augment.fill=edge"});
  EXPECT_EQ(nothing.status, 2);
  EXPECT_THAT(nothing.err, HasSubstr("nothing is augmented"));
}

TEST_F(TrainingOptionsTest, ARunWithAugmentationHasItsSheetInTheReport) {
  const fs::path out = folder_ / "run";
  const Finished finished =
      run_tailor({"run", small_.string(), "--out", out.string(), "--set", "augment.translate=1",
                  "--set", "train.validation_split=0.1", "--set", "model.views=2"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const std::string report = read_text(out / "report.html");
  EXPECT_NE(report.find("What augmentation does"), std::string::npos);
  EXPECT_NE(report.find("of these, for validation"), std::string::npos);
}

}  // namespace
}  // namespace tailor::internal::e2e
