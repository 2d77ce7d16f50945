// A trained model in int8: written, read, refused, and used where the CPU has no VNNI.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tailor/formats/safetensors.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kWithoutVnni = {"env", "ONEDNN_MAX_CPU_ISA=AVX2"};

Json json_of(std::vector<std::string> words, const std::vector<std::string>& launcher = {}) {
  words.push_back("--json");
  const Finished f = run_tailor(words, launcher);
  EXPECT_EQ(f.status, 0) << f.err;
  return f.status == 0 ? Json::parse(f.out) : Json();
}

Json evaluate(const fs::path& model, const std::vector<std::string>& more = {},
              const std::vector<std::string>& launcher = {}) {
  std::vector<std::string> words = {"evaluate", model.string(), "--threads", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return json_of(words, launcher);
}

// A model trained on the small data, once for all tests of a process.
class QuantizeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::create_directories(folder_ / "data");
    write_small_data(folder_ / "data");
    const Finished f =
        run_tailor({"train", "--data", (folder_ / "data").string(), "--kernels", "8", "--epochs",
                    "4", "--batch", "32", "--threads", "1", "--out", (folder_ / "run").string()});
    ASSERT_EQ(f.status, 0) << f.err;
  }

  static fs::path trained() { return folder_ / "run" / "model.safetensors"; }
  static fs::path quantized() {
    const Json result =
        json_of({"quantize", trained().string(), "--images", "256", "--threads", "1"});
    EXPECT_EQ(result["images"], 256);
    EXPECT_EQ(result["checked_images"], 800 - 256);
    EXPECT_GT(result["f32_accuracy"].get<double>(), 0.9);
    EXPECT_GE(result["int8_accuracy"].get<double>(), result["f32_accuracy"].get<double>() - 0.001);
    EXPECT_GT(result["agreement"].get<double>(), 0.98);
    return fs::path(result["model"].get<std::string>());
  }
  static fs::path spoiled_model();

  static inline const OwnFolder folder_;
};

TEST_F(QuantizeTest, WritesAModelThatPredictsInBytesNeedsVnni) {
  const fs::path model = quantized();
  EXPECT_EQ(model, trained().parent_path() / "model-int8.safetensors");
  const Json f32 = evaluate(trained(), {"--precision", "f32"});
  const Json int8 = evaluate(model);
  EXPECT_EQ(f32["precision"], "f32");
  EXPECT_EQ(int8["precision"], "int8");
  EXPECT_NEAR(int8["accuracy"].get<double>(), f32["accuracy"].get<double>(), 0.01);
  EXPECT_NE(int8["loss"], f32["loss"]);
  // The same file still has its f32 weights.
  EXPECT_EQ(evaluate(model, {"--precision", "f32"}), f32);

  const Json predicted = json_of({"predict", model.string(), "test:0", "--threads", "1"});
  EXPECT_EQ(predicted["precision"], "int8");
  const Json measured = json_of(
      {"bench", "infer", model.string(), "--threads", "1", "--batch", "16", "--repetitions", "1"});
  EXPECT_EQ(measured["precision"], "int8");
  EXPECT_EQ(measured["reference_kernels"], 0);
  EXPECT_EQ(measured["allocations_per_call"], 0);
}

TEST_F(QuantizeTest, WritesWhereItIsToldAndOverNothingElseNeedsVnni) {
  const std::string beside = (folder_ / "small.safetensors").string();
  const std::string notes = (folder_ / "notes.txt").string();
  const std::vector<std::string> words = {
      "quantize", trained().string(), "--images", "256", "--threads", "1", "--out"};
  const auto quantize_to = [&](const std::string& out) {
    std::vector<std::string> all = words;
    all.push_back(out);
    return run_tailor(all);
  };
  for (int again = 0; again < 2; ++again) ASSERT_EQ(quantize_to(beside).status, 0);
  EXPECT_EQ(evaluate(beside)["precision"], "int8");
  write_file_atomic(notes, std::string_view("mine"));
  const std::vector<std::uint8_t> model = read_file(trained());
  for (const std::string& out : {notes, trained().string(), folder_.string()}) {
    const Finished refused = quantize_to(out);
    EXPECT_EQ(refused.status, 2) << out;
    EXPECT_EQ(line_count(refused.err), 1u) << refused.err;
  }
  EXPECT_EQ(read_text(notes), "mine");
  EXPECT_TRUE(read_file(trained()) == model);
}

TEST_F(QuantizeTest, MeasuresSpeedInInt8OfANetThatIsNotTrainedNeedsVnni) {
  const Json measured = json_of({"bench", "infer", "--kernels", "8", "--precision", "int8",
                                 "--threads", "1", "--batch", "16", "--repetitions", "1"});
  EXPECT_EQ(measured["precision"], "int8");
}

TEST_F(QuantizeTest, IsF32WhereTheCpuHasNoVnniNeedsVnni) {
  const fs::path model = quantized();
  const Finished f =
      run_tailor({"evaluate", model.string(), "--threads", "1", "--json"}, kWithoutVnni);
  ASSERT_EQ(f.status, 0) << f.err;
  EXPECT_EQ(Json::parse(f.out)["precision"], "f32");
  EXPECT_NE(f.err.find("no AVX-512 VNNI"), std::string::npos) << f.err;
  EXPECT_EQ(line_count(f.err), 1u) << f.err;
  const Finished asked =
      run_tailor({"evaluate", model.string(), "--precision", "int8"}, kWithoutVnni);
  EXPECT_EQ(asked.status, 2);
  EXPECT_EQ(line_count(asked.err), 1u) << asked.err;
}

TEST_F(QuantizeTest, LetsABf16ModelPredictWithoutBf16) {
  const Json here = evaluate(trained(), {"--precision", "f32"});
  const Json there = evaluate(trained(), {}, kWithoutVnni);
  EXPECT_EQ(there["precision"], "f32");
  EXPECT_NEAR(there["accuracy"].get<double>(), here["accuracy"].get<double>(), 0.011);
}

TEST_F(QuantizeTest, IsAskedForWhereAModelWasNotQuantised) {
  for (const char* command : {"evaluate", "predict"}) {
    std::vector<std::string> words = {command, trained().string(), "--precision", "int8"};
    if (words[0] == "predict") words.push_back("test:0");
    const Finished f = run_tailor(words);
    EXPECT_EQ(f.status, 2);
    EXPECT_EQ(f.out, "");
    EXPECT_EQ(line_count(f.err), 1u) << f.err;
    EXPECT_NE(f.err.find("tailor quantize"), std::string::npos) << f.err;
  }
}

// A channel that nobody reads, but a million times as large as the others, leaves those no bytes.
fs::path QuantizeTest::spoiled_model() {
  SafetensorsFile file = decode_safetensors(read_file(trained()), "model");
  for (NamedTensor& tensor : file.tensors) {
    std::vector<float> values = tensor.floats();
    if (tensor.name == "layers.2.kernel") std::fill_n(values.begin(), 9, 1e6f);
    if (tensor.name == "layers.4.kernel") {
      for (std::size_t o = 0; o < 16; ++o) std::fill_n(values.begin() + long(o) * 8 * 9, 9, 0.f);
    }
    tensor = f32_tensor(tensor.name, tensor.shape, values);
  }
  const fs::path path = trained().parent_path() / "spoiled.safetensors";
  write_file_atomic(path, encode_safetensors(file));
  return path;
}

TEST_F(QuantizeTest, RefusesWhatCostsAccuracyUnlessForcedNeedsVnni) {
  const fs::path model = spoiled_model();
  EXPECT_GT(evaluate(model, {"--precision", "f32"})["accuracy"].get<double>(), 0.6);
  std::vector<std::string> words = {"quantize", model.string(), "--threads", "1"};
  const Finished refused = run_tailor(words);
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(line_count(refused.err), 1u) << refused.err;
  EXPECT_NE(refused.err.find("--force"), std::string::npos) << refused.err;
  const fs::path out = trained().parent_path() / "spoiled-int8.safetensors";
  EXPECT_FALSE(fs::exists(out));
  words.push_back("--force");
  EXPECT_EQ(run_tailor(words).status, 0);
  EXPECT_TRUE(fs::exists(out));
}

}  // namespace
}  // namespace tailor::internal::e2e
