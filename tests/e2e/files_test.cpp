// docs/files.md beside what the program writes: every key, column and card entry stands in its
// section, and every key of a section is written unless its row says when it is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tailor/formats/safetensors.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

// The text below the heading, up to the next one.
std::string section(const std::string& heading) {
  static const std::string kDoc = read_text(fs::path(TAILOR_SOURCE_DIR) / "docs/files.md");
  const std::size_t begin = kDoc.find("\n" + heading + "\n");
  EXPECT_NE(begin, std::string::npos) << heading;
  if (begin == std::string::npos) return "";
  const std::size_t end = kDoc.find("\n#", begin + heading.size());
  return kDoc.substr(begin, end == std::string::npos ? end : end - begin);
}

// What stands in backticks in these lines.
Names quoted(const std::string& text) {
  Names names;
  for (std::size_t at = text.find('`'); at != std::string::npos; at = text.find('`', at + 1)) {
    const std::size_t end = text.find('`', at + 1);
    if (end == std::string::npos) break;
    names.insert(text.substr(at + 1, end - at - 1));
    at = end;
  }
  return names;
}

struct Row {
  std::string key;
  bool always = true;
};

// The rows of a section's table: "| `key` | type | what it is |".
std::vector<Row> rows(const std::string& heading) {
  std::vector<Row> found;
  std::istringstream lines(section(heading));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    found.push_back({line.substr(3, line.find('`', 3) - 3), line.find("where") == line.npos});
  }
  return found;
}

// "a.b", "list[].c": the places of all values. Below `open` every key is called by the word.
void add_keys(const Json& json, const std::string& at,
              const std::vector<std::pair<std::string, std::string>>& open, Names& keys) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      std::string name = key;
      for (const auto& [place, word] : open) {
        if (place == at) name = word;
      }
      add_keys(value, at.empty() ? name : at + "." + name, open, keys);
    }
    if (!json.empty()) return;
  } else if (json.is_array() && !json.empty() && json.front().is_structured()) {
    for (const Json& value : json) add_keys(value, at + "[]", open, keys);
    return;
  }
  keys.insert(at);
}

void expect_described(const std::string& heading, const Json& json,
                      const std::vector<std::pair<std::string, std::string>>& open = {}) {
  SCOPED_TRACE(heading);
  Names keys, documented;
  add_keys(json, "", open, keys);
  for (const auto& [key, always] : rows(heading)) {
    documented.insert(key);
    EXPECT_TRUE(!always || keys.contains(key)) << key << " is not written";
  }
  for (const std::string& key : keys) {
    EXPECT_TRUE(documented.contains(key)) << key << " stands in no row";
  }
}

void expect_columns(const std::string& heading, const fs::path& csv) {
  SCOPED_TRACE(csv.string());
  const Names documented = quoted(section(heading));
  std::istringstream header(read_text(csv).substr(0, read_text(csv).find('\n')));
  for (std::string column; std::getline(header, column, ',');) {
    if (column.starts_with("param_")) column = "param_PATH";
    if (column.starts_with("split") && column.ends_with("_score")) column.replace(5, 1, "K");
    if (column.ends_with("_b") && documented.contains("_b")) column.back() = 'a';
    EXPECT_TRUE(documented.contains(column)) << column;
  }
}

class FilesTest : public SmallDataTest {
 protected:
  Json json_of(std::vector<std::string> words, int status = 0) const {
    words.push_back("--json");
    const Finished finished = run_tailor(words);
    EXPECT_EQ(finished.status, status) << finished.err;
    return Json::parse(finished.out);
  }

  const fs::path run_ = folder_ / "run";
};

const std::vector<std::pair<std::string, std::string>> kMetricsOpen = {
    {"first.params", "PATH"}, {"final.params", "PATH"}, {"search.best_params", "PATH"}};

TEST_F(FilesTest, DescribesTheFolderOfARun) {
  const std::string toml = small_.string();
  const Json printed = json_of({"run", toml, "--out", run_.string()});
  expect_described("### metrics.json", Json::parse(read_text(run_ / "metrics.json")), kMetricsOpen);
  expect_described("### timings.json", Json::parse(read_text(run_ / "timings.json")),
                   {{"stages", "STAGE"},
                    {"images_per_second", "STAGE"},
                    {"inference", "STAGE"},
                    {"provenance", "NAME"}});
  const Names files = quoted(section("## The folder of a run"));
  for (const auto& entry : fs::directory_iterator(run_)) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(files.contains(entry.is_directory() ? name + "/" : name)) << name;
  }
  const Names paths = quoted(section("## What `--json` prints"));
  for (const auto& [key, path] : printed.at("files").items()) {
    EXPECT_TRUE(paths.contains(key)) << key;
  }
  expect_columns("### Histories", run_ / "history.csv");
  expect_columns("### cv_results.csv", run_ / "cv_results.csv");
  expect_columns("### test_predictions.csv", run_ / "test_predictions.csv");
  for (const auto& entry : fs::directory_iterator(run_ / "data-check")) {
    expect_columns("## A check of the data", entry.path());
  }
  const fs::path model = run_ / "model.safetensors";
  const Names entries = quoted(section("### Model files"));
  for (const auto& [entry, text] : decode_safetensors(read_file(model), model.string()).metadata) {
    EXPECT_TRUE(entries.contains(entry)) << entry;
  }
  expect_described("### report", json_of({"report", run_.string()}));
}

TEST_F(FilesTest, DescribesWhatJsonPrints) {
  const std::string toml = small_.string(), data = data_.string();
  const std::string out = (folder_ / "train").string();
  expect_described("### train", json_of({"train", toml, "--test", "--out", out}));
  expect_described("### evaluate", json_of({"evaluate", out}));
  expect_described("### predict", json_of({"predict", out, "test:1", "nothing.png"}, 2),
                   {{"predictions[].probabilities", "CLASS"}});
  expect_described("### search --dry-run", json_of({"search", toml, "--dry-run"}),
                   {{"candidates[]", "PATH"}});
  expect_described("### search", json_of({"search", toml, "--out", (folder_ / "search").string()}),
                   {{"best_params", "PATH"}});
  expect_described("### show", json_of({"show", "seed"}));
  expect_described("### doctor", json_of({"doctor"}), {{"libraries", "NAME"}});
  expect_described("### data info", json_of({"data", "info", data}));
  expect_described("### data show", json_of({"data", "show", "1", "--data", data}));
  expect_described("### data show", json_of({"data", "show", "1", "--data", data, "--set",
                                             "augment.flip=random", "--epochs", "2"}));
  expect_described("### data sprite",
                   json_of({"data", "sprite", data, "--out", (folder_ / "sprite.png").string()}));
  expect_described("### data folds", json_of({"data", "folds", data}));
  expect_described("### data check",
                   json_of({"data", "check", data, "--out", (folder_ / "check").string()}));
  const fs::path maps = folder_ / "maps";
  expect_described("### data embed",
                   json_of({"data", "embed", data, "--limit", "100", "--out", maps.string()}),
                   {{"maps[].seconds", "NAME"}});
  expect_columns("## Maps", maps / "coordinates.csv");
}

}  // namespace
}  // namespace tailor::internal::e2e
