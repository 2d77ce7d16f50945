// From a folder of pictures to a tested model, as a person with photos would go.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tailor/core/file.hpp"
#include "tailor/core/folder_entries.hpp"
#include "tailor/core/json.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/formats/image.hpp"
#include "tests/e2e/process.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Noise with a bright left or right half, of many sizes.
class PhotosTest : public testing::Test {
 protected:
  PhotosTest() {
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
    for (int i = 0; i < 60; ++i) {
      const char* name = i % 2 == 0 ? "left" : "right side";
      make_folder(photos_ / name);
      write_file_atomic(photos_ / name / fmt::format("{:02}.png", i), encode_png(photo(i)));
    }
  }
  ~PhotosTest() override { ::unsetenv("XDG_CACHE_HOME"); }

  static Image photo(int number) {
    const Rng rng(std::uint64_t(number), Purpose::kDraw);
    Image image{20 + number % 7, 24 - number % 5, 3, {}};
    for (int at = 0; at < image.height * image.width * 3; ++at) {
      const bool left = at / 3 % image.width < image.width / 2;
      const double noise = rng.uniform(std::uint64_t(at));
      image.pixels.push_back(std::uint8_t(noise * 120 + (left == (number % 2 == 0) ? 100 : 0)));
    }
    return image;
  }
  Finished tailor(std::vector<std::string> words) const {
    return run_tailor(words, {"sh", "-c", "cd '" + folder_.string() + "' && exec \"$0\" \"$@\""});
  }

  const OwnFolder folder_;
  const fs::path photos_ = folder_ / "photos";
};

TEST_F(PhotosTest, NewAndRunAreAllThatIsTyped) {
  const Finished made = tailor({"new", "photos"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("go on with: tailor run photos.toml"));
  EXPECT_THAT(made.err, HasSubstr("a folder of pictures for each of 2 classes: train 60"));
  EXPECT_EQ(tailor({"new", "photos"}).status, 2);  // it is there already
  const Finished run =
      tailor({"run", "photos.toml", "--set", "model.kernels=4", "--set", "first.epochs=1", "--set",
              "search.epochs=1", "--set", "search.n_iter=2", "--set", "final.epochs=12", "--set",
              "threads=1", "--set", "search.space=", "--out", "run"});
  EXPECT_EQ(run.status, 2);  // a table is not set so
  const Finished good =
      tailor({"run", "photos.toml", "--set", "first.epochs=1", "--set", "search.epochs=1", "--set",
              "search.n_iter=2", "--set", "final.epochs=12", "--threads", "1", "--out", "run"});
  ASSERT_EQ(good.status, 0) << good.err;
  const Json metrics = Json::parse(read_text(folder_ / "run" / "metrics.json"));
  EXPECT_GT(metrics.at("final").at("test_balanced_accuracy").get<double>(), 0.8);
  EXPECT_EQ(metrics.at("data").at("train_images").get<int>() +
                metrics.at("data").at("test_images").get<int>(),
            60);
  EXPECT_THAT(read_text(folder_ / "run" / "split.csv"), HasSubstr("test,0,0,left,"));
  EXPECT_EQ(folder_entries(photos_).size(), 2u);

  // The answer for a file is the one that the run measured.
  std::istringstream lines(read_text(folder_ / "run" / "split.csv"));
  std::string line, file;
  while (std::getline(lines, line)) {
    if (line.starts_with("test,0,")) file = line.substr(line.rfind(',') + 1);
  }
  const Finished known = tailor({"predict", "run", "test:0", "--json"});
  const Finished asked = tailor({"predict", "run", "photos/" + file, "--json"});
  const Finished fresh = tailor({"predict", "run", "photos/" + file, "--json"});
  ASSERT_EQ(asked.status, 0) << asked.err;
  EXPECT_EQ(Json::parse(asked.out).at("predictions").at(0).at("probabilities"),
            Json::parse(known.out).at("predictions").at(0).at("probabilities"));
  EXPECT_EQ(asked.out, fresh.out);
}

TEST_F(PhotosTest, NewLeavesOutWhatIsNoPictureAndSaysSo) {
  write_file_atomic(photos_ / "left" / "notes.txt", std::string_view("no picture"));
  EXPECT_EQ(tailor({"new", "photos", "--bad-files", "refuse"}).status, 2);
  EXPECT_FALSE(path_exists(folder_ / "photos.toml"));
  const Finished made = tailor({"new", "photos"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("left/notes.txt"));
  EXPECT_THAT(read_text(folder_ / "photos.toml"),
              HasSubstr("bad_files = \"skip\"   # 1 of these are none"));
}

// Lines of a CSV file without its header, as cells; no cell here has a comma.
std::vector<std::vector<std::string>> cells_of(const fs::path& file) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(read_text(file));
  std::string line, cell;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream cells(line + ',');
    rows.emplace_back();
    while (std::getline(cells, cell, ',')) rows.back().push_back(cell);
  }
  return rows;
}

TEST_F(PhotosTest, UnsureAnswersAreKeptBackWhereThatIsWanted) {
  for (int i = 60; i < 160; ++i) {
    const char* name = i % 2 == 0 ? "left" : "right side";
    write_file_atomic(photos_ / name / fmt::format("{}.png", i), encode_png(photo(i)));
  }
  write_file_atomic(folder_ / "photos.toml", std::string_view("[data]\ndir = \"photos\"\n"
                                                              "[model]\nkernels = 4\n"
                                                              "[train]\nepochs = 2\nbatch = 16\n"
                                                              "[search]\nn_iter = 1\ncv = 2\n"
                                                              "[search.space]\n"
                                                              "\"model.dropout\" = [0.3]\n"
                                                              "[report]\npoints = 0\n"));
  const std::vector<std::string> run = {"run", "photos.toml", "--threads", "1"};
  auto wanted = run, beyond = run;
  wanted.insert(wanted.end(), {"--set", "final.reject_precision=0.8", "--out", "run"});
  beyond.insert(beyond.end(), {"--set", "final.reject_precision=1", "--set", "train.batch=120",
                               "--set", "train.epochs=1", "--out", "none"});
  const Finished made = tailor(wanted);
  ASSERT_EQ(made.status, 0) << made.err;
  const Json metrics = Json::parse(read_text(folder_ / "run" / "metrics.json"));
  const Json& rejection = metrics.at("final").at("rejection");
  const double below = rejection.at("reject_below");
  EXPECT_EQ(rejection.at("chosen_on"), "out-of-fold predictions of the search");
  EXPECT_EQ(rejection.at("images"), metrics.at("data").at("train_images"));
  EXPECT_GE(rejection.at("right").get<double>(), 0.8 * rejection.at("answers").get<double>());
  EXPECT_THAT(made.out, HasSubstr("80 % right: unsure below"));
  EXPECT_NE(read_text(folder_ / "run" / "report.html").find("Accuracy by coverage"),
            std::string::npos);
  // What predict keeps back is what the run's own table says to be less sure.
  std::map<std::string, bool> unsure;
  const Finished asked =
      tailor({"predict", "run", "photos", "--csv", "answers.csv", "--copy-to", "sorted"});
  ASSERT_EQ(asked.status, 0) << asked.err;
  EXPECT_THAT(read_text(folder_ / "answers.csv"),
              HasSubstr("source,class,probability,unsure,error\n"));
  std::size_t kept_back = 0;
  for (const auto& row : cells_of(folder_ / "answers.csv")) {
    unsure[row.at(0)] = row.at(3) == "true";
    kept_back += unsure[row.at(0)];
    EXPECT_EQ(std::stof(row.at(2)) < float(below), unsure[row.at(0)]);
  }
  EXPECT_EQ(unsure.size(), 160u);
  const fs::path folder = folder_ / "sorted" / "_unsure";
  EXPECT_EQ(is_folder(folder) ? folder_entries(folder).size() : 0, kept_back);
  std::int64_t answers = 0;
  for (const auto& row : cells_of(folder_ / "run" / "split.csv")) {
    if (row.at(0) == "test") answers += unsure.at("photos/" + row.back()) ? 0 : 1;
  }
  EXPECT_EQ(rejection.at("test").at("answers"), answers);
  EXPECT_THAT(tailor({"evaluate", "run"}).out, HasSubstr("answered"));

  const Finished none = tailor(beyond);
  ASSERT_EQ(none.status, 0) << none.err;
  EXPECT_THAT(none.err, HasSubstr("100 % right cannot be reached"));
  const Json hopeless = Json::parse(read_text(folder_ / "none" / "metrics.json"));
  EXPECT_TRUE(hopeless.at("final").at("rejection").at("reject_below").is_null());
  EXPECT_THAT(tailor({"predict", "none", "test:0"}).out, testing::Not(HasSubstr("unsure")));
}

TEST_F(PhotosTest, PredictShowsWhatDecided) {
  ASSERT_EQ(tailor({"train", "--data", "photos", "--kernels", "4", "--epochs", "2", "--threads",
                    "1", "--out", "model"})
                .status,
            0);
  const Finished shown = tailor({"predict", "model", "photos/left/00.png", "photos/left/gone.png",
                                 "photos/left/02.png", "--explain", "why.png"});
  EXPECT_EQ(shown.status, 2);  // one is not there
  const Image sheet = decode_image(read_file(folder_ / "why.png"), 3, "why.png");
  EXPECT_GT(sheet.width, 4 * 190);  // two pairs
  EXPECT_LT(sheet.width, 6 * 190);
  const auto photo_bytes = read_file(photos_ / "left" / "00.png");
  EXPECT_EQ(
      tailor({"predict", "model", "photos/left/00.png", "--explain", "photos/left/00.png"}).status,
      2);
  EXPECT_EQ(read_file(photos_ / "left" / "00.png"), photo_bytes);
  EXPECT_EQ(
      tailor({"predict", "model", "photos/left/00.png", "--explain", "x", "--csv", "x"}).status, 2);
  write_file_atomic(folder_ / "notes", std::string_view("mine"));
  EXPECT_EQ(tailor({"predict", "model", "photos/left/00.png", "--explain", "notes"}).status, 2);
  EXPECT_EQ(read_text(folder_ / "notes"), "mine");
  for (int i = 60; i < 102; ++i) {
    write_file_atomic(photos_ / "left" / fmt::format("{}.png", i), encode_png(photo(i)));
  }
  const Finished many = tailor({"predict", "model", "photos", "--explain", "many.png"});
  EXPECT_EQ(many.status, 2);
  EXPECT_THAT(many.err, HasSubstr("--explain draws up to 100 images, and these are 102"));
}

TEST_F(PhotosTest, TheCacheIsFilledShownAndCleared) {
  const Finished made = tailor({"data", "cache", "photos", "--set", "image.size=[16,16]"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("images of 16x16, colour\nkept in "));
  const Json kept = Json::parse(tailor({"data", "cache", "--json"}).out);
  ASSERT_EQ(kept.at("sets").size(), 1u);
  EXPECT_EQ(kept.at("sets").at(0).at("source"), photos_.string());
  EXPECT_EQ(tailor({"data", "info", "photos", "--no-cache"}).status, 0);
  EXPECT_EQ(Json::parse(tailor({"data", "cache", "--json"}).out), kept);
  EXPECT_THAT(tailor({"data", "cache", "elsewhere", "--clear"}).out, HasSubstr("0 sets deleted"));
  EXPECT_THAT(tailor({"data", "cache", "photos", "--clear"}).out, HasSubstr("1 sets deleted"));
  EXPECT_THAT(tailor({"data", "cache"}).out, HasSubstr("nothing is kept in"));
}

TEST_F(PhotosTest, PredictTakesFoldersAndLists) {
  const Finished trained =
      tailor({"train", "--data", "photos", "--kernels", "4", "--epochs", "2", "--threads", "1",
              "--set", "data.validation_size=0.2", "--out", "model"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.out, HasSubstr("accuracy on 10 images"));
  EXPECT_EQ(tailor({"evaluate", "model", "--split", "validation"}).status, 0);
  write_file_atomic(photos_ / "notes.txt", std::string_view("no picture"));
  const Finished table = tailor(
      {"predict", "model", "photos", "--csv", "answers.csv", "--top", "2", "--copy-to", "sorted"});
  EXPECT_EQ(table.status, 2);
  EXPECT_THAT(table.err, HasSubstr("notes.txt: is no picture that Tailor reads"));
  const std::string csv = read_text(folder_ / "answers.csv");
  EXPECT_EQ(line_count(csv), 62u);
  EXPECT_THAT(csv, HasSubstr("source,class,probability,class_2,probability_2,error\n"));
  std::size_t copied = 0;
  for (const FolderEntry& entry : folder_entries(folder_ / "sorted")) {
    copied += folder_entries(folder_ / "sorted" / entry.name).size();
  }
  EXPECT_EQ(copied, 60u);
  // A name as long as names may be.
  const std::string longest = std::string(251, 'x') + ".png";
  make_folder(folder_ / "long");
  write_file_atomic(folder_ / "long" / longest, encode_png(photo(1)));
  EXPECT_EQ(tailor({"predict", "model", "long", "--copy-to", "sorted"}).status, 0);
  EXPECT_TRUE(is_file(folder_ / "sorted" / "left" / longest) ||
              is_file(folder_ / "sorted" / "right side" / longest));
  const Finished piped = run_tailor(
      {"predict", (folder_ / "model").string(), "-"},
      {"sh", "-c",
       "printf '%s\\n' '" + (photos_ / "left" / "00.png").string() + "' | \"$0\" \"$@\""});
  EXPECT_EQ(piped.status, 0) << piped.err;
  EXPECT_EQ(line_count(piped.out), 1u);
}

TEST_F(PhotosTest, WhatIsTrainedOnItsSideAnswersForUprightPictures) {
  // The same photos, transposed: a set that lies on its side.
  for (const char* name : {"left", "right side"}) {
    for (const FolderEntry& entry : folder_entries(photos_ / name)) {
      Image image = decode_image(read_file(photos_ / name / entry.name), 3, entry.name);
      turn_upright(image, 5);
      make_folder(folder_ / "side" / name);
      write_file_atomic(folder_ / "side" / name / entry.name, encode_png(image));
    }
  }
  const std::vector<std::string> train = {
      "train", "--kernels", "4", "--epochs", "3", "--set", "image.size=[16,16]", "--threads", "1"};
  auto upright = train, side = train;
  upright.insert(upright.end(), {"--data", "photos", "--out", "a"});
  side.insert(side.end(), {"--data", "side", "--set", "data.transpose=true", "--out", "b"});
  ASSERT_EQ(tailor(upright).status, 0);
  const Finished finished = tailor(side);
  ASSERT_EQ(finished.status, 0) << finished.err;
  const auto answer = [&](const char* model) {
    return Json::parse(tailor({"predict", model, "photos/left/00.png", "--json"}).out);
  };
  EXPECT_EQ(answer("a"), answer("b"));
}

}  // namespace
}  // namespace tailor::internal::e2e
