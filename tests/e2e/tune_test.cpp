// The table of kernels: bench tune writes it, the other commands are on it, and say so.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

class BenchTuneTest : public ::testing::Test {
 protected:
  BenchTuneTest() { write_file_atomic(experiment_, "[model]\nkernels = 8\ndense = 16\n"); }

  // As a user whose own table is under folder_, and TAILOR_KERNELS as given; "": unset.
  Finished run(const std::vector<std::string>& words, const std::string& kernels = "") const {
    std::vector<std::string> launcher = {"env", "XDG_CONFIG_HOME=" + folder_.string()};
    launcher.push_back("TAILOR_KERNELS=" + kernels);
    return run_tailor(words, launcher);
  }

  Finished tune(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"bench", "tune", experiment_.string()};
    for (const char* word : {"--batch", "4", "--threads", "1", "--repetitions", "1"}) {
      words.push_back(word);
    }
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  Json doctor(const std::string& kernels = "") const {
    const Finished finished = run({"doctor", "--json"}, kernels);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return finished.status == 0 ? Json::parse(finished.out) : Json();
  }

  void expect_refused(const Finished& finished, const std::string& says) const {
    EXPECT_EQ(finished.status, 2) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
    EXPECT_NE(finished.err.find(says), std::string::npos) << finished.err;
  }

  fs::path local() const { return folder_ / "tailor" / "kernels.toml"; }

  const OwnFolder folder_;
  const fs::path experiment_ = folder_ / "small.toml";
};

TEST_F(BenchTuneTest, WritesTheTableThatIsThenInForce) {
  EXPECT_EQ(doctor()["kernels"]["table"], "default");
  const Finished finished = tune({"--json"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  EXPECT_EQ(result["batch"], 4);
  EXPECT_EQ(result["threads"], 1);
  EXPECT_EQ(result["file"], local().string());
  ASSERT_GE(result["operations"].size(), 1u);
  for (const Json& row : result["operations"]) {
    EXPECT_GT(row["own_ms"].get<double>(), 0);
    EXPECT_GT(row["library_ms"].get<double>(), 0);
    EXPECT_TRUE(row["chosen"] == "own" || row["chosen"] == "library") << row["chosen"];
  }
  ASSERT_GE(result["steps"].size(), 1u);
  for (const Json& step : result["steps"]) {
    EXPECT_EQ(step["net"], "seed (kernels 8)");
    EXPECT_GT(step["own_ms"].get<double>(), 0);
  }
  const Json says = doctor();
  EXPECT_EQ(says["kernels"]["table"], result["sha256"]);
  EXPECT_EQ(says["kernels"]["file"], local().string());
  EXPECT_EQ(says["precision"], result["precision"]);
  EXPECT_EQ(doctor("default")["kernels"]["table"], "default");
  EXPECT_EQ(doctor("library")["kernels"]["table"], "library");
}

TEST_F(BenchTuneTest, WritesWhereItIsTold) {
  const fs::path file = folder_ / "elsewhere" / "table.toml";
  const Finished finished = tune({"--out", file.string()});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.out.find("library, ms"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("written to " + file.string()), std::string::npos) << finished.out;
  EXPECT_FALSE(fs::exists(local()));
  EXPECT_EQ(doctor(file.string())["kernels"]["file"], file.string());
}

TEST_F(BenchTuneTest, ABrokenTableIsRefusedAndOneOfAnotherMachineToldOf) {
  make_folder(local().parent_path());
  write_file_atomic(local(), std::string_view("format = 1\ncpu = 3\n"));
  expect_refused(run({"doctor"}), "kernels.toml:2: cpu must be text");
  expect_refused(run({"doctor"}, (folder_ / "nowhere").string()), "TAILOR_KERNELS");
  EXPECT_EQ(run({"data", "info", "--help"}).status, 0);  // needs no kernels
  write_file_atomic(local(), std::string_view("format = 1\ncpu = \"a\"\nisa = \"b\"\n"
                                              "library = \"c\"\nprecision = \"f32\"\n"));
  const Finished finished = run({"doctor", "--json"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
  EXPECT_NE(finished.err.find("is not used"), std::string::npos) << finished.err;
  EXPECT_EQ(Json::parse(finished.out)["kernels"]["table"], "default");
}

TEST_F(BenchTuneTest, ATrainedModelKnowsItsKernels) {
  write_small_data(folder_);
  const Finished finished =
      run({"train", experiment_.string(), "--data", folder_.string(), "--epochs", "1", "--threads",
           "1", "--out", (folder_ / "run").string()},
          "library");
  ASSERT_EQ(finished.status, 0) << finished.err;
  const std::string model = read_text(folder_ / "run" / "model.safetensors");
  EXPECT_NE(model.find("\"kernels\":\"library\""), std::string::npos);
}

}  // namespace
}  // namespace tailor::internal::e2e
