// Looking at data: maps, the data check, images on the terminal, runs side by side.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

class SeeTest : public SmallDataTest {
 protected:
  Finished embed(const fs::path& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"data", "embed", data_.string(), "--out", out.string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_tailor(words);
  }
  Json check(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {
        "data", "check",  data_.string(), "--threads",
        "1",    "--json", "--out",        (folder_ / "check").string()};
    words.insert(words.end(), more.begin(), more.end());
    const Finished finished = run_tailor(words);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return Json::parse(finished.out);
  }
};

TEST_F(SeeTest, MapsAreTheSameForAnyNumberOfThreads) {
  const fs::path one = folder_ / "one", two = folder_ / "two";
  const Finished finished = embed(one, {"--threads", "1"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  ASSERT_EQ(embed(two, {"--threads", "2"}).status, 0);
  for (const char* file : {"raw_pixels_map.npy", "raw_pixels.gif", "raw_pixels.png",
                           "coordinates.csv", "projector/vectors.tsv", "projector/metadata.tsv",
                           "projector/sprite.png", "projector/projector_config.pbtxt"}) {
    ASSERT_TRUE(fs::exists(one / file)) << file;
    EXPECT_TRUE(read_file(one / file) == read_file(two / file)) << file;
  }
  EXPECT_EQ(line_count(read_text(one / "coordinates.csv")), 1001u);
  EXPECT_NE(finished.out.find("explorer.html"), std::string::npos);
  EXPECT_NE(finished.out.find("trustworthiness"), std::string::npos);
}

TEST_F(SeeTest, LeavesNoMapOfOtherPointsBesideItsOwn) {
  const fs::path out = folder_ / "maps";
  ASSERT_EQ(embed(out, {"--limit", "60"}).status, 0);
  write_file_atomic(out / "mine.txt", std::string("mine"));
  ASSERT_EQ(embed(out, {"--limit", "50", "--formats", "csv"}).status, 0);
  for (const char* name : {"raw_pixels_map.npy", "raw_pixels.gif", "raw_pixels.png",
                           "explorer.html", "projector/vectors.tsv"}) {
    EXPECT_FALSE(fs::exists(out / name)) << name;
  }
  EXPECT_EQ(line_count(read_text(out / "coordinates.csv")), 51u);
  EXPECT_TRUE(fs::exists(out / "mine.txt"));
}

TEST_F(SeeTest, MapsASliceInThreeDimensions) {
  const Finished finished =
      embed(folder_ / "slice", {"--limit", "100", "--dimensions", "3", "--split", "test",
                                "--formats", "csv,html", "--json", "--threads", "1"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json json = Json::parse(finished.out);
  EXPECT_EQ(json.at("points"), 100);
  EXPECT_EQ(json.at("files").size(), 2u);
  const std::string csv = read_text(folder_ / "slice" / "coordinates.csv");
  EXPECT_TRUE(
      csv.starts_with("split,index,label,class,raw_pixels_x,raw_pixels_y,raw_pixels_z\ntest,"));
  EXPECT_FALSE(fs::exists(folder_ / "slice" / "raw_pixels.gif"));
}

TEST_F(SeeTest, RefusesMapsItCannotMake) {
  const fs::path out = folder_ / "refused";
  for (const auto& [words, says] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--of", "features"}, "--model"},
           {{"--formats", "bmp"}, "bmp"},
           {{"--limit", "5"}, "at least"},
           {{"--perplexity", "0"}, "perplexity"},
           {{"--steps", "2"}, "steps"},
           {{"--dimensions", "4"}, "dimensions"}}) {
    const Finished finished = embed(out, words);
    EXPECT_EQ(finished.status, 2) << words[0];
    EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
    EXPECT_NE(finished.err.find(says), std::string::npos) << finished.err;
  }
}

// Byte 16 on are the pixels: image 5 of the training set becomes image 3 of it and of the test set,
// and image 8 of the training set a slightly darker copy of image 7.
TEST_F(SeeTest, FindsTheCopiesThatWerePlanted) {
  constexpr std::size_t kImage = 100;
  std::vector<std::uint8_t> train = read_file(data_ / "train-images-idx3-ubyte");
  std::vector<std::uint8_t> test = read_file(data_ / "t10k-images-idx3-ubyte");
  const auto at = [](std::vector<std::uint8_t>& set, std::size_t image) {
    return set.begin() + std::ptrdiff_t(16 + image * kImage);
  };
  std::copy_n(at(train, 3), kImage, at(train, 5));
  std::copy_n(at(train, 3), kImage, at(test, 0));
  std::copy_n(at(train, 7), kImage, at(train, 8));
  ++*at(train, 8);
  write_file_atomic(data_ / "train-images-idx3-ubyte", train);
  write_file_atomic(data_ / "t10k-images-idx3-ubyte", test);
  const Json found = check({"--no-labels"});
  EXPECT_EQ(found.at("duplicates"), 3);
  EXPECT_EQ(found.at("duplicates_across"), 2);
  EXPECT_EQ(found.at("near_duplicates"), 1);
  const std::string csv = read_text(folder_ / "check" / "duplicates.csv");
  EXPECT_NE(csv.find("train,3,3,3,train,5,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("train,3,3,3,test,0,"), std::string::npos) << csv;
  EXPECT_NE(read_text(folder_ / "check" / "near_duplicates.csv").find("train,7,3,3,train,8,0,0,1."),
            std::string::npos);
  EXPECT_TRUE(fs::exists(folder_ / "check" / "data-check.html"));
  EXPECT_FALSE(fs::exists(folder_ / "check" / "label_suspects.csv"));
}

TEST_F(SeeTest, SuspectsTheLabelsThatWereFlipped) {
  constexpr std::size_t kFlipped = 40;
  std::vector<std::uint8_t> labels = read_file(data_ / "train-labels-idx1-ubyte");
  std::vector<std::string> flipped;
  for (std::size_t i = 0; i < kFlipped; ++i) {
    std::uint8_t& label = labels[8 + i * 20];
    label = std::uint8_t((label + 1) % 4);
    flipped.push_back(",train," + std::to_string(i * 20) + ",");
  }
  write_file_atomic(data_ / "train-labels-idx1-ubyte", labels);
  const Json found = check({"--epochs", "12"});
  EXPECT_GT(found.at("label_suspects").get<int>(), 0);
  EXPECT_GT(found.at("label_judge_accuracy").get<double>(), 0.5);
  EXPECT_NE(
      read_text(folder_ / "check" / "data-check.html").find("judged by models that are right"),
      std::string::npos);
  const std::string csv = read_text(folder_ / "check" / "label_suspects.csv");
  std::string first;  // the header and as many lines as twice the flipped ones
  for (std::size_t line = 0, from = 0; line <= 2 * kFlipped && from < csv.size(); ++line) {
    const std::size_t end = csv.find('\n', from) + 1;
    first += csv.substr(from, end - from);
    from = end;
  }
  std::size_t among_first = 0;
  for (const std::string& cells : flipped) among_first += first.find(cells) != std::string::npos;
  EXPECT_GE(among_first, kFlipped * 8 / 10);
}

TEST_F(SeeTest, ShowsImagesAsTextWhereThereIsNoColour) {
  const Finished finished = run_tailor({"data", "show", "0", "train:1", "--data", data_.string()});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out.find('\x1b'), std::string::npos);
  EXPECT_NE(finished.out.find("test 0"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("train 1"), std::string::npos) << finished.out;
  const Finished beyond = run_tailor({"data", "show", "200", "--data", data_.string()});
  EXPECT_EQ(beyond.status, 2);
  EXPECT_NE(beyond.err.find("there are only 200 test images"), std::string::npos) << beyond.err;
}

TEST_F(SeeTest, PutsRunsSideBySideAndMapsWhatTheirModelsSee) {
  const std::string a = (folder_ / "a").string(), b = (folder_ / "b").string();
  for (const auto& [out, seed] : {std::pair(a, "seed=3"), std::pair(b, "seed=4")}) {
    const Finished run = run_tailor({"run", small_.string(), "--out", out, "--set", seed});
    ASSERT_EQ(run.status, 0) << run.err;
  }
  const std::string page = (folder_ / "both.html").string();
  const Finished compared = run_tailor({"report", a, b, "--out", page});
  ASSERT_EQ(compared.status, 0) << compared.err;
  EXPECT_NE(read_text(page).find("model.dropout"), std::string::npos);
  EXPECT_EQ(run_tailor({"report", a, a, "--out", page}).status, 2);
  EXPECT_EQ(run_tailor({"report", a, data_.string(), "--out", page}).status, 2);

  const Finished finished = embed(folder_ / "seen", {"--model", a, "--split", "test"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  for (const char* file :
       {"raw_pixels_map.npy", "learned_features_map.npy", "learned_features.npy"}) {
    EXPECT_TRUE(fs::exists(folder_ / "seen" / file)) << file;
  }
  EXPECT_NE(read_text(folder_ / "seen" / "learned_features.npy").find("(200, 16)"),
            std::string::npos);  // 200 test images, 16 units of the last hidden layer
}

}  // namespace
}  // namespace tailor::internal::e2e
