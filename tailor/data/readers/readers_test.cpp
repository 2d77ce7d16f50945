#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <cstring>

#include "tailor/core/file.hpp"
#include "tailor/data/readers/names.hpp"
#include "tailor/data/readers/source.hpp"
#include "tailor/data/test_files.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Readers : public testing::Test {
 protected:
  void put(const std::string& file, const std::string& text = "a picture") const {
    make_folder((root_ / file).parent_path());
    write_file_atomic(root_ / file, std::string_view(text));
  }
  SourcePart part(Split split = Split::kTrain) const {
    return open_source(root_).parts.at(split)();
  }
  std::string refusal(const fs::path& below = "") const {
    return refusal_of([&] {
      const Source source = open_source(below.empty() ? fs::path(root_) : root_ / below);
      for (const auto& [split, read] : source.parts) read();
    });
  }

  const OwnFolder root_;
};

TEST_F(Readers, TakeAFolderOfPicturesForEachClass) {
  for (const char* file :
       {"dog/2.jpg", "dog/10.jpg", "cat/deep/er/1", "cat/a.png", "Zebra/z", ".hidden/x.jpg",
        "_old/x.jpg", "__MACOSX/._1.jpg", "cat/Thumbs.db", "cat/.DS_Store", "notes.txt"}) {
    put(file);
  }
  const SourcePart all = part();
  EXPECT_THAT(all.set.class_names, ElementsAre("Zebra", "cat", "dog"));
  EXPECT_THAT(all.files,
              ElementsAre("Zebra/z", "cat/a.png", "cat/deep/er/1", "dog/10.jpg", "dog/2.jpg"));
  EXPECT_THAT(all.set.labels, ElementsAre(0, 1, 1, 2, 2));
  EXPECT_FALSE(open_source(root_).has(Split::kTest));
  EXPECT_THAT(open_source(root_).understood, HasSubstr("each of 3 classes: train 5"));
}

TEST_F(Readers, TakeFoldersOfSplitsAndKeepTheNumbersOfClasses) {
  for (const char* file : {"Train/a/1", "Train/b/1", "Train/c/1", "test/c/1", "test/a/1",
                           "test/a/2", "valid/b/1", "extra/x"}) {
    put(file);
  }
  EXPECT_THAT(part().set.labels, ElementsAre(0, 1, 2));
  EXPECT_THAT(part(Split::kTest).set.labels, ElementsAre(0, 0, 2));
  EXPECT_THAT(part(Split::kTest).files, ElementsAre("test/a/1", "test/a/2", "test/c/1"));
  EXPECT_THAT(part(Split::kValidation).set.labels, ElementsAre(1));
  EXPECT_THAT(open_source(root_).understood, HasSubstr("left out: extra"));
  put("test/unknown/1");
  EXPECT_THAT(refusal(),
              HasSubstr("the class 'unknown' is not among those of the training images"));
}

TEST_F(Readers, SayWhatIsOddAboutClasses) {
  put("Cat/1");
  put("cat /1");
  EXPECT_THAT(refusal(), HasSubstr("differ in spelling only"));
  fs::remove_all(root_ / "cat ");
  EXPECT_THAT(refusal(), HasSubstr("only one folder, Cat, which would be the only class"));
  fs::create_directories(root_ / "dog");
  EXPECT_THAT(refusal(), HasSubstr("the class 'dog' has no pictures"));
  fs::remove_all(root_ / "dog");
  fs::remove_all(root_ / "Cat");
  EXPECT_THAT(refusal(), HasSubstr("no set of images is recognised (nothing in it)"));
  put("photos/a/1");
  put("photos/b/1");
  EXPECT_THAT(refusal(), HasSubstr("did you mean " + (root_ / "photos").string()));
  EXPECT_EQ(refusal("photos"), "");
  EXPECT_THAT(refusal("nowhere"), HasSubstr("no data folder"));
}

TEST_F(Readers, EndWhereAFolderHoldsItself) {
  put("a/1");
  put("b/1");
  fs::create_directory_symlink("..", root_ / "a" / "loop");
  EXPECT_EQ(part().set.class_names.size(), 2u);
}

TEST_F(Readers, TakeAListWithColumnsByName) {
  put("x/one.png");
  put("two.jpg");
  put("list.csv",
      "\xEF\xBB\xBFid,who,LABEL,split,group\r\n"
      "x/one.png,me,\"b, or so\",train,7\r\n"
      "two,me,a,train,\"8\"\"\"\r\n\r\n"
      "\"three,3.png\",me,a,test,9");
  const SourcePart train = part(), test = part(Split::kTest);
  EXPECT_THAT(train.set.class_names, ElementsAre("a", "b, or so"));
  EXPECT_THAT(train.files, ElementsAre("x/one.png", "two.jpg"));
  EXPECT_THAT(train.set.labels, ElementsAre(1, 0));
  EXPECT_THAT(train.groups, ElementsAre("7", "8\""));
  EXPECT_THAT(test.files, ElementsAre("three,3.png"));
  EXPECT_THAT(open_source(root_, {.group_column = "who"}).parts.at(Split::kTrain)().groups,
              ElementsAre("me", "me"));
  EXPECT_THAT(refusal_of([&] { open_source(root_, {.group_column = "whom"}); }),
              HasSubstr("there is no column whom"));
  put("list.csv", "path,label\nx.png,a\ny.png\n");
  EXPECT_THAT(refusal(), HasSubstr("list.csv:3: 1 cells, but the first row has 2"));
  put("list.csv", "path,label,split\nx.png,a,tset\n");
  EXPECT_THAT(refusal(), HasSubstr("list.csv:2: the split 'tset' is none of"));
  put("list.csv", "path,label\n\"x.png,a\n");
  EXPECT_THAT(refusal(), HasSubstr("a quote without its end"));
}

TEST_F(Readers, TakeTablesOfPixelsWithLabelsFirstOrLast) {
  put("digits_train.csv", "label,pixel0,pixel1,pixel2,pixel3\n7,0,1,2,255\n3,9,8,7,6\n");
  put("digits_test.csv", "label,pixel0,pixel1,pixel2,pixel3\n3,1,1,1,1\n");
  const SourcePart train = part();
  EXPECT_EQ(train.set.shape, (Shape{1, 2, 2}));
  EXPECT_THAT(train.set.class_names, ElementsAre("3", "7"));
  EXPECT_THAT(train.set.labels, ElementsAre(1, 0));
  EXPECT_EQ(train.set.pixels, (PixelBytes{0, 1, 2, 255, 9, 8, 7, 6}));
  EXPECT_THAT(part(Split::kTest).set.labels, ElementsAre(0));
  put("digits_train.csv", "p0,p1,p2,p3,label\n0,1,2,255,7\n9,8,7,6,3\n");
  EXPECT_EQ(part().set.pixels, train.set.pixels);
  put("digits_train.csv", "7,0,1,2,255\n3,9,8,7,6\n");
  EXPECT_EQ(part().set.pixels, train.set.pixels);
  put("digits_train.csv", "7,0,1,2,256\n3,9,8,7,6\n");
  EXPECT_THAT(refusal(), HasSubstr("digits_train.csv:1: '256' is no whole number from 0 to 255"));
  put("digits_train.csv", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\n0,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6\n");
  EXPECT_THAT(refusal(), HasSubstr("without a column called label"));
}

TEST_F(Readers, TakeCifarsRecords) {
  Bytes record(3073);
  for (std::size_t i = 1; i < record.size(); ++i) record[i] = std::uint8_t((i - 1) / 1024 * 50);
  Bytes batch;
  for (const std::uint8_t label : {3, 9}) {
    record[0] = label;
    batch.insert(batch.end(), record.begin(), record.end());
  }
  write_file_atomic(root_ / "data_batch_1.bin", batch);
  write_file_atomic(root_ / "test_batch.bin", batch);
  write_file_atomic(root_ / "batches.meta.txt",
                    std::string_view("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"));
  const SourcePart train = part();
  EXPECT_THAT(train.set.labels, ElementsAre(3, 9));
  EXPECT_EQ(train.set.class_names[3], "d");
  EXPECT_EQ(train.set.shape, (Shape{3, 32, 32}));
  EXPECT_THAT(train.set.image(1).first(4), ElementsAre(0, 50, 100, 0));
  batch.pop_back();
  write_file_atomic(root_ / "data_batch_1.bin", batch);
  EXPECT_THAT(refusal(), HasSubstr("are not whole records of 3073"));
  fs::remove(root_ / "data_batch_1.bin");
  put("data_batch_1");
  EXPECT_THAT(refusal(), HasSubstr("pickles, which are never read"));
}

// An array file as NumPy writes it.
Bytes npy(const std::string& type, const std::string& shape, const Bytes& values,
          const char* fortran = "False") {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
  Bytes bytes = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, std::uint8_t(header.size()), 0};
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

void write_zip(const fs::path& path, const std::map<std::string, Bytes>& entries) {
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  ASSERT_NE(zip, nullptr);
  for (const auto& [name, bytes] : entries) {
    zip_file_add(zip, (name + ".npy").c_str(),
                 zip_source_buffer(zip, bytes.data(), bytes.size(), 0), 0);
  }
  ASSERT_EQ(zip_close(zip), 0);
}

TEST_F(Readers, TakeNumPysArchives) {
  std::map<std::string, Bytes> entries = {
      {"x_train", npy("|u1", "(2, 1, 3)", {1, 2, 3, 4, 5, 6})},
      {"y_train", npy("<i8", "(2, 1)", {9, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0})},
      {"x_test", npy("|u1", "(1, 1, 3)", {7, 8, 9}, "True")},
      {"y_test", npy("|u1", "(1,)", {9})}};
  write_zip(root_ / "set.npz", entries);
  const SourcePart train = part();
  EXPECT_THAT(train.set.class_names, ElementsAre("4", "9"));
  EXPECT_THAT(train.set.labels, ElementsAre(1, 0));
  EXPECT_EQ(train.set.shape, (Shape{1, 1, 3}));
  EXPECT_EQ(train.set.pixels, (PixelBytes{1, 2, 3, 4, 5, 6}));
  EXPECT_THAT(part(Split::kTest).set.labels, ElementsAre(1));

  const auto refused = [&](const std::string& name, Bytes bytes) {
    auto changed = entries;
    changed[name] = std::move(bytes);
    write_zip(root_ / "set.npz", changed);
    return refusal("set.npz");
  };
  EXPECT_THAT(refused("x_train", npy("|O", "(2,)", {1})), HasSubstr("Python objects (a pickle)"));
  EXPECT_THAT(refused("x_train", npy("<f4", "(2, 1, 1)", Bytes(8))), HasSubstr("astype('uint8')"));
  EXPECT_THAT(refused("y_train", npy("|u1", "(2, 3)", Bytes(6))), HasSubstr("argmax"));
  EXPECT_THAT(refused("y_test", npy("|u1", "(1,)", {8})), HasSubstr("is not among those of"));
  EXPECT_THAT(refused("x_train", npy("|u1", "(3, 1, 3)", Bytes(9))),
              HasSubstr("3 images, but y_train 2 labels"));
  EXPECT_THAT(refused("x_train", npy("|u1", "(99999999999, 1, 3)", Bytes(6))),
              HasSubstr("does not have the size that its header says"));
  put("set.npz", "PK\3\4 and no more");
  EXPECT_THAT(refusal(), HasSubstr("broken archive"));
}

TEST_F(Readers, FortransOrderIsTurnedIntoCs) {
  // [[1, 2], [3, 4]] and [[5, 6], [7, 8]], first index fastest.
  write_zip(root_ / "set.npz",
            {{"images", npy("|u1", "(2, 2, 2)", {1, 5, 3, 7, 2, 6, 4, 8}, "True")},
             {"labels", npy("|u1", "(2,)", {0, 1})}});
  EXPECT_EQ(part().set.pixels, (PixelBytes{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Names, AreReadAsPeopleWriteThem) {
  EXPECT_EQ(split_named("VAL"), Split::kValidation);
  EXPECT_EQ(split_named("tests"), std::nullopt);
  EXPECT_EQ(plain_name(" Cat\t"), "cat");
  EXPECT_EQ(few_of({"a", "b", "c", "d", "e", "f", "g"}), "a, b, c, d, e and 2 more");
}

}  // namespace
}  // namespace tailor::internal
