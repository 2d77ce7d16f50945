#include "tailor/cli/command_line.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tailor/cli/console.hpp"
#include "tailor/cli/interruption.hpp"
#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

TEST(CommandLine, RepeatsWhatWasTyped) {
  const char* const argv[] = {
      "build/release/tailor", "run", "my job.toml", "--set", "name=it's", "--seed", "", "a~b"};
  EXPECT_EQ(command_line(typed(8, argv)),
            "build/release/tailor run 'my job.toml' --set 'name=it'\\''s' --seed '' 'a~b'");
}

TEST(CommandLine, RepeatsTheScriptThatStandsForRun) {
  const char* const argv[] = {"/home/me/tailor/build/release/tailor", "run", "job.toml"};
  ::setenv("TAILOR_STARTED_AS", "./run", 1);
  EXPECT_EQ(command_line(typed(3, argv)), "./run job.toml");
  const char* const other[] = {"tailor", "train"};
  EXPECT_EQ(command_line(typed(2, other)), "tailor train");
  ::unsetenv("TAILOR_STARTED_AS");
}

TEST(CommandLine, OfNothingIsTheProgramsName) {
  EXPECT_EQ(command_line(typed(0, nullptr)), "tailor");
}

TEST(Interruption, EndsAtOnceOnlyWhereNothingIsLost) {
  Interruption interruption;
  interruption.happen();
  EXPECT_TRUE(interruption.stop().requested());
  interruption.end_at_once("interrupted; \x1b[2Jnothing was written");
  EXPECT_EXIT(interruption.happen(), testing::ExitedWithCode(130),
              "tailor: interrupted; .\\[2Jnothing was written\n");
  interruption.save_first();
  interruption.happen();
}

TEST(Console, WhatNobodyHearsIsNoFailureButAResultIs) {
  Console console(false, -1, -1);
  console.note("nobody");
  console.warn("hears");
  console.error("this");
  console.draw("bar");
  console.busy("nothing");
  EXPECT_THROW(console.print("a result"), Error);
}

}  // namespace
}  // namespace tailor::internal
