// What the program says of itself: help of every command, references, nets as tables, and how it
// refuses what was mistyped.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The commands that `tailor help` lists: "train", "data info".
std::vector<std::vector<std::string>> commands() {
  return {{"run"},          {"train"},          {"search"},         {"quantize"},
          {"evaluate"},     {"predict"},        {"show"},           {"report"},
          {"doctor"},       {"data", "info"},   {"data", "sprite"}, {"data", "folds"},
          {"data", "show"}, {"data", "embed"},  {"data", "check"},  {"bench", "peak"},
          {"bench", "ops"}, {"bench", "train"}, {"bench", "scale"}, {"bench", "infer"},
          {"bench", "tune"}};
}

TEST(HelpTest, EveryCommandShowsUsageExamplesFilesAndExitStatuses) {
  const Finished list = run_tailor({"help"});
  for (const std::vector<std::string>& command : commands()) {
    std::vector<std::string> before = {"help"}, behind = command;
    before.insert(before.end(), command.begin(), command.end());
    behind.push_back("--help");
    const Finished help = run_tailor(before);
    const std::string name = command.size() == 1 ? command[0] : command[0] + " " + command[1];
    EXPECT_EQ(help.status, 0) << name;
    EXPECT_EQ(help.out, run_tailor(behind).out) << name;
    for (const std::string& part :
         {"tailor " + name + ": ", "\n\nUsage: tailor " + name,
          std::string("\nExamples:\n  tailor "), std::string("\nOptions (defaults in brackets):\n"),
          std::string("\nExit status: 0 done"), std::string("rites")}) {
      EXPECT_TRUE(has(help.out, part)) << name << " lacks " << part;
    }
    EXPECT_TRUE(has(list.out, "\n  " + name + " ")) << name;
    std::size_t longest = 0;
    for (std::size_t at = 0, end; (end = help.out.find('\n', at)) != std::string::npos;
         at = end + 1)
      longest = std::max(longest, end - at);
    EXPECT_LE(longest, 120u) << name;
  }
}

TEST(HelpTest, ReferencesAreThoseOfTheDocumentation) {
  for (const auto& [topic, file] :
       {std::pair("layers", "docs/layers.md"), std::pair("experiment", "docs/options.md")}) {
    const Finished made = run_tailor({"help", topic, "--markdown"});
    EXPECT_EQ(made.status, 0);
    EXPECT_EQ(made.out, read_text(fs::path(TAILOR_SOURCE_DIR) / file));
  }
}

TEST(HelpTest, OptionsThatMeanNothingToABenchmarkAreNotListed) {
  const std::string help = run_tailor({"help", "bench", "train"}).out;
  EXPECT_TRUE(has(help, "train.batch"));
  for (const char* other : {"search.n_iter", "train.epochs", "--epochs", "report.points"}) {
    EXPECT_FALSE(has(help, other)) << other;
  }
  EXPECT_TRUE(has(run_tailor({"help", "run"}).out, "search.n_iter"));
}

TEST(HelpTest, MistypedOptionsAreRefusedInOurWordsWithoutWildGuesses) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"train", "--kernels", "abc"},
       "tailor: --kernels takes a whole number from 1 to 4096, not 'abc'\n"},
      {{"train", "--kernels"}, "tailor: --kernels needs a value: a whole number from 1 to 4096\n"},
      {{"train", "--learning-rate", "0.1"},
       "tailor: unknown option --learning-rate; did you mean --set train.learning_rate=VALUE?\n"},
      {{"predict"},
       "tailor: tailor predict needs RUN and IMAGE; tailor predict --help says more\n"},
      {{"evaluate", "x", "--split", "half"},
       "tailor: --split takes test, train or validation, not 'half'\n"},
      {{"train", "--set", "train.kernels=3"},
       "tailor: --set train.kernels=3: unknown option train.kernels; did you mean "
       "model.kernels?\n"},
      {{"frobnicate"}, "tailor: unknown command frobnicate; tailor help lists them\n"},
  };
  for (const auto& [words, line] : cases) {
    const Finished refused = run_tailor(words);
    EXPECT_EQ(refused.status, 2);
    EXPECT_EQ(refused.err, line);
  }
  const std::string err = run_tailor({"train", "--set", "train.loss=mse"}).err;
  EXPECT_TRUE(has(err, "unknown option train.loss; [train] has epochs, batch, ")) << err;
}

class ShowTest : public SmallDataTest {};

TEST_F(ShowTest, PrintsAnyNetAsATable) {
  const Finished seed = run_tailor({"show", "seed", "--data", data_.string()});
  EXPECT_EQ(seed.status, 0) << seed.err;
  EXPECT_TRUE(has(seed.out, "conv2d(filters=32, activation=\"relu\")")) << seed.out;
  EXPECT_TRUE(has(seed.out, "multiply-adds"));
  const Finished json = run_tailor({"show", small_.string(), "--json"});
  ASSERT_EQ(json.status, 0) << json.err;
  const Json net = Json::parse(json.out);
  EXPECT_EQ(net.at("classes"), 4);
  EXPECT_EQ(net.at("input"), Json({10, 10, 1}));
  EXPECT_EQ(net.at("layers").at(2).at("output"), Json({10, 10, 8}));
  EXPECT_EQ(run_tailor({"show", "sead"}).err, "tailor: there is no net sead; did you mean seed?\n");
}

TEST_F(ShowTest, WritesLayersThatTrainTheSameNet) {
  const Finished toml =
      run_tailor({"show", "seed", "--kernels", "4", "--data", data_.string(), "--toml"});
  ASSERT_EQ(toml.status, 0) << toml.err;
  write_file_atomic(folder_ / "mine.toml", toml.out);
  const auto train = [&](const std::string& name, std::vector<std::string> words) {
    words.insert(words.begin(), "train");
    words.insert(words.end(), {"--data", data_.string(), "--epochs", "1", "--threads", "1", "--out",
                               (folder_ / name).string()});
    const Finished trained = run_tailor(words);
    EXPECT_EQ(trained.status, 0) << trained.err;
    return run_tailor({"evaluate", (folder_ / name).string(), "--json", "--threads", "1"}).out;
  };
  const std::string mine = train("mine", {(folder_ / "mine.toml").string()});
  EXPECT_EQ(mine, train("seed", {"--kernels", "4"}));
  const Finished again = run_tailor({"show", (folder_ / "mine").string(), "--toml"});
  EXPECT_EQ(again.out, toml.out);
}

}  // namespace
}  // namespace tailor::internal::e2e
