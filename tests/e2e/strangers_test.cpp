// Files by strangers: what they say is text, and what does not fit is one line that names the file.
#include <gmock/gmock.h>
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
using testing::HasSubstr;
using testing::Not;

constexpr const char* kQuick = R"(name = "quick"
threads = 1
[model]
kernels = 4
dense = 8
[train]
epochs = 1
[search]
n_iter = 1
cv = 2
[search.space]
"model.kernels" = [4]
)";

class StrangersTest : public SmallDataTest {
 protected:
  StrangersTest() { write_file_atomic(experiment(), std::string_view(kQuick)); }

  fs::path experiment() const { return folder_ / "quick.toml"; }
  std::string out() const { return (folder_ / "out").string(); }
  std::string model() const { return (folder_ / "out" / "model.safetensors").string(); }

  void write_names(const std::string& text) const {
    write_file_atomic(data_ / "class_names.txt", std::string_view(text));
  }

  Finished run() const {
    return run_tailor({"run", experiment().string(), "--data", data_.string(), "--out", out()});
  }

  static void expect_refused(const Finished& finished, const std::string& says) {
    EXPECT_EQ(finished.status, 2) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
    EXPECT_THAT(finished.err, HasSubstr(says));
  }
};

constexpr const char* kSteering[] = {"\x1b", "\a", "\xC2\x9B", "\xE2\x80\xAE", "\r"};

void expect_harmless(const std::string& text, const std::string& where) {
  for (const char* steering : kSteering) EXPECT_THAT(text, Not(HasSubstr(steering))) << where;
}

TEST_F(StrangersTest, NamesNeitherSteerATerminalNorTurnAPage) {
  const std::vector<std::string> names = {"a\x1b[31mred", "bell\a",
                                          "csi\xC2\x9B"
                                          "2J",
                                          "\xE2\x80\xAE"
                                          "turned"};
  write_names(names[0] + "\n" + names[1] + "\r\n" + names[2] + "\n" + names[3] + "\n");
  ASSERT_EQ(run().status, 0);
  const fs::path image = folder_ / "one.png";
  const std::vector<std::uint8_t> idx = read_file(data_ / "t10k-images-idx3-ubyte");
  write_file_atomic(image, encode_png({10, 10, 1, {idx.begin() + 16, idx.begin() + 116}}));
  const std::string data = data_.string();
  const std::vector<std::vector<std::string>> commands = {
      {"data", "info", data},
      {"data", "show", "3", "--data", data},
      {"data", "folds", data, "--splits", "2"},
      {"data", "sprite", data, "--out", (folder_ / "s.png").string()},
      {"data", "check", data, "--folds", "2", "--epochs", "1", "--out", (folder_ / "c").string()},
      {"data", "embed", data, "--limit", "100", "--steps", "10", "--out", (folder_ / "m").string()},
      {"run", experiment().string(), "--data", data, "--out", out()},
      {"train", experiment().string(), "--data", data, "--out", (folder_ / "t").string()},
      {"search", experiment().string(), "--data", data, "--out", (folder_ / "q").string()},
      {"evaluate", model(), "--data", data},
      {"predict", model(), image.string()},
      {"report", out()},
  };
  for (std::vector<std::string> words : commands) {
    for (const char* json : {"", "--json"}) {
      if (*json != '\0') words.emplace_back(json);
      const Finished finished = run_tailor(words);
      EXPECT_EQ(finished.status, 0) << words[0] << " " << words[1] << finished.err;
      expect_harmless(finished.out + finished.err, words[0] + " " + words[1] + json);
    }
  }
  for (const fs::path& file :
       {folder_ / "out" / "report.html", folder_ / "out" / "explorer.html",
        folder_ / "c" / "data-check.html", folder_ / "out" / "metrics.json"}) {
    expect_harmless(read_text(file), file.string());
  }
  // JSON means the very names.
  const Json info = Json::parse(run_tailor({"data", "info", data, "--json"}).out);
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(info["classes"][i]["name"], names[i]);
}

TEST_F(StrangersTest, ValuesOfOptionsComeBackAsText) {
  const std::string steering = "x\x1b]0;title\a\xC2\x9B\xE2\x80\xAE";
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"train", "--model", steering},
                                             {"train", "--set", steering + "=1"},
                                             {"train", "--set", "model.kernels=" + steering},
                                             {"train", "--data", steering},
                                             {"data", "info", steering},
                                             {"predict", steering, "x.png"},
                                             {"report", steering},
                                             {steering},
                                             {"data", steering},
                                             {"train", "--" + steering}}) {
    const Finished finished = run_tailor(words);
    EXPECT_EQ(finished.status, 2) << finished.err;
    EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
    expect_harmless(finished.out + finished.err, words[0]);
  }
}

TEST_F(StrangersTest, ClassNamesThatAreNoneAreRefusedAtOnce) {
  const std::string data = data_.string();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a\nb\xE9\nc\nd\n", "class_names.txt:2: the class name 'b?' is no text in UTF-8"},
      {"a\nb\n\nb\nd\n", "class_names.txt:4: the class name 'b' is that of class 1 too"},
      {"a\nb\nc\n" + std::string(256, 'd'), "class_names.txt:4: the class name 'd"},
      {"a\nb\n", "class_names.txt: 2 names for 4 classes"},
      {std::string(3'000'000, '\n'), "class_names.txt has more than"},
  };
  for (const auto& [text, says] : cases) {
    write_names(text);
    expect_refused(run_tailor({"data", "info", data}), says);
    expect_refused(run_tailor({"train", "--data", data, "--out", out()}), says);
    expect_refused(run(), says);
    EXPECT_FALSE(fs::exists(out()));
  }
  write_names(
      "\xEF\xBB\xBF"
      "first\r\nb\r\nc\r\nd\r\n");
  const Finished finished = run_tailor({"data", "info", data, "--json"});
  EXPECT_EQ(Json::parse(finished.out)["classes"][0]["name"], "first");
}

TEST_F(StrangersTest, PathsThatAreNoUtf8NeverEndInAnException) {
  const fs::path odd = folder_ / "d\xE9";
  fs::create_directories(odd);
  write_small_data(odd);
  for (const char* json : {"", "--json"}) {
    std::vector<std::string> words = {"data", "info", odd.string()};
    if (*json != '\0') words.emplace_back(json);
    EXPECT_EQ(run_tailor(words).status, 0);
  }
  expect_refused(run_tailor({"run", experiment().string(), "--data", odd.string(), "--out", out()}),
                 "data.dir must be text in UTF-8");
  const Finished sprite =
      run_tailor({"data", "sprite", data_.string(), "--out", (odd / "s.png").string(), "--json"});
  EXPECT_EQ(sprite.status, 0) << sprite.err;
}

TEST_F(StrangersTest, ARunsOwnFilesAreReadAsAStrangersAre) {
  ASSERT_EQ(run().status, 0);
  const auto with = [&](const std::string& name, const std::string& text, const std::string& says) {
    const fs::path file = folder_ / "out" / name;
    const std::string good = read_text(file);
    write_file_atomic(file, std::string_view(text));
    const Finished finished = run();
    EXPECT_EQ(finished.status, 2) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, HasSubstr(says));
    write_file_atomic(file, std::string_view(good));
  };
  Json metrics = Json::parse(read_text(folder_ / "out" / "metrics.json"));
  metrics["final"]["confusion"][2].erase(3);
  with("metrics.json", metrics.dump(),
       "metrics.json: final.confusion[2] is a list of 3, not one of 4");
  with("metrics.json", std::string(60'000, '['), "metrics.json: it has lists in lists");
  with("metrics.json", "", "metrics.json: it is no JSON");
  with("history.csv", "garbage", "history.csv does not begin with");
  with("history.csv", "", "history.csv does not begin with");
  write_file_atomic(folder_ / "out" / "timings.json",
                    std::string_view("{\"stages\": {\"first\": -1}}"));
  EXPECT_EQ(run().status, 0);  // times are no reason to stop
}

TEST_F(StrangersTest, WhatIsTooLargeIsRefusedBeforeMemoryIsTakenForIt) {
  const auto refused = [&](const std::vector<std::string>& words, const std::string& says) {
    // The shell hands its limits on: 5 s of processor, 3 GB of addresses.
    const Finished finished =
        run_tailor(words, {"/bin/sh", "-c", "ulimit -t 5; ulimit -v 3000000; exec \"$@\"", "sh"});
    expect_refused(finished, says);
  };
  const std::string data = data_.string();
  refused({"search", experiment().string(), "--data", data, "--dry-run", "--set",
           "search.n_iter=2147483647"},
          "search.n_iter must be at most 100000");
  const std::string key(40'000, 'k');
  write_file_atomic(experiment(), std::string_view(key + " = 1\n"));
  refused({"train", experiment().string()}, "has 40001 bytes, more than 1000");
  refused({"train", "--set", key + "=1"}, "unknown option kkkk");
  std::string dotted = "model.layer";
  for (int i = 0; i < 40'000; ++i) dotted += ".a";
  write_file_atomic(experiment(), std::string_view(dotted + " = 1\n"));
  refused({"train", experiment().string()}, "more than 256 deep");
  write_file_atomic(experiment(), std::string_view("[="));
  refused({"train", experiment().string()}, "quick.toml:1: a key has no name");
  write_idx(data_ / "train-labels-idx1-ubyte", {2'000'000'000}, {1, 2, 3});
  refused({"data", "info", data}, "train-labels-idx1-ubyte: truncated");
}

}  // namespace
}  // namespace tailor::internal::e2e
