#include "tailor/cli/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

namespace tailor::internal {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// What was written to a temporary stream.
std::string contents(std::FILE* stream) {
  std::rewind(stream);
  std::string text;
  for (int c = std::fgetc(stream); c != EOF; c = std::fgetc(stream)) text += char(c);
  return text;
}

// A console whose streams are files, so no terminal.
struct Streams {
  std::FILE* out = std::tmpfile();
  std::FILE* err = std::tmpfile();
  ~Streams() {
    std::fclose(out);
    std::fclose(err);
  }
};

TEST(Console, JsonModePrintsTheObjectAndNothingElse) {
  Streams streams;
  Console console(true, fileno(streams.out), fileno(streams.err));
  console.note("working");
  console.print("for people");
  console.result({{"accuracy", 0.5}});
  EXPECT_EQ(contents(streams.out), "{\"accuracy\":0.5}\n");
  EXPECT_THAT(contents(streams.err), MatchesRegex("....-..-.. ..:..:..  working\n"));
}

TEST(Console, TextModePrintsTheTextAndNothingElse) {
  Streams streams;
  Console console(false, fileno(streams.out), fileno(streams.err));
  console.print("for people");
  console.result({{"accuracy", 0.5}});
  EXPECT_EQ(contents(streams.out), "for people\n");
}

TEST(Console, FilesGetNoColour) {
  Streams streams;
  Console console(false, fileno(streams.out), fileno(streams.err));
  EXPECT_FALSE(console.terminal());
  EXPECT_EQ(console.bold("x"), "x");
}

TEST(Progress, WritesFewPlainLinesWhereThereIsNoTerminal) {
  Streams streams;
  Console console(false, fileno(streams.out), fileno(streams.err));
  {
    Progress progress(console);
    for (int i = 0; i < 1000; ++i) {
      progress.update({.label = "train", .share = i / 1000.0, .detail = "epoch 1/1"});
    }
    progress.milestone("train: done");
  }
  const std::string text = contents(streams.err);
  EXPECT_THAT(text, HasSubstr("train: 0%"));
  EXPECT_THAT(text, HasSubstr("train: done\n"));
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 20);
}

}  // namespace
}  // namespace tailor::internal
