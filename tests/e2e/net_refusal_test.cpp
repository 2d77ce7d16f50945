// Nets that a stranger chose: too large, of another model file, or trained until their numbers left
// the range. One line, status 2 (1 where the machine lacks the memory), no model.
#include <gtest/gtest.h>

#include <functional>

#include "tailor/core/file.hpp"
#include "tailor/formats/safetensors.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

std::string dense(std::uint64_t units) {
  return "[[model.layer]]\ntype = \"dense\"\nunits = " + std::to_string(units) + "\n";
}

std::string custom(const std::string& layers) {
  return "[model]\nname = \"custom\"\n[[model.layer]]\ntype = \"flatten\"\n" + layers + dense(0);
}

class NetRefusalTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::create_directories(folder_ / "data");
    write_small_data(folder_ / "data");
    const Finished f = run_tailor({"train", "--data", data(), "--kernels", "4", "--epochs", "1",
                                   "--threads", "1", "--out", (folder_ / "good").string()});
    ASSERT_EQ(f.status, 0) << f.err;
  }

  static std::string data() { return (folder_ / "data").string(); }
  static fs::path good() { return folder_ / "good" / "model.safetensors"; }
  static fs::path out() { return folder_ / "out"; }

  static Finished train(const std::string& experiment, const std::vector<std::string>& more = {}) {
    write_file_atomic(folder_ / "net.toml", experiment);
    std::vector<std::string> words = {"train",     (folder_ / "net.toml").string(),
                                      "--data",    data(),
                                      "--out",     out().string(),
                                      "--threads", "1",
                                      "--set",     "train.epochs=1"};
    words.insert(words.end(), more.begin(), more.end());
    return run_tailor(words);
  }

  // A copy of the good model, changed.
  static fs::path changed(const std::function<void(SafetensorsFile&)>& change) {
    SafetensorsFile file = decode_safetensors(read_file(good()), "good");
    change(file);
    const fs::path path = folder_ / "changed.safetensors";
    write_file_atomic(path, encode_safetensors(file));
    return path;
  }

  static void expect_refused(const Finished& finished, int status, const std::string& says) {
    EXPECT_EQ(finished.status, status) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
    EXPECT_NE(finished.err.find(says), std::string::npos) << finished.err;
    EXPECT_FALSE(fs::exists(out() / "model.safetensors"));
  }

  static inline const OwnFolder folder_;
};

TEST_F(NetRefusalTest, NetsLargerThanTheLimitsAreRefusedAtOnce) {
  std::string weights, layers;
  for (int i = 0; i < 18; ++i) weights += dense(1 << 20);  // 2^64 bytes and more
  for (int i = 0; i < 4096; ++i) layers += dense(1);
  const std::string padding =
      "[model]\nname = \"custom\"\n[[model.layer]]\ntype = \"zero_padding2d\"\n"
      "padding = [4096, 4096, 4096, 4096]\n";
  std::string values = padding;
  for (int i = 0; i < 4; ++i) values += padding.substr(padding.find("[["));
  expect_refused(train(custom(weights)), 2, "more weights than the 1,099,511,627,776");
  expect_refused(train(custom(layers)), 2, "4,096 layers");
  expect_refused(train(values + dense(0)), 2, "values for one image");
}

TEST_F(NetRefusalTest, ANetWithinTheLimitsStillNeedsItsMemory) {
  const std::string large = custom(dense(1 << 20) + dense(1 << 19));  // 2^39 weights
  expect_refused(train(large), 2, "more than this machine's");
  expect_refused(train(large, {"--memory", "1G"}), 2, "more than --memory's 1024.0 MiB");
}

TEST_F(NetRefusalTest, AModelFileIsComparedWithItsNetBeforeAnythingIsAllocated) {
  const auto with_net = [](const std::string& experiment) {
    return changed([&](SafetensorsFile& file) {
      file.metadata["experiment"] = experiment;
      file.tensors.resize(1);
    });
  };
  std::string wrapping;
  for (int i = 0; i < 18; ++i) wrapping += dense(1 << 20);
  const std::string image = (folder_ / "none.png").string();
  for (const auto& [experiment, says] : std::vector<std::pair<std::string, std::string>>{
           {custom(wrapping), "more weights"},
           {custom(dense(1 << 20) + dense(1 << 19)), "lacks the tensor layers.1.kernel"},
           {custom(""), "layers.1.kernel"}}) {
    expect_refused(run_tailor({"predict", with_net(experiment).string(), image}), 2, says);
  }
}

TEST_F(NetRefusalTest, ATrainingThatDivergesLeavesNoModel) {
  for (const std::vector<std::string>& net :
       {std::vector<std::string>{"--model", "air", "--kernels", "4"},
        std::vector<std::string>{"--kernels", "4"},
        std::vector<std::string>{"--kernels", "4", "--batch", "800"}}) {
    for (const char* kernels : {"TAILOR_KERNELS=default", "TAILOR_KERNELS=library"}) {
      std::vector<std::string> words = {"train", "--data", data(), "--out", out().string()};
      words.insert(words.end(), {"--threads", "1", "--epochs", "2", "--set", "train.optimizer=sgd",
                                 "--set", "train.learning_rate=1e38"});
      words.insert(words.end(), net.begin(), net.end());
      const Finished finished = run_tailor(words, {"env", kernels});
      EXPECT_EQ(finished.status, 2) << finished.err;
      EXPECT_NE(finished.err.find("training diverged in epoch"), std::string::npos) << finished.err;
      EXPECT_FALSE(fs::exists(out() / "model.safetensors"));
      EXPECT_FALSE(fs::exists(out() / "training.safetensors"));  // of another rate than the next
    }
  }
  expect_refused(train("", {"--set", "train.epsilon=1e-40"}), 2,
                 "train.epsilon must be at least 1.2e-38");
}

TEST_F(NetRefusalTest, AModelOfANewerTailorPredictsWhereItsNetIsKnown) {
  const auto with = [](const std::string& table, const std::string& option) {
    return changed([&](SafetensorsFile& file) {
      std::string& text = file.metadata["experiment"];
      text.insert(text.find(table) + table.size(), option);
    });
  };
  const auto evaluate = [](const fs::path& model) {
    return run_tailor({"evaluate", model.string(), "--data", data(), "--threads", "1"});
  };
  const Finished as_it_is = evaluate(good());
  ASSERT_EQ(as_it_is.status, 0) << as_it_is.err;
  const Finished newer = evaluate(with("[train]\n", "new_option = 3\n"));
  EXPECT_EQ(newer.status, 0) << newer.err;
  EXPECT_EQ(evaluate(with("[report]\n", "x = 1\n[new_table]\ny = 2\n")).status, 0);
  expect_refused(evaluate(with("[model]\n", "new = 1\n")), 2, "unknown key model.new");
}

}  // namespace
}  // namespace tailor::internal::e2e
