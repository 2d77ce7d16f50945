// Data of one's own: how the files may be called, names of classes, single pictures.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tailor/formats/image.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

class OwnDataTest : public SmallDataTest {
 protected:
  Finished train(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {
        "train",     "--data", data_.string(), "--kernels",    "4", "--epochs", "1",
        "--threads", "1",      "--out",        model_.string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_tailor(words);
  }
  fs::path picture(const std::string& name, int width, int height) const {
    const Image image{height, width, 1, std::vector<std::uint8_t>(std::size_t(width * height), 90)};
    write_file_atomic(folder_ / name, encode_png(image));
    return folder_ / name;
  }

  const fs::path model_ = folder_ / "model";
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(OwnDataTest, ColourImagesLoadUnderTheirOwnName) {
  fs::remove(data_ / "train-images-idx3-ubyte");
  fs::create_directory(data_ / "train-images-idx3-ubyte");  // hides nothing
  write_idx(data_ / "train-images-idx4-ubyte", {800, 6, 10, 3},
            std::vector<std::uint8_t>(800 * 180, 7));
  fs::remove(data_ / "t10k-images-idx3-ubyte");
  write_idx(data_ / "t10k-images.idx4-ubyte", {200, 6, 10, 3},
            std::vector<std::uint8_t>(200 * 180, 7));
  const Finished info = run_tailor({"data", "info", data_.string()});
  EXPECT_EQ(info.status, 0) << info.err;
  EXPECT_TRUE(has(info.out, "images of 10x6 (width x height), colour, 4 classes")) << info.out;
  write_idx(data_ / "train-images-idx4-ubyte", {800, 3, 6, 10},
            std::vector<std::uint8_t>(800 * 180, 7));
  const Finished refused = run_tailor({"data", "info", data_.string()});
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(has(refused.err, "write them last")) << refused.err;
}

TEST_F(OwnDataTest, NamesOfTheFolderReachEveryCommand) {
  write_file_atomic(data_ / "class_names.txt", std::string_view("ant\nbee\ncat\ndog\n"));
  EXPECT_TRUE(has(run_tailor({"data", "info", data_.string()}).out, "\ndog "));
  EXPECT_TRUE(has(run_tailor({"data", "folds", data_.string(), "--json"}).out, "\"dog\""));
  EXPECT_TRUE(has(run_tailor({"data", "show", "3", "--data", data_.string()}).out, "dog"));
  const std::string check = (folder_ / "check").string();
  const Finished checked =
      run_tailor({"data", "check", data_.string(), "--no-labels", "--out", check});
  ASSERT_EQ(checked.status, 0) << checked.err;
  EXPECT_TRUE(has(read_text(folder_ / "check" / "balance.csv"), "3,dog,200,50"));
  EXPECT_TRUE(has(read_text(folder_ / "check" / "data-check.html"), "dog"));
  ASSERT_EQ(train().status, 0);
  EXPECT_TRUE(has(run_tailor({"evaluate", model_.string()}).out, "dog"));
  EXPECT_TRUE(has(run_tailor({"predict", model_.string(), "test:3"}).out, "(truly dog)"));
}

TEST_F(OwnDataTest, NamesOfTheExperimentWinAndReachThePages) {
  write_file_atomic(data_ / "class_names.txt",
                    std::string_view("anthill\nbeehive\ncatnap\ndoghouse\n"));
  const fs::path out = folder_ / "out";
  const Finished run =
      run_tailor({"run", small_.string(), "--out", out.string(), "--set",
                  "data.class_names=[\"north\", \"east\", \"south, or so\", \"west\"]"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_TRUE(has(read_text(out / "experiment.toml"), "class_names = [\"north\", \"east\""));
  for (const char* page : {"report.html", "explorer.html", "metrics.json", "data-check/balance.csv",
                           "test_predictions.csv"}) {
    EXPECT_TRUE(has(read_text(out / page), "south, or so")) << page;
    EXPECT_FALSE(has(read_text(out / page), "beehive")) << page;
  }
  EXPECT_EQ(line_count(read_text(out / "test_predictions.csv")), 201u);
  const Finished evaluated = run_tailor({"evaluate", out.string(), "--predictions",
                                         (folder_ / "again.csv").string(), "--threads", "1"});
  ASSERT_EQ(evaluated.status, 0) << evaluated.err;
  EXPECT_EQ(read_text(folder_ / "again.csv"), read_text(out / "test_predictions.csv"));
  EXPECT_TRUE(has(run_tailor({"predict", out.string(), "test:3"}).out, "(truly west)"));
  const Finished refused = train({"--set", "data.class_names=[\"north\"]"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(refused.err,
            "tailor: data.class_names: 1 names for 4 classes; give one for each, in label order\n");
}

TEST_F(OwnDataTest, PredictGoesOnAfterABadImage) {
  ASSERT_EQ(train().status, 0);
  const std::string good = picture("good.png", 10, 10).string();
  const std::string large = picture("large.png", 12, 7).string();
  const std::string gone = (folder_ / "gone.png").string();
  const Finished mixed =
      run_tailor({"predict", model_.string(), gone, good, large, "test:3", "test:999"});
  EXPECT_EQ(mixed.status, 2);
  EXPECT_EQ(line_count(mixed.out), 3u) << mixed.out;
  EXPECT_TRUE(has(mixed.out, "good.png  ")) << mixed.out;
  EXPECT_TRUE(has(mixed.out, "test:3  ")) << mixed.out;
  EXPECT_TRUE(has(mixed.out, "large.png  ")) << mixed.out;
  EXPECT_TRUE(has(mixed.err, "gone.png: No such file or directory\n")) << mixed.err;
  EXPECT_TRUE(has(mixed.err, "there are only 200 test images")) << mixed.err;
  const Finished json = run_tailor({"predict", model_.string(), gone, good, "--json"});
  EXPECT_EQ(json.status, 2);
  const Json answers = Json::parse(json.out).at("predictions");
  EXPECT_EQ(answers.at(0).at("source"), gone);
  EXPECT_TRUE(answers.at(0).contains("error"));
  EXPECT_TRUE(answers.at(1).contains("class"));
  EXPECT_EQ(run_tailor({"predict", model_.string(), good}).status, 0);
  EXPECT_EQ(run_tailor({"predict", model_.string(), gone}).out, "");
}

}  // namespace
}  // namespace tailor::internal::e2e
