// What a run refuses: one line that says what to do, status 2 (1 where the machine fails), nothing
// half-written.
#include <gtest/gtest.h>

#include <functional>

#include "tailor/core/file.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

class RefusalTest : public SmallDataTest {
 protected:
  Finished run(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"run", small_.string()};
    words.insert(words.end(), more.begin(), more.end());
    if (std::find(more.begin(), more.end(), "--out") == more.end()) {
      words.insert(words.end(), {"--out", (folder_ / "out").string()});
    }
    return run_tailor(words);
  }

  void expect_refused(const Finished& finished, int status, const std::string& says) const {
    EXPECT_EQ(finished.status, status) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
    EXPECT_NE(finished.err.find(says), std::string::npos) << finished.err;
  }

  fs::path train_images() const { return data_ / "train-images-idx3-ubyte"; }
  fs::path train_labels() const { return data_ / "train-labels-idx1-ubyte"; }
  fs::path test_labels() const { return data_ / "t10k-labels-idx1-ubyte"; }
};

TEST_F(RefusalTest, BrokenDataStopTheRunBeforeAnythingIsWritten) {
  std::vector<std::uint8_t> cut = read_file(train_images());
  const std::vector<std::uint8_t> labels = read_file(train_labels());
  cut.resize(cut.size() - 1);
  std::vector<std::uint8_t> bad_label = read_file(test_labels());
  bad_label.back() = 200;
  const std::vector<std::pair<std::function<void()>, std::string>> breakages = {
      {[&] { fs::remove(test_labels()); }, "t10k-labels"},
      {[&] { write_file_atomic(train_images(), cut); }, "train-images"},
      {[&] { write_file_atomic(train_images(), labels); }, "train-images"},
      {[&] { write_file_atomic(test_labels(), bad_label); }, "200"},
      {[&] { write_file_atomic(train_labels(), std::string_view("not IDX")); }, "train-labels"},
      {[&] {
         write_idx(train_images(), {0, 10, 10}, {});
       },
       "train-images"},
  };
  for (const auto& [damage, says] : breakages) {
    write_small_data(data_);
    damage();
    expect_refused(run(), 2, says);
    EXPECT_FALSE(fs::exists(folder_ / "out")) << says;
  }
}

TEST_F(RefusalTest, BadOptionsStopTheRunBeforeAnythingIsWritten) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--kernals", "8"}, "--kernels"},
      {{"--set", "train.epochz=3"}, "train.epochs"},
      {{"--set", "search.n_iter=0"}, "search.n_iter"},
      {{"--set", "search.cv=500"}, "500"},
      {{"--set", "train.epochs=0"}, "train.epochs"},
      {{"--precision", "f16"}, "f16"},
      {{"--data", (folder_ / "nowhere").string()}, "nowhere"},
  };
  for (const auto& [options, says] : cases) {
    expect_refused(run(options), 2, says);
    EXPECT_FALSE(fs::exists(folder_ / "out")) << says;
  }
}

TEST_F(RefusalTest, AnUnknownKeyIsNamedWithItsLine) {
  write_file_atomic(small_, small_experiment(data_) + "epochz = 5\n");
  expect_refused(run(), 2, "small.toml:");
}

TEST_F(RefusalTest, AFolderThatCannotBeMadeFailsBeforeTraining) {
  write_file_atomic(folder_ / "file", std::string_view("in the way"));
  expect_refused(run({"--out", (folder_ / "file" / "out").string()}), 1, "file/out");
}

TEST_F(RefusalTest, AnotherExperimentOrOtherDataInTheFolderAreRefused) {
  ASSERT_EQ(run().status, 0);
  const auto metrics = read_file(folder_ / "out" / "metrics.json");
  expect_refused(run({"--set", "final.epochs=6"}), 2, "final.epochs was 5 and is 6");
  expect_refused(run({"--seed", "9"}), 2, "seed was 3 and is 9");
  std::vector<std::uint8_t> labels = read_file(test_labels());
  labels.back() = 0;
  write_file_atomic(test_labels(), labels);
  expect_refused(run(), 2, "the data were");
  EXPECT_TRUE(metrics == read_file(folder_ / "out" / "metrics.json"));
}

TEST_F(RefusalTest, ACorruptModelIsNamedNotTrusted) {
  ASSERT_EQ(run().status, 0);
  fs::remove(folder_ / "out" / "metrics.json");
  std::vector<std::uint8_t> model = read_file(folder_ / "out" / "model.safetensors");
  model.resize(model.size() / 2);
  write_file_atomic(folder_ / "out" / "model.safetensors", model);
  const Finished finished = run();
  EXPECT_EQ(finished.status, 2) << finished.err;
  EXPECT_NE(finished.err.find("model.safetensors"), std::string::npos) << finished.err;
  EXPECT_FALSE(fs::exists(folder_ / "out" / "metrics.json"));
}

TEST_F(RefusalTest, NumbersThatMeanNothingAreRefused) {
  expect_refused(run_tailor({"data", "check", data_.string(), "--near", "nan"}), 2,
                 "--near takes a number from 0 to 1, not 'nan'");
  const std::string model = (folder_ / "model").string();
  const Finished trained = run_tailor({"train", "--data", data_.string(), "--kernels", "2",
                                       "--epochs", "1", "--threads", "1", "--out", model});
  ASSERT_EQ(trained.status, 0) << trained.err;
  for (const char* batch : {"0", "-3"}) {
    expect_refused(run_tailor({"bench", "infer", model, "--batch", batch}), 2,
                   "--batch takes a whole number from 1 to 1000000");
  }
}

TEST_F(RefusalTest, AFolderNamedLikeAHalfWrittenFileIsLeftAlone) {
  const fs::path theirs = folder_ / "out" / "x.1.2.tmp";
  fs::create_directories(theirs);
  const Finished finished = run();
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(fs::is_directory(theirs));
}

TEST_F(RefusalTest, AReportOfAnUnfinishedRunIsRefused) {
  expect_refused(run_tailor({"report", folder_.string()}), 2, "experiment.toml");
}

}  // namespace
}  // namespace tailor::internal::e2e
