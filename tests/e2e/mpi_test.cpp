// tailor train on several processes of one machine, started by the real mpirun.
#include <gtest/gtest.h>
#include <signal.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tailor/formats/safetensors.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

bool mpirun_works() {
  static const bool works = [] {
    const Json libraries = Json::parse(run_tailor({"doctor", "--json"}).out).at("libraries");
    return libraries.at("MPI").get<std::string>().find("none") == std::string::npos &&
           std::system("command -v mpirun > /dev/null") == 0;
  }();
  return works;
}

// More ranks than cores and none bound: tests run side by side.
std::vector<std::string> ranks(int count) {
  return {"mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none",
          "-n",     std::to_string(count)};
}

class MpiTest : public SmallDataTest {
 protected:
  void SetUp() override {
    if (!mpirun_works()) GTEST_SKIP() << "no mpirun, or built without MPI";
  }

  // 800 images in batches of 96: the last batch has 32. Plain SGD, which makes nothing of rounding.
  std::vector<std::string> train(const fs::path& out,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train",
                                      "--data",
                                      data_.string(),
                                      "--out",
                                      out.string(),
                                      "--threads",
                                      "1",
                                      "--set",
                                      "train.epochs=12",
                                      "--batch",
                                      "96",
                                      "--set",
                                      "model.kernels=8",
                                      "--set",
                                      "model.dense=16",
                                      "--set",
                                      "train.optimizer=sgd",
                                      "--set",
                                      "train.learning_rate=0.3",
                                      "--precision",
                                      "f32",
                                      "--test",
                                      "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

// Of two models' weights and statistics, relative.
double difference(const fs::path& a, const fs::path& b) {
  const SafetensorsFile one = decode_safetensors(read_file(a), a.string());
  const SafetensorsFile two = decode_safetensors(read_file(b), b.string());
  double difference = 0, norm = 0;
  for (const NamedTensor& tensor : one.tensors) {
    const std::vector<float> x = tensor.floats(), y = two.at(tensor.name).floats();
    for (std::size_t i = 0; i < x.size(); ++i) {
      difference += std::pow(double(x[i]) - double(y.at(i)), 2);
      norm += std::pow(double(x[i]), 2);
    }
  }
  return std::sqrt(difference / norm);
}

std::size_t count_of(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST_F(MpiTest, EndsAsOneProcessWithTheSameBatch) {
  const Finished alone = run_tailor(train(folder_ / "alone"));
  ASSERT_EQ(alone.status, 0) << alone.err;
  const double accuracy = Json::parse(alone.out).at("test_accuracy").get<double>();
  EXPECT_GT(accuracy, 0.8);
  for (const int count : {2, 3}) {
    SCOPED_TRACE(count);
    const fs::path out = folder_ / std::to_string(count);
    const Finished shared = run_tailor(train(out), ranks(count));
    ASSERT_EQ(shared.status, 0) << shared.err;
    EXPECT_NE(shared.err.find(std::to_string(count) + " processes"), std::string::npos);
    EXPECT_NEAR(Json::parse(shared.out).at("test_accuracy").get<double>(), accuracy, 0.011);
    EXPECT_EQ(read_text(folder_ / "alone" / "experiment.toml"), read_text(out / "experiment.toml"));
  }
}

// After one epoch: later, a maximum that rounding decides has led two trainings apart.
TEST_F(MpiTest, HasTheSameWeightsAsOneProcess) {
  const std::vector<std::string> one_epoch = {"--set", "train.epochs=1"};
  ASSERT_EQ(run_tailor(train(folder_ / "alone", one_epoch)).status, 0);
  for (const int count : {2, 3}) {
    SCOPED_TRACE(count);
    const fs::path out = folder_ / std::to_string(count);
    ASSERT_EQ(run_tailor(train(out, one_epoch), ranks(count)).status, 0);
    EXPECT_LT(difference(folder_ / "alone" / "model.safetensors", out / "model.safetensors"), 1e-6);
  }
}

TEST_F(MpiTest, GivesTheSameBytesTwice) {
  for (const char* out : {"a", "b"}) {
    ASSERT_EQ(run_tailor(train(folder_ / out), ranks(2)).status, 0);
  }
  EXPECT_TRUE(read_file(folder_ / "a" / "model.safetensors") ==
              read_file(folder_ / "b" / "model.safetensors"));
}

TEST_F(MpiTest, SavesOnCtrlCAndGoesOnToTheSameEnd) {
  // mpirun asks the ranks to stop about a second after Ctrl-C and kills them a second later: a
  // short training is over by then, and on a very busy machine one may be killed before it has
  // answered.
  const fs::path partial = folder_ / "b" / "training.safetensors";
  std::vector<std::string> longer;
  Finished stopped;
  for (const char* epochs : {"400", "1600", "6400", "6400"}) {
    fs::remove_all(folder_ / "b");
    longer = {"--set", std::string("train.epochs=") + epochs};
    Process process(train(folder_ / "b", longer), ranks(2));
    ASSERT_FALSE(process.ended_when_exists(partial));
    process.send(SIGINT);
    stopped = process.wait();
    if (count_of(stopped.err, "interrupted and saved") > 0) break;
  }
  EXPECT_NE(stopped.status, 0);
  EXPECT_EQ(count_of(stopped.err, "interrupted and saved"), 1u) << stopped.err;
  ASSERT_TRUE(fs::exists(partial));
  const Finished finished = run_tailor(train(folder_ / "b", longer), ranks(2));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(count_of(finished.err, "going on after epoch"), 1u) << finished.err;
  ASSERT_EQ(run_tailor(train(folder_ / "a", longer), ranks(2)).status, 0);
  EXPECT_TRUE(read_file(folder_ / "a" / "model.safetensors") ==
              read_file(folder_ / "b" / "model.safetensors"));
}

TEST_F(MpiTest, RefusesInOneLineAndEndsAllRanks) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {train(folder_ / "out", {"--set", "train.epochz=3"}), "train.epochs"},
      {train(folder_ / "out", {"--memory", "1K"}), "MiB"},
      {{"search", "--data", data_.string()}, "without mpirun"},
  };
  for (const auto& [words, says] : cases) {
    const Finished refused = run_tailor(words, ranks(2));
    EXPECT_EQ(refused.status, 2) << refused.err;
    EXPECT_EQ(refused.out, "");
    EXPECT_EQ(count_of(refused.err, "tailor: "), 1u) << refused.err;
    EXPECT_NE(refused.err.find(says), std::string::npos) << refused.err;
    EXPECT_FALSE(fs::exists(folder_ / "out"));
  }
}

}  // namespace
}  // namespace tailor::internal::e2e
