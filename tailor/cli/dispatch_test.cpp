#include "tailor/cli/dispatch.hpp"
#include "tailor/core/version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <new>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Runner declare_answer(Options& options) {
  auto kernels = std::make_shared<int>(1);
  options.add({{"--kernels", kernels.get(), "N", "a number", between(1, 99)}});
  options.examples = {{"answer --kernels 24", "says 24"}};
  options.files = "Reads and writes nothing.";
  return [kernels](Context& context) {
    context.console.print(std::to_string(*kernels));
    return ExitStatus::kDone;
  };
}
Runner declare_bad_input(Options&) {
  return [](Context&) -> ExitStatus { throw bad_input("the file is\nbroken"); };
}
Runner declare_failure(Options&) {
  return [](Context&) -> ExitStatus { throw failure("the disk is full"); };
}
Runner declare_out_of_memory(Options&) {
  return [](Context&) -> ExitStatus { throw std::bad_alloc(); };
}
Runner declare_interrupted(Options&) {
  return [](Context& context) {
    return context.stop().requested() ? ExitStatus::kInterrupted : ExitStatus::kDone;
  };
}

const std::vector<Command> kTable = {
    {Group::kMake, "answer", "says a number", declare_answer},
    {Group::kData, "bad input", "is told nonsense", declare_bad_input},
    {Group::kData, "bad disk", "cannot write", declare_failure},
    {Group::kUse, "greedy", "wants too much", declare_out_of_memory},
    {Group::kUse, "long", "can be stopped", declare_interrupted}};

struct Outcome {
  int status = 0;
  std::string out;
  std::string err;
};

Outcome run(const std::vector<std::string>& words, bool stopped = false) {
  Interruption interruption;
  if (stopped) interruption.request();
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Outcome outcome;
  Alone alone;
  outcome.status = static_cast<int>(dispatch(kTable, {.words = words}, interruption, alone));
  std::fflush(stdout);
  outcome.out = ::testing::internal::GetCapturedStdout();
  outcome.err = ::testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(Dispatch, RunsTheCommandWithItsOptions) {
  const Outcome outcome = run({"answer", "--kernels", "24"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "24\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(Dispatch, NoCommandPrintsTheTable) {
  EXPECT_THAT(run({}).out, AllOf(HasSubstr("answer"), HasSubstr("bad disk")));
  EXPECT_EQ(run({}).status, 0);
}

TEST(Dispatch, VersionIsOneLine) {
  EXPECT_EQ(run({"--version"}).out, std::string("tailor ") + version() + "\n");
}

TEST(Dispatch, HelpOfACommandNamesItsOptions) {
  const Outcome outcome = run({"answer", "--help"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out,
              AllOf(StartsWith("tailor answer: says a number\n\nUsage: tailor answer [OPTIONS]\n"),
                    HasSubstr("  answer --kernels 24\n      says 24\n"), HasSubstr("--json"),
                    HasSubstr("  --kernels N           a number; whole number from 1 to 99 [1]\n"),
                    HasSubstr("Reads and writes nothing."), HasSubstr("Exit status: 0 done")));
}

TEST(Dispatch, HelpShowsWhatItNamesHoweverItIsAskedFor) {
  const std::string answer = run({"answer", "--help"}).out;
  EXPECT_EQ(run({"help", "answer"}).out, answer);
  EXPECT_EQ(run({"--help", "answer"}).out, answer);
  EXPECT_EQ(run({"answer", "--kernels", "3", "-h"}).out, answer);
  EXPECT_EQ(run({"help", "bad", "disk"}).out, run({"bad", "disk", "--help"}).out);
  EXPECT_EQ(run({"help", "bad"}).out, run({"bad", "--help"}).out);
  EXPECT_THAT(run({"bad", "--help"}).out, AllOf(HasSubstr("bad input"), HasSubstr("bad disk")));
  EXPECT_EQ(run({"bad", "--help"}).status, 0);
  EXPECT_THAT(run({"help", "exit"}).out, HasSubstr("130"));
  EXPECT_THAT(run({"help", "layers"}).out, HasSubstr("\nconv2d\n"));
  EXPECT_THAT(run({"help", "conv2d"}).out, StartsWith("conv2d\n"));
  EXPECT_THAT(run({"help", "experiment"}).out, HasSubstr("train.epochs"));
  EXPECT_THAT(run({"help", "train.epochs"}).out, HasSubstr("passes over the training set"));
  EXPECT_EQ(run({"help", "anwser"}).err,
            "tailor: there is no help on anwser; did you mean answer?\n");
  EXPECT_EQ(run({"help", "xyzzy"}).status, 2);
}

TEST(Dispatch, TheListOfCommandsIsInGroups) {
  EXPECT_THAT(run({"help"}).out, AllOf(HasSubstr("\nMake models\n  answer"),
                                       HasSubstr("\nLook at data\n  bad input")));
}

TEST(Dispatch, WrongValuesSayWhatIsTaken) {
  const std::string range = "tailor: --kernels takes a whole number from 1 to 99, not ";
  EXPECT_EQ(run({"answer", "--kernels", "abc"}).err, range + "'abc'\n");
  EXPECT_EQ(run({"answer", "--kernels=100"}).err, range + "'100'\n");
  EXPECT_EQ(run({"answer", "--kernels", "-1"}).err, range + "'-1'\n");
  EXPECT_EQ(run({"answer", "--kernels", "1.5"}).err, range + "'1.5'\n");
  EXPECT_EQ(run({"answer", "--kernels", ""}).err, "tailor: --kernels has an empty value\n");
  EXPECT_EQ(run({"answer", "--kernels", "--json"}).err,
            "tailor: --kernels has no value, since --json is an option; if --json is meant: "
            "--kernels=--json\n");
  EXPECT_EQ(run({"answer", "--kernels", "99999999999999999999"}).err,
            range + "'99999999999999999999'\n");
  EXPECT_EQ(run({"answer", "--kernels"}).err,
            "tailor: --kernels needs a value: a whole number from 1 to 99\n");
  EXPECT_EQ(run({"answer", "--kernels", "--jsn"}).err, range + "'--jsn'\n");
  EXPECT_EQ(run({"answer", "--kernels", "1", "--kernels", "2"}).err,
            "tailor: --kernels is given 2 times: '1' and '2'\n");
  EXPECT_EQ(run({"answer", "--json=abc"}).err, "tailor: --json takes no value\n");
  EXPECT_EQ(run({"answer", "--json=false"}).err, "tailor: --json takes no value\n");
}

TEST(Dispatch, MisspeltCommandsNameTheNearest) {
  EXPECT_EQ(run({"anwser"}).err, "tailor: unknown command anwser; did you mean answer?\n");
  EXPECT_EQ(run({"bad", "inputt"}).err,
            "tailor: unknown command bad inputt; did you mean bad input?\n");
  EXPECT_EQ(run({"anwser"}).status, 2);
}

TEST(Dispatch, AGroupAloneListsItsMembers) {
  EXPECT_EQ(run({"bad"}).err, "tailor: bad what? one of input, disk\n");
  EXPECT_EQ(run({"bad"}).status, 2);
}

TEST(Dispatch, MisspeltOptionsNameTheNearestInOneLine) {
  const Outcome outcome = run({"answer", "--kernel=24"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "tailor: unknown option --kernel; did you mean --kernels?\n");
}

TEST(Dispatch, WrongValuesAreOneLine) {
  const Outcome outcome = run({"answer", "--kernels", "many"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, AllOf(StartsWith("tailor: "), HasSubstr("--kernels"), EndsWith("\n")));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
  EXPECT_EQ(run({"answer", "surplus"}).status, 2);
}

TEST(Dispatch, ErrorsBecomeOneLineAndAStatus) {
  EXPECT_EQ(run({"bad", "input"}).status, 2);
  EXPECT_EQ(run({"bad", "input"}).err, "tailor: the file is broken\n");
  EXPECT_EQ(run({"bad", "disk"}).status, 1);
  EXPECT_EQ(run({"bad", "disk"}).err, "tailor: the disk is full\n");
  EXPECT_EQ(run({"greedy"}).status, 1);
  EXPECT_THAT(run({"greedy"}).err, HasSubstr("out of memory"));
}

TEST(Dispatch, AnInterruptedCommandSaysSo) {
  EXPECT_EQ(run({"long"}).status, 0);
  EXPECT_EQ(run({"long"}, true).status, 130);
}

// --- The flags every experiment command shares -------------------------------------------------

Experiment read(const std::vector<std::string>& words) {
  Options options;
  ExperimentFlags flags;
  add_experiment_flags(options, flags, FileArgument::kOptional);
  EXPECT_TRUE(parse_options("tailor train", options, words));
  return read_experiment(flags);
}

TEST(ExperimentFlags, ShortFlagsSetTheirOptions) {
  const Experiment e = read({"--kernels", "24", "--batch=64", "--precision", "f32", "--threads",
                             "1", "--seed", "9", "--data", "/d", "--out", "o"});
  EXPECT_EQ(e.model.kernels, 24);
  EXPECT_EQ(e.train.batch, 64);
  EXPECT_EQ(e.precision, "f32");
  EXPECT_EQ(e.threads, 1);
  EXPECT_EQ(e.seed, 9u);
  EXPECT_EQ(e.data.dir, "/d");
  EXPECT_EQ(run_folder(e), "o");
}

TEST(ExperimentFlags, SetReachesEveryOptionAndWins) {
  const Experiment e =
      read({"--kernels", "24", "--set", "model.kernels=8", "--set", "train.beta_1=0.8"});
  EXPECT_EQ(e.model.kernels, 8);
  EXPECT_EQ(e.train.beta_1, 0.8);
}

TEST(ExperimentFlags, EpochsHoldForEveryStage) {
  const std::string file = TAILOR_SOURCE_DIR "/experiments/quick.toml";
  const Experiment e = read({"--set", "seed=3", file, "--epochs", "2"});
  for (const StageOptions* stage :
       {&e.first, &e.trial, static_cast<const StageOptions*>(&e.final)}) {
    EXPECT_EQ(stage_options(e, *stage).epochs, 2);
  }
  EXPECT_EQ(e.name, "quick");
  EXPECT_EQ(run_folder(e), std::filesystem::path("runs") / "quick");
}

TEST(ExperimentFlags, ImpossibleValuesAreRefused) {
  EXPECT_THROW(read({"--epochs", "0"}), Error);
  EXPECT_THROW(read({"--kernels", "-1"}), Error);
  EXPECT_THROW(read({"--model", "sead"}), Error);
  EXPECT_THROW(read({"--set", "train.epoch=3"}), Error);
}

}  // namespace
}  // namespace tailor::internal
