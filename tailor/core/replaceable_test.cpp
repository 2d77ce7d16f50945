#include "tailor/core/replaceable.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

TEST(Replaceable, IsWhatIsMissingEmptyOrOfTheSameKind) {
  const OwnFolder folder;
  const std::filesystem::path file = folder / "list.csv";
  check_replaceable(file, "a CSV", "index,");
  write_file_atomic(file, std::string());
  check_replaceable(file, "a CSV", "index,");
  write_file_atomic(file, std::string("index,label\n1,2\n"));
  check_replaceable(file, "a CSV", "index,");
  check_replaceable(file, "a CSV", "label", 6);
}

TEST(Replaceable, IsNoFileOfAnotherKind) {
  const OwnFolder folder;
  const std::filesystem::path file = folder / "list.csv";
  for (const std::string text : {"inde", "indexed", "SQLite format 3", "\n"}) {
    write_file_atomic(file, text);
    EXPECT_THAT(refusal_of([&] { check_replaceable(file, "a CSV", "index,"); }),
                testing::HasSubstr("is there and is not a CSV"))
        << text;
  }
}

}  // namespace
}  // namespace tailor::internal
