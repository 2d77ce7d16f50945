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

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Toml, DepthHasAnEnd) {
  const std::string deep = "t.toml:2: tables in tables in tables, more than 256 deep";
  for (const std::string part : {"a.", "\",\".", "'='.", "\"\\\"\".", "a . ", "''.", "\"#\"."}) {
    for (const int parts : {300, 2'000'000}) {
      const std::string key = repeated(part, parts) + "a";
      EXPECT_EQ(refusal_of([&] { parse_toml("\n" + key + " = 1", "t.toml"); }), deep) << part;
      EXPECT_EQ(refusal_of([&] { parse_toml("\n[" + key + "]", "t.toml"); }), deep) << part;
      EXPECT_EQ(refusal_of([&] { parse_toml("\nx = {" + key + " = 1}", "t.toml"); }), deep) << part;
    }
  }
  // No key or list alone.
  std::string text = "1";
  for (int i = 0; i < 40; ++i) text = "{" + repeated("a.", 10) + "a = [" + text + "]}";
  EXPECT_EQ(refusal_of([&] { parse_toml("\nx = " + text, "t.toml"); }), deep);
  const std::string lists(100'000, '[');
  EXPECT_EQ(refusal_of([&] { parse_toml("\nb = " + lists, "t.toml"); }), deep);
}

TEST(Toml, DotsThatAreNoKeysAreNoDepth) {
  const std::string dots(900, '.');
  const std::string numbers = "[" + repeated("0.5, ", 1000) + "1.5]";
  const std::string three = "'''";
  for (const std::string& text :
       {"x = \"" + dots + "\"", "x = '" + dots + "'", "x = \"\\\"" + dots + "\"",
        "x = \"\"\"a\n\"\"" + dots + "\"\"\"\"", "x = " + three + "\n''" + dots + three + "''",
        "x = " + numbers, "# " + dots + "\nx = 1", "x = 1 # \"" + dots,
        "\"" + dots + "\" = 1\nx = 1", "x = \"\" # " + dots,
        "x = [" + repeated("{a.b = [0.5]}, ", 500) + "]", repeated("[[x.y]]\na.b = 0.5\n", 500)}) {
    EXPECT_NE(parse_toml(text, "t.toml").find("x"), nullptr) << text;
  }
}

TEST(Toml, WhatBreaksAnAssertionOfTheLibraryIsRefused) {
  for (const std::string text : {"[=",     "[[=",    "[",     "[[",     "[.",       "=",
                                 " = 1",   "[a.=",   "[a]=",  "a.=1",   "x = {=",   "x = {,",
                                 "x = [=", "x = [,", "x = _", "x = =",  "[ ]",      "a = \"\\",
                                 "a = '",  "x = 1_", "x = +", "x = 0x", "x = 1979-"}) {
    EXPECT_NE(refusal_of([&] { parse_toml(text, "t.toml"); }), "") << text;
  }
  EXPECT_EQ(refusal_of([] { parse_toml("\n[=", "t.toml"); }), "t.toml:2: a key has no name");
}

TEST(Toml, KeysInOtherLettersNeedQuotes) {
  EXPECT_EQ(refusal_of([] { parse_toml("\nm\xC3\xA4x = 1", "t.toml"); }),
            "t.toml:2: '\xC3\xA4' stands outside of quotes; keys in other letters need quotes");
  EXPECT_NE(parse_toml("\"m\xC3\xA4x\" = \"\xC3\xA4\" # \xC3\xA4", "t.toml").find("m\xC3\xA4x"),
            nullptr);
  EXPECT_THAT(refusal_of([] { parse_toml("a = 1\nb = '\xE4'", "t.toml"); }),
              testing::StartsWith("t.toml:2: it is no text in UTF-8"));
  EXPECT_THAT(refusal_of([] { parse_toml("a\x1B = 1", "t.toml"); }),
              testing::StartsWith("t.toml:1: '?' stands outside"));
}

TEST(Toml, KeysAndValuesHaveAnEnd) {
  const std::string key(3'000'000, 'k');
  const auto refused = [](const std::string& text) {
    const std::string message = refusal_of([&] { parse_toml(text, "t.toml"); });
    EXPECT_LT(message.size(), 200u);
    return message;
  };
  using testing::HasSubstr;
  for (const std::string& text : {key + " = 1", "[" + key + "]", "[[" + key + "]]",
                                  "x = {" + key + " = 1}", "\"" + key + "\" = 1"}) {
    EXPECT_THAT(refused(text), HasSubstr("has 3000")) << text.substr(0, 10);
  }
  EXPECT_EQ(parse_toml(std::string(1000, 'k') + "=1", "t.toml").table()->size(), 1u);
  EXPECT_THAT(refused(key), HasSubstr("t.toml:1"));  // no key, no value, nothing
  EXPECT_THAT(refused("x = [" + repeated("1,", 1'100'000) + "]"), HasSubstr("more than 1000000"));
  EXPECT_THAT(refused(std::string(17'000'000, '#')), HasSubstr("has 17000000 bytes"));
  EXPECT_EQ(parse_toml("x = '" + key + "'", "t.toml").find("x")->text()->size(), key.size());
}

TEST(Toml, AByteOrderMarkIsNoText) {
  EXPECT_EQ(*parse_toml("\xEF\xBB\xBFx = 1\r\ny = 2\r\n", "t.toml").find("x")->integer(), 1);
}

TEST(Toml, TextReadsBack) {
  for (const std::string text : {"plain", "q\"b\\s", "line\nend\ttab", "\x01\x7f", "caf\xc3\xa9"}) {
    EXPECT_EQ(*parse_toml("a = " + toml_text(text), "file").find("a")->text(), text);
  }
  EXPECT_EQ(toml_text("caf\xe9"), "\"caf\xEF\xBF\xBD\"");
}

TEST(Toml, QuotesBeginAKeyOrAValueAndNothingElse) {
  for (const char* text :
       {"a = 1.a.'''\u034f'''", "a = [1.'\u034f']", "a = [1, 2.'\u034f']", "a = {b = 1.'\u034f'}",
        "a = 0\"\u034f\"", "a\"\u034f\" = 1", "a = ['x' '\u034f']", "a = \"\"\"x\"\"\"'\u034f'"}) {
    EXPECT_NE(refusal_of([&] { parse_toml(text, "odd.toml"); }).find("odd.toml:1: quotes follow"),
              std::string::npos)
        << text;
  }
  const TomlNode good = parse_toml(
      "a . \"b c\".'d' = [\n  'x', # why\n  \"y\"]\n['t'.\"u\"]\nv = {'w' = 'z', q.'r' = 1}\n",
      "good.toml");
  EXPECT_EQ(good.find_path("t.u.v.w") != nullptr, true);
}

}  // namespace
}  // namespace tailor::internal
