#include "tailor/data/directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tailor/data/release.hpp"
#include "tailor/data/test_files.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kFashion[] = "/usr/share/datasets/fashion-mnist";

// A folder of four good files: 4 training and 2 test images of 2 x 3, three classes.
class Directory : public testing::Test {
 protected:
  Directory() {
    put("train-images-idx3-ubyte", idx_bytes({4, 2, 3}, counting(24)));
    put("train-labels-idx1-ubyte", idx_bytes({4}, {2, 0, 1, 0}));
    put("t10k-images-idx3-ubyte", idx_bytes({2, 2, 3}, counting(12, 100)));
    put("t10k-labels-idx1-ubyte", idx_bytes({2}, {1, 0}));
  }

  static Bytes counting(std::size_t count, int from = 0) {
    Bytes values(count);
    std::iota(values.begin(), values.end(), std::uint8_t(from));
    return values;
  }

  void put(const std::string& name, const Bytes& bytes) { write_file_atomic(dir_ / name, bytes); }
  std::string train_refusal() const {
    return refusal_of([this] { load_split(dir_, Split::kTrain); });
  }
  std::string test_refusal() const {
    return refusal_of([this] { load_split(dir_, Split::kTest); });
  }

  const OwnFolder dir_;
};

TEST_F(Directory, LoadsImagesLabelsAndNumbersAsNames) {
  const Dataset train = load_split(dir_, Split::kTrain);
  EXPECT_EQ(train.shape, (Shape{.channels = 1, .height = 2, .width = 3}));
  EXPECT_THAT(train.labels, ElementsAre(2, 0, 1, 0));
  EXPECT_THAT(train.image(1), ElementsAre(6, 7, 8, 9, 10, 11));
  EXPECT_THAT(train.class_names, ElementsAre("0", "1", "2"));
  const Dataset test = load_split(dir_, Split::kTest);
  EXPECT_THAT(test.labels, ElementsAre(1, 0));
  EXPECT_EQ(test.classes(), 3);
}

TEST_F(Directory, ReadsThePlainFileWhereAGzippedOneIsThereToo) {
  put("train-labels-idx1-ubyte.gz", gzip_bytes(idx_bytes({4}, {0, 0, 1, 1})));
  EXPECT_THAT(load_split(dir_, Split::kTrain).labels, ElementsAre(2, 0, 1, 0));
  std::filesystem::remove(dir_ / "train-labels-idx1-ubyte");
  EXPECT_THAT(load_split(dir_, Split::kTrain).labels, ElementsAre(0, 0, 1, 1));
}

TEST(Prefixed, SetsAreToldByTheirPrefixOrByOneOfTheirFiles) {
  const OwnFolder folder;
  const auto put = [&](const std::string& name, const Bytes& bytes) {
    write_file_atomic(folder / name, bytes);
  };
  const auto put_set = [&](const std::string& prefix, std::uint8_t first) {
    put(prefix + "train-images-idx3-ubyte.gz", gzip_bytes(idx_bytes({2, 1, 2}, {1, 2, 3, 4})));
    put(prefix + "train-labels-idx1-ubyte.gz",
        gzip_bytes(idx_bytes({2}, {std::uint8_t(first + 1), first})));
    put(prefix + "test-images-idx3-ubyte.gz", gzip_bytes(idx_bytes({1, 1, 2}, {5, 6})));
    put(prefix + "test-labels-idx1-ubyte.gz", gzip_bytes(idx_bytes({1}, {first})));
  };
  put_set("emnist-letters-", 1);
  ASSERT_TRUE(holds_mnist_files(folder));
  const Dataset train = load_split(folder, Split::kTrain);
  EXPECT_THAT(train.labels, ElementsAre(1, 0));
  EXPECT_THAT(train.class_names, ElementsAre("1", "2"));
  EXPECT_THAT(load_split(folder, Split::kTest).labels, ElementsAre(0));
  EXPECT_THAT(load_outline(folder).class_names, ElementsAre("1", "2"));
  put("emnist-letters-test-labels-idx1-ubyte.gz", gzip_bytes(idx_bytes({1}, {0})));
  EXPECT_THAT(refusal_of([&] { load_split(folder, Split::kTest); }),
              HasSubstr("label 0 at index 0, but the training set begins at 1"));
  put_set("emnist-digits-", 0);
  EXPECT_THAT(
      refusal_of([&] { load_split(folder, Split::kTrain); }),
      HasSubstr("several sets, emnist-digits-, emnist-letters-; name one of a set's files"));
  const auto one = folder / "emnist-digits-test-labels-idx1-ubyte.gz";
  EXPECT_THAT(load_split(one, Split::kTrain).labels, ElementsAre(1, 0));
}

TEST(Prefixed, QmnistsLabelsAreTheFirstOfItsIntegers) {
  const OwnFolder folder;
  const auto labels = [](const std::vector<std::uint8_t>& classes) {
    Bytes bytes = {0, 0, 0x0c, 2, 0, 0, 0, std::uint8_t(classes.size()), 0, 0, 0, 2};
    for (const std::uint8_t label : classes) {
      bytes.insert(bytes.end(), {0, 0, 0, label, 0, 0, 7, 7});
    }
    return bytes;
  };
  write_file_atomic(folder / "qmnist-train-images-idx3-ubyte", idx_bytes({2, 1, 1}, {1, 2}));
  write_file_atomic(folder / "qmnist-train-labels-idx2-int", labels({1, 0}));
  EXPECT_THAT(load_split(folder, Split::kTrain).labels, ElementsAre(1, 0));
  Bytes cut = labels({1, 0});
  cut.pop_back();
  write_file_atomic(folder / "qmnist-train-labels-idx2-int", cut);
  EXPECT_THAT(refusal_of([&] { load_split(folder, Split::kTrain); }), HasSubstr("truncated"));
  write_file_atomic(folder / "qmnist-train-labels-idx2-int", idx_bytes({2}, {1, 0}));
  EXPECT_THAT(refusal_of([&] { load_split(folder, Split::kTrain); }),
              HasSubstr("its name says 32-bit integers"));
}

TEST_F(Directory, ReadsEverySpellingOfTheFourFiles) {
  const Bytes images = read_file(dir_ / "train-images-idx3-ubyte");
  std::filesystem::remove(dir_ / "train-images-idx3-ubyte");
  for (const auto* name : {"train-images.idx3-ubyte", "train-images-idx4-ubyte",
                           "train-images.idx4-ubyte", "train-images.idx3-ubyte.gz"}) {
    put(name, images);  // a .gz that holds plain bytes, too
    EXPECT_EQ(load_split(dir_, Split::kTrain).size(), 4u) << name;
    put(name, gzip_bytes(images));  // and a plain name that holds gzipped ones
    EXPECT_EQ(load_split(dir_, Split::kTrain).size(), 4u) << name;
    std::filesystem::remove(dir_ / name);
  }
  put("train-images-idx3-ubyte", images);
  std::filesystem::rename(dir_ / "t10k-labels-idx1-ubyte", dir_ / "test-labels.idx1-ubyte");
  std::filesystem::rename(dir_ / "t10k-images-idx3-ubyte", dir_ / "test-images-idx3-ubyte");
  EXPECT_EQ(load_split(dir_, Split::kTest).size(), 2u);
}

TEST_F(Directory, WhatIsNoFileOrEmptyHidesNoGoodOne) {
  const auto plain = dir_ / "train-labels-idx1-ubyte";
  put("train-labels-idx1-ubyte.gz", gzip_bytes(read_file(plain)));
  std::filesystem::remove(plain);
  std::filesystem::create_directory(plain);
  EXPECT_THAT(load_split(dir_, Split::kTrain).labels, ElementsAre(2, 0, 1, 0));
  std::filesystem::remove(plain);
  std::filesystem::create_symlink(dir_ / "nowhere", plain);
  EXPECT_THAT(load_split(dir_, Split::kTrain).labels, ElementsAre(2, 0, 1, 0));
  std::filesystem::remove(plain);
  put("train-labels-idx1-ubyte", {});
  EXPECT_THAT(load_split(dir_, Split::kTrain).labels, ElementsAre(2, 0, 1, 0));
  std::filesystem::remove(dir_ / "train-labels-idx1-ubyte.gz");
  EXPECT_THAT(train_refusal(), HasSubstr("train-labels-idx1-ubyte: 0 bytes is too short"));
}

TEST_F(Directory, TrainingNeedsNoTestSet) {
  std::filesystem::remove(dir_ / "t10k-images-idx3-ubyte");
  std::filesystem::remove(dir_ / "t10k-labels-idx1-ubyte");
  EXPECT_EQ(load_split(dir_, Split::kTrain).size(), 4u);
}

TEST_F(Directory, NamesBothSpellingsOfAMissingFileAndWhereToGetData) {
  std::filesystem::remove(dir_ / "t10k-images-idx3-ubyte");
  EXPECT_THAT(test_refusal(),
              AllOf(HasSubstr("no t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz in "),
                    HasSubstr("--data DIR"), HasSubstr("apt install dataset-fashion-mnist")));
  EXPECT_THAT(refusal_of([&] { load_split(dir_ / "none", Split::kTrain); }),
              AllOf(HasSubstr("no data folder"), HasSubstr("--data DIR")));
}

TEST_F(Directory, AcceptsColourImagesWithChannelsLast) {
  put("train-images-idx3-ubyte", idx_bytes({4, 1, 2, 3}, counting(24)));
  EXPECT_EQ(load_split(dir_, Split::kTrain).shape, (Shape{.channels = 3, .height = 1, .width = 2}));
  put("train-images-idx3-ubyte", idx_bytes({4, 2, 3, 1}, counting(24)));
  EXPECT_EQ(load_split(dir_, Split::kTrain).shape, (Shape{.channels = 1, .height = 2, .width = 3}));
}

TEST_F(Directory, AcceptsSeventyThousandImagesOfOnePixel) {
  const std::uint32_t count = 70'000;
  put("train-images-idx3-ubyte", idx_bytes({count, 1, 1}, Bytes(count, 9)));
  put("train-labels-idx1-ubyte", idx_bytes({count}, Bytes(count, 0)));
  EXPECT_EQ(load_split(dir_, Split::kTrain).size(), count);
}

TEST_F(Directory, RefusesOtherChannelCountsAndFlatImages) {
  put("train-images-idx3-ubyte", idx_bytes({4, 3, 1, 2}, counting(24)));
  EXPECT_THAT(train_refusal(), AllOf(HasSubstr("images of 2 channels"),
                                     HasSubstr("if the 3 is that of the channels, write them")));
  put("train-images-idx3-ubyte", idx_bytes({4, 6}, counting(24)));
  EXPECT_THAT(train_refusal(), HasSubstr("without height and width"));
}

TEST_F(Directory, SuspectsSwappedImagesAndLabels) {
  put("train-labels-idx1-ubyte", idx_bytes({4, 2, 3}, counting(24)));
  EXPECT_THAT(train_refusal(), AllOf(HasSubstr("train-labels-idx1-ubyte"), HasSubstr("swapped?")));
  put("train-labels-idx1-ubyte", idx_bytes({4}, {2, 0, 1, 0}));
  put("train-images-idx3-ubyte", idx_bytes({4}, {2, 0, 1, 0}));
  EXPECT_THAT(train_refusal(),
              AllOf(HasSubstr("train-images-idx3-ubyte: holds 4 labels"), HasSubstr("swapped?")));
}

TEST_F(Directory, RefusesDifferentCountsOfImagesAndLabels) {
  put("train-labels-idx1-ubyte", idx_bytes({3}, {2, 0, 1}));
  EXPECT_THAT(train_refusal(), AllOf(HasSubstr("holds 4 images"), HasSubstr("holds 3 labels")));
}

TEST_F(Directory, NamesTheLabelThatLeavesClassesOut) {
  put("train-labels-idx1-ubyte", idx_bytes({4}, {1, 0, 200, 1}));
  EXPECT_THAT(train_refusal(), AllOf(HasSubstr("train-labels-idx1-ubyte: label 200 at index 2"),
                                     HasSubstr("class 2 never occurs")));
  put("train-labels-idx1-ubyte", idx_bytes({4}, {2, 3, 4, 2}));
  EXPECT_THAT(train_refusal(), AllOf(HasSubstr("label 2 at index 0"), HasSubstr("class 0 never")));
}

TEST_F(Directory, AcceptsAll256Classes) {
  put("train-labels-idx1-ubyte", idx_bytes({256}, counting(256)));
  put("train-images-idx3-ubyte", idx_bytes({256, 1, 1}, counting(256)));
  EXPECT_EQ(load_split(dir_, Split::kTrain).classes(), 256);
}

TEST_F(Directory, RefusesTestLabelsBeyondTheTrainingClasses) {
  put("t10k-labels-idx1-ubyte", idx_bytes({2}, {0, 3}));
  EXPECT_THAT(test_refusal(), AllOf(HasSubstr("t10k-labels-idx1-ubyte: label 3 at index 1"),
                                    HasSubstr("classes 0 to 2")));
}

TEST_F(Directory, RefusesTestImagesOfAnotherShape) {
  put("t10k-images-idx3-ubyte", idx_bytes({2, 3, 2}, counting(12)));
  EXPECT_THAT(test_refusal(), AllOf(HasSubstr("images of 2x3 (width x height), grey"),
                                    HasSubstr("of 3x2 (width x height), grey")));
}

TEST_F(Directory, TakesClassNamesFromTheFolder) {
  write_file_atomic(dir_ / "class_names.txt", std::string_view("ant\r\nbee\ncat fish\n"));
  EXPECT_THAT(load_split(dir_, Split::kTest).class_names, ElementsAre("ant", "bee", "cat fish"));
  write_file_atomic(dir_ / "class_names.txt", std::string_view("ant\nbee\n"));
  EXPECT_THAT(train_refusal(), AllOf(HasSubstr("class_names.txt"), HasSubstr("2 names for 3")));
}

TEST_F(Directory, ClassesMayBeNamedByHand) {
  Dataset set = load_split(dir_, Split::kTest);
  name_classes(set, {"ant", "bee", "cat"}, "data.class_names");
  EXPECT_THAT(set.class_names, ElementsAre("ant", "bee", "cat"));
  EXPECT_THAT(refusal_of([&] { name_classes(set, {"ant"}, "data.class_names"); }),
              HasSubstr("data.class_names: 1 names for 3 classes"));
  for (const std::string& name :
       {std::string("bee"), std::string(), std::string("\xff"), std::string(256, 'x')}) {
    EXPECT_THAT(refusal_of([&] {
                  name_classes(set, {"ant", "bee", name}, "data.class_names");
                }),
                HasSubstr("data.class_names: name 2"));
  }
}

TEST_F(Directory, FingerprintIgnoresCompressionAndSeesEveryByte) {
  const std::string plain = identify(dir_).fingerprint;
  EXPECT_EQ(plain.size(), 64u);
  for (const auto* name : {"train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    put(std::string(name) + ".gz", gzip_bytes(read_file(dir_ / name)));
    std::filesystem::remove(dir_ / name);
  }
  EXPECT_EQ(identify(dir_).fingerprint, plain);
  put("t10k-labels-idx1-ubyte", idx_bytes({2}, {1, 1}));
  EXPECT_NE(identify(dir_).fingerprint, plain);
}

TEST_F(Directory, FingerprintSeesTheShape) {
  Dataset set = load_split(dir_, Split::kTrain);
  const std::string before = fingerprint(set);
  std::swap(set.shape.height, set.shape.width);
  EXPECT_NE(fingerprint(set), before);
}

TEST_F(Directory, WarnsOfTrainingImagesThatAreTestImagesToo) {
  EXPECT_EQ(identify(dir_).warning, "");
  EXPECT_EQ(identify(dir_).release, "");
  Bytes test = counting(6, 6);
  test.resize(12);
  put("t10k-images-idx3-ubyte", idx_bytes({2, 2, 3}, test));
  EXPECT_THAT(identify(dir_).warning, HasSubstr("1 of 4 training images is in the test set"));
}

class FashionMnist : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFashion)) GTEST_SKIP() << "dataset-fashion-mnist is missing";
  }
};

TEST_F(FashionMnist, CurrentReleaseIsRecognisedAndNamed) {
  const Dataset train = load_split(kFashion, Split::kTrain);
  const Dataset test = load_split(kFashion, Split::kTest);
  EXPECT_EQ(train.size(), 60'000u);
  EXPECT_EQ(test.size(), 10'000u);
  EXPECT_EQ(test.class_names.at(0), "T-shirt/top");
  EXPECT_EQ(test.class_names.at(9), "Ankle boot");
  const DataIdentity identity = identify(train, test);
  EXPECT_EQ(identity.release, "Fashion-MNIST (current release)");
  EXPECT_EQ(identity.warning, "");
}

TEST_F(FashionMnist, AChangedImageIsNoLongerTheRelease) {
  const Dataset train = load_split(kFashion, Split::kTrain);
  Dataset test = load_split(kFashion, Split::kTest);
  std::ranges::copy(train.image(123), test.pixels.own().begin());
  const DataIdentity identity = identify(train, test);
  EXPECT_EQ(identity.release, "Fashion-MNIST's labels with other images");
  EXPECT_THAT(identity.warning, HasSubstr("1 of 60000 training images is in the test set"));
}

TEST(Release, SixThousandLabelsOfEachClassInARowAreAnybodys) {
  std::vector<Label> labels;
  for (int c = 0; c < 10; ++c) labels.insert(labels.end(), 6000, Label(c));
  EXPECT_EQ(release_of_labels(labels), Release::kUnknown);
}

}  // namespace
}  // namespace tailor::internal
