#include "tailor/core/toml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

TEST(Toml, HoldsEveryKindOfValueWithItsLine) {
  const TomlNode root = parse_toml(
      "flag = true\nwhole = 3\nreal = 0.5\ntext = \"a\"\nday = 1979-05-27\n"
      "list = [1,\n 2]\n[table]\nkey = 1\n",
      "file");
  EXPECT_EQ(*root.find("flag")->scalar(), Value(true));
  EXPECT_EQ(*root.find("whole")->integer(), 3);
  EXPECT_EQ(root.find("whole")->number(), 3);
  EXPECT_EQ(root.find("real")->number(), 0.5);
  EXPECT_EQ(*root.find("text")->text(), "a");
  EXPECT_EQ(root.find("day")->scalar(), nullptr);
  EXPECT_EQ(root.find("day")->line, 5u);
  ASSERT_EQ(root.find("list")->list()->size(), 2u);
  EXPECT_EQ(root.find("list")->list()->at(1).line, 7u);
  EXPECT_EQ(*root.find_path("table.key")->integer(), 1);
}

TEST(Toml, FindsOnlyWhatIsThereAndAsWhatItIs) {
  const TomlNode root = parse_toml("a = 1\nb.c = \"x\"\n", "file");
  EXPECT_EQ(root.find("c"), nullptr);
  EXPECT_EQ(root.find_path("a.c"), nullptr);
  EXPECT_EQ(root.find_path("b.d"), nullptr);
  EXPECT_EQ(root.find("a")->text(), nullptr);
  EXPECT_EQ(root.find("a")->table(), nullptr);
  EXPECT_EQ(root.find_path("b.c")->integer(), nullptr);
  EXPECT_FALSE(root.find_path("b.c")->is_number());
}

TEST(Toml, KeysAreAscending) {
  const TomlNode root = parse_toml("b = 1\na = 2\nc = 3\n", "file");
  std::string keys;
  for (const auto& [key, node] : *root.table()) keys += key;
  EXPECT_EQ(keys, "abc");
}

TEST(Toml, AMistakeNamesFileAndLine) {
  EXPECT_THAT(refusal_of([] { parse_toml("a = 1\nb = \n", "my.toml"); }),
              testing::StartsWith("my.toml:2: "));
}

TEST(Toml, DepthHasAnEnd) {
  for (const std::size_t keys : {300u, 2'000'000u}) {
    std::string key = "a";
    while (key.size() < 2 * keys) key += ".a";
    EXPECT_THAT(refusal_of([&] { parse_toml("b = 1\n" + key + " = 1\n", "my.toml"); }),
                testing::StartsWith("my.toml:2: "));
  }
  const std::string lists(100'000, '[');
  EXPECT_THAT(refusal_of([&] { parse_toml("b = " + lists, "my.toml"); }),
              testing::StartsWith("my.toml:1: "));
}

TEST(Toml, ManyNumbersOnALineAreNoDepth) {
  std::string list = "0.5";
  while (list.size() < 10'000) list += ", 0.5";
  EXPECT_GT(parse_toml("b = [" + list + "]", "file").find("b")->list()->size(), 1000u);
}

TEST(Toml, TextReadsBack) {
  for (const std::string text : {"plain", "q\"b\\s", "line\nend\ttab", "\x01\x7f", "caf\xc3\xa9"}) {
    EXPECT_EQ(*parse_toml("a = " + toml_text(text), "file").find("a")->text(), text);
  }
  EXPECT_EQ(toml_text("caf\xe9"), "\"caf\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace tailor::internal
