#include "tailor/data/class_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/core/file.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ClassNamesTest : public testing::Test {
 protected:
  std::filesystem::path written(const std::string& text) const {
    write_file_atomic(file_, std::string_view(text));
    return file_;
  }
  std::string refusal(const std::string& text) const {
    return refusal_of([&] { read_class_names(written(text)); });
  }

  const OwnFolder folder_;
  const std::filesystem::path file_ = folder_ / "names.txt";
};

TEST_F(ClassNamesTest, StandOneALine) {
  EXPECT_THAT(read_class_names(written("a\nb c\n\n\xC3\xA4")), ElementsAre("a", "b c", "\xC3\xA4"));
  EXPECT_THAT(read_class_names(written("a\r\nb\r\n")), ElementsAre("a", "b"));
  EXPECT_THAT(read_class_names(written("\xEF\xBB\xBF"
                                       "a\nb")),
              ElementsAre("a", "b"));
  EXPECT_THAT(read_class_names(written("")), ElementsAre());
  EXPECT_THAT(read_class_names(written(std::string(255, 'n'))), ElementsAre(std::string(255, 'n')));
}

TEST_F(ClassNamesTest, AreTextEachOnce) {
  EXPECT_THAT(refusal("a\nb\xE4r\n"),
              HasSubstr("names.txt:2: the class name 'b?r' is no text in UTF-8"));
  EXPECT_THAT(refusal("a\n\nb\r\na\n"),
              HasSubstr("names.txt:4: the class name 'a' is that of class 0 too"));
}

TEST_F(ClassNamesTest, HaveLimits) {
  EXPECT_THAT(refusal("a\n" + std::string(256, 'n')),
              HasSubstr("names.txt:2: the class name 'nnn"));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += std::to_string(i) + "\n";
  EXPECT_THAT(refusal(many), HasSubstr("names.txt:1001: more than 1000 classes"));
  EXPECT_THAT(refusal(std::string(2'000'000, 'n')), HasSubstr("has more than the"));
}

}  // namespace
}  // namespace tailor::internal
