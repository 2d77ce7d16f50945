#include "tailor/study/ready_data.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <set>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/folder_entries.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/study/near_groups.hpp"
#include "tailor/study/ready_cache.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Groups = std::vector<std::uint32_t>;

// Large blocks of colours that the seed draws, so that two scenes are far apart.
Image scene(std::uint64_t seed, int height, int width) {
  const Rng rng(seed, Purpose::kDraw);
  Image image{height, width, 3, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto block = std::uint64_t(y * 6 / height * 6 + x * 6 / width);
      for (std::uint64_t c = 0; c < 3; ++c) {
        image.pixels.push_back(std::uint8_t(rng.uniform(3 * block + c) * 255));
      }
    }
  }
  return image;
}

class ReadyDataTest : public testing::Test {
 protected:
  ReadyDataTest() { ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1); }
  ~ReadyDataTest() override { ::unsetenv("XDG_CACHE_HOME"); }

  void put(const std::string& file, const Image& image) const {
    make_folder((photos_ / file).parent_path());
    write_file_atomic(photos_ / file, encode_png(image));
  }
  // Three classes of 12 scenes of different sizes.
  void put_photos() const {
    for (int i = 0; i < 36; ++i) {
      put(fmt::format("{}/{:02}.png", "abc"[i % 3], i), scene(std::uint64_t(i), 30 + i, 50 - i));
    }
  }
  DataOptions options() const { return {.dir = photos_.string()}; }
  static ReadyPart part(const DataOptions& options, Split split = Split::kTrain) {
    return ReadyData(options, 2).part(split);
  }
  std::size_t kept_files() const {
    std::size_t count = 0;
    if (!is_folder(folder_ / "cache" / "tailor")) return 0;
    for (const auto& key : folder_entries(folder_ / "cache" / "tailor")) {
      count += folder_entries(folder_ / "cache" / "tailor" / key.name).size();
    }
    return count;
  }

  const OwnFolder folder_;
  const fs::path photos_ = folder_ / "photos";
};

TEST_F(ReadyDataTest, MakesOfEveryFileWhatItsRecipeMakes) {
  put_photos();
  DataOptions asked = options();
  asked.image.size = {8, 12};
  asked.image.fit = "crop";
  const ReadyPart train = part(asked);
  const Recipe recipe{.shape = {3, 8, 12}, .fit = Fit::kCrop};
  ASSERT_EQ(train.set.shape, recipe.shape);
  for (std::size_t i = 0; i < train.set.size(); ++i) {
    const Image image = prepared(recipe, read_file(photos_ / train.files[i]), train.files[i]);
    EXPECT_TRUE(std::ranges::equal(train.set.image(i), image.pixels)) << train.files[i];
    EXPECT_EQ(train.set.class_names[train.set.labels[i]], train.files[i].substr(0, 1));
  }
}

TEST_F(ReadyDataTest, TheSecondTimeIsTheFirstWithoutTheWork) {
  put_photos();
  const ReadyPart first = part(options());
  const std::size_t files = kept_files();
  EXPECT_GT(files, 0u);
  const ReadyPart second = part(options());
  EXPECT_EQ(second.set.pixels, first.set.pixels);
  EXPECT_EQ(second.set.labels, first.set.labels);
  EXPECT_EQ(second.files, first.files);
  EXPECT_EQ(second.fingerprint, first.fingerprint);
  EXPECT_EQ(kept_files(), files);
  DataOptions without = options();
  without.cache = false;
  EXPECT_EQ(part(without).set.pixels, first.set.pixels);
  EXPECT_EQ(kept_files(), files);
  // One picture is another: all is made again.
  put("a/00.png", scene(99, 31, 40));
  const ReadyPart third = part(options());
  EXPECT_NE(third.fingerprint, first.fingerprint);
  EXPECT_GT(kept_files(), files);
  EXPECT_EQ(folder_entries(photos_).size(), 3u);  // nothing of ours
}

TEST_F(ReadyDataTest, WhatIsNoFileOfOursIsMadeAgain) {
  put_photos();
  const ReadyPart first = part(options());
  const fs::path cache = folder_ / "cache" / "tailor";
  const fs::path key = cache / folder_entries(cache)[0].name;
  const std::vector<std::uint8_t> good = read_file(key / "train.ready");
  for (const std::size_t size : {std::size_t(0), std::size_t(100), good.size() - 1}) {
    write_file_atomic(key / "train.ready", std::span(good).first(size));
    EXPECT_EQ(part(options()).set.pixels, first.set.pixels) << size;
  }
  for (std::size_t at = 0; at < 64; ++at) {
    std::vector<std::uint8_t> changed = good;
    changed[at] ^= 0x41;
    write_file_atomic(key / "train.ready", changed);
    EXPECT_EQ(part(options()).set.pixels, first.set.pixels) << at;
  }
}

TEST_F(ReadyDataTest, CutsATestSetThatHasEveryClassAndNoTrainingImage) {
  put_photos();
  const ReadyPart train = part(options()), test = part(options(), Split::kTest);
  EXPECT_EQ(train.files.size() + test.files.size(), 36u);
  std::set<std::string> all(train.files.begin(), train.files.end());
  for (const std::string& file : test.files) EXPECT_TRUE(all.insert(file).second) << file;
  EXPECT_EQ(std::set<Label>(test.set.labels.begin(), test.set.labels.end()).size(), 3u);
  DataOptions other = options();
  other.group = "series";
  EXPECT_THAT(refusal_of([&] { part(other); }), HasSubstr("has no column series"));
  other.group = "auto";
  other.random_state = 1;
  EXPECT_NE(part(other, Split::kTest).files, test.files);
  other.validation_size = 0.2;
  EXPECT_GT(part(other, Split::kValidation).files.size(), 3u);
  other.test_size = 0;
  EXPECT_FALSE(ReadyData(other, 1).has(Split::kTest));
}

// MNIST's four files are used as they are, unless a part of them is cut off.
TEST_F(ReadyDataTest, CutsAValidationSetOffMnistsFiles) {
  DataOptions mnist = options();
  mnist.dir = DataOptions{}.dir;
  mnist.group = "none";
  mnist.cache = false;
  EXPECT_EQ(part(mnist).set.size(), 60000u);
  mnist.validation_size = 1.0 / 6;
  EXPECT_TRUE(ReadyData(mnist, 1).has(Split::kValidation));
  const Dataset train = part(mnist).set, kept = part(mnist, Split::kValidation).set;
  EXPECT_THAT(class_counts(train), testing::Each(5000));
  EXPECT_THAT(class_counts(kept), testing::Each(1000));
  EXPECT_EQ(part(mnist, Split::kTest).set.size(), 10000u);
}

// Frames of a series differ by their brightness and a little noise.
TEST_F(ReadyDataTest, NoSeriesIsOnTwoSides) {
  for (int i = 0; i < 40; ++i) {
    for (int frame = 0; frame < (i % 4 == 0 ? 4 : 1); ++frame) {
      Image image = scene(std::uint64_t(i), 40, 40);
      for (std::size_t p = 0; p < image.pixels.size(); ++p) {
        const int noise = int((p * 7919 + std::size_t(frame) * 104729) % 9) - 4;
        image.pixels[p] =
            std::uint8_t(std::clamp(image.pixels[p] * (20 + frame) / 20 + noise, 0, 255));
      }
      put(fmt::format("{}/{:02}-{}.png", "ab"[i % 2], i, frame), image);
    }
  }
  const ReadyPart train = part(options()), test = part(options(), Split::kTest);
  const auto series_of = [](const ReadyPart& one) {
    std::set<std::string> series;
    for (const std::string& file : one.files) series.insert(file.substr(2, 2));
    return series;
  };
  for (const std::string& series : series_of(test)) EXPECT_FALSE(series_of(train).contains(series));
  EXPECT_FALSE(train.set.groups.empty());
  std::map<std::uint32_t, std::set<std::string>> members;
  for (std::size_t i = 0; i < train.files.size(); ++i) {
    members[train.set.groups[i]].insert(train.files[i].substr(2, 2));
  }
  for (const auto& [group, series] : members) EXPECT_EQ(series.size(), 1u);
  EXPECT_EQ(members.size(), series_of(train).size());
}

TEST_F(ReadyDataTest, BadFilesAreListedAndRefusedOrLeftOut) {
  put_photos();
  write_file_atomic(photos_ / "a" / "broken.png", std::string_view("\x89PNG\r\n\x1a\nno"));
  write_file_atomic(photos_ / "b" / "empty.jpg", std::string_view(""));
  write_file_atomic(photos_ / "c" / "notes.txt", std::string_view("hello"));
  fs::create_symlink("nowhere", photos_ / "c" / "gone.png");
  const std::string refused = refusal_of([&] { part(options()); });
  EXPECT_THAT(refused, HasSubstr("4 of 40 files"));
  EXPECT_THAT(refused, HasSubstr("a/broken.png"));
  EXPECT_THAT(refused, HasSubstr("bad_files.csv; data.bad_files = \"skip\""));
  DataOptions skip = options();
  skip.bad_files = "skip";
  const ReadyPart train = part(skip);
  ASSERT_EQ(train.bad.size(), 4u);
  EXPECT_EQ(train.bad[1].path, "b/empty.jpg");
  EXPECT_EQ(train.bad[1].reason, "is an empty file");
  EXPECT_EQ(train.files.size() + part(skip, Split::kTest).files.size(), 36u);
}

// No descriptor is left, so that no file opens: what is named may well be good.
TEST_F(ReadyDataTest, WhatTheMachineCannotReadIsNoBadFile) {
  put_photos();
  DataOptions skip = options();
  skip.bad_files = "skip";
  skip.cache = false;
  skip.image.size = {20, 20};
  skip.image.channels = 3;
  const Recipe recipe = ReadyData(skip, 1).recipe().recipe;
  Team team(1);
  std::vector<std::uint8_t> pixels(recipe.shape.size());
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none = {0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const FileErrors errors =
      decode_pictures(recipe, {}, photos_, {"a/00.png"}, pixels, team, nullptr);
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_TRUE(errors[0].has_value());
  EXPECT_EQ(errors[0]->kind(), ErrorKind::kFailure);
  EXPECT_THAT(errors[0]->what(), HasSubstr("Too many open files"));
}

TEST_F(ReadyDataTest, PicturesWithoutColoursAreGrayWhateverTheirFiles) {
  for (int i = 0; i < 8; ++i) {
    Image image = scene(std::uint64_t(i), 20, 20);
    convert_image(image, 1, kWhiteColour);
    convert_image(image, 3, kWhiteColour);
    put(fmt::format("{}/{}.png", "ab"[i % 2], i), image);
  }
  EXPECT_EQ(ReadyData(options(), 1).recipe().recipe.shape, (Shape{1, 20, 20}));
  put("a/9.png", scene(9, 20, 20));
  EXPECT_EQ(ReadyData(options(), 1).recipe().recipe.shape, (Shape{3, 20, 20}));
  DataOptions gray = options();
  gray.image.channels = 1;
  EXPECT_EQ(ReadyData(gray, 1).recipe().recipe.shape, (Shape{1, 20, 20}));
}

TEST_F(ReadyDataTest, ACacheThatChangesUnderItCostsNothingButTime) {
  put_photos();
  ReadyData data(options(), 2);
  const ReadyPart train = data.part(Split::kTrain);
  forget(kept_sets().front());
  const ReadyPart test = data.part(Split::kTest);
  EXPECT_EQ(test.fingerprint, part(options(), Split::kTest).fingerprint);
  // A label that is not what was written: the part is made again.
  const fs::path file = ReadyData(options(), 1).folder() / "train.ready";
  std::vector<std::uint8_t> bytes = read_file(file);
  const std::size_t labels = 4096 + train.set.pixels.size();
  bytes[labels] ^= 1;
  write_file_atomic(file, bytes);
  EXPECT_EQ(part(options()).set.labels, train.set.labels);
  EXPECT_EQ(read_file(file)[labels], bytes[labels] ^ 1);
}

TEST_F(ReadyDataTest, WhatWasLeftOutIsToldEachTime) {
  put_photos();
  write_file_atomic(photos_ / "a" / "empty.png", std::string_view(""));
  DataOptions skip = options();
  skip.bad_files = "skip";
  for (int time = 0; time < 2; ++time) {
    std::string told;
    Observer observer;
    observer.warn = [&](std::string_view line) { told += line; };
    ReadyData(skip, 1, observer).part(Split::kTrain);
    EXPECT_THAT(told, HasSubstr("a/empty.png"));
  }
}

TEST_F(ReadyDataTest, WhatIsKeptIsListedAndForgotten) {
  EXPECT_TRUE(kept_sets().empty());
  put_photos();
  part(options());
  const fs::path strange = folder_ / "cache" / "tailor" / "mine";
  make_folder(strange);
  write_file_atomic(strange / "train.ready", "not Tailor's");
  ASSERT_EQ(kept_sets().size(), 1u);
  const KeptSet set = kept_sets().front();
  EXPECT_EQ(set.source, photos_.string());
  EXPECT_EQ(set.folder, ReadyData(options(), 1).folder());
  EXPECT_GT(set.bytes, 36u * 48 * 48 * 3);
  write_file_atomic(set.folder / "notes", "somebody's");
  EXPECT_FALSE(forget(set));
  EXPECT_FALSE(is_file(set.folder / "train.ready"));
  EXPECT_TRUE(is_file(set.folder / "notes"));
  remove_file(set.folder / "notes");
  EXPECT_TRUE(forget(set));
  EXPECT_TRUE(kept_sets().empty());
  EXPECT_TRUE(is_file(strange / "train.ready"));
}

TEST(NearGroups, JoinCopiesAndLeaveStrangers) {
  Dataset set{{3, 40, 40}, {}, {}, {"a", "b"}, {}, {}};
  for (std::uint64_t i = 0; i < 30; ++i) {
    set.pixels.append(scene(i % 25, 40, 40).pixels);  // the last five once more
    set.labels.push_back(Label(i % 2));
  }
  Engine engine(2);
  const Groups groups = near_groups(set, engine);
  for (std::uint32_t i = 0; i < 30; ++i) EXPECT_EQ(groups[i], i % 25);
  const GroupCounts counts = count_groups(groups);
  EXPECT_EQ(counts.groups, 5u);
  EXPECT_EQ(counts.images, 10u);
  EXPECT_EQ(counts.largest, 2u);
}

}  // namespace
}  // namespace tailor::internal
