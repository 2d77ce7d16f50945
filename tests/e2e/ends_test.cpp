// How the program ends: with a status and one line, whatever is closed, full, forbidden or pressed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class EndsTest : public SmallDataTest {
 protected:
  std::vector<std::string> train(const fs::path& out, int epochs = 2) const {
    return {"train",     "--data", data_.string(), "--kernels", "2", "--epochs", fmt(epochs),
            "--threads", "1",      "--out",        out.string()};
  }
  std::vector<std::string> run(const fs::path& out) const {
    return {"run", small_.string(), "--out", out.string()};
  }
  static std::string fmt(int number) { return std::to_string(number); }

  // With what a shell does to the program's descriptors or limits before.
  static Finished in_shell(const std::string& how, const std::vector<std::string>& words) {
    return run_tailor(words, {"sh", "-c", how});
  }
};

TEST_F(EndsTest, AResultThatNobodyCanGetIsAFailure) {
  for (const char* how : {"exec \"$0\" \"$@\" 1>&-", "exec \"$0\" \"$@\" 1>/dev/full",
                          "exec \"$0\" \"$@\" 0<&- 1>&-"}) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"--version"},
                                                  {"--help"},
                                                  {"train", "--help"},
                                                  {"data", "info", data_.string()},
                                                  {"data", "info", data_.string(), "--json"}}) {
      const Finished finished = in_shell(how, words);
      EXPECT_EQ(finished.status, 1) << how << " " << words.back();
      EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
      EXPECT_THAT(finished.err, HasSubstr("cannot write the result to stdout"));
    }
  }
}

TEST_F(EndsTest, AReaderThatLeavesIsNoFailure) {
  const Finished finished =
      in_shell("{ \"$0\" \"$@\"; echo $? >&2; } | true", {"data", "info", data_.string()});
  EXPECT_EQ(finished.err, "0\n");
}

TEST_F(EndsTest, NothingOnStderrStopsOrChangesWhatIsWorkedOn) {
  ASSERT_EQ(run_tailor(run(folder_ / "a")).status, 0);
  int number = 0;
  for (const char* how :
       {"exec \"$0\" \"$@\" 2>&-", "exec \"$0\" \"$@\" 2>/dev/full", "exec \"$0\" \"$@\" 0<&- 2>&-",
        "{ \"$0\" \"$@\" 2>&1 >/dev/null; echo $? > \"$4.status\"; } | head -n 1 >/dev/null"}) {
    const fs::path out = folder_ / ("b" + fmt(number++));
    std::vector<std::string> words = run(out);
    const Finished finished = in_shell(how, words);
    EXPECT_EQ(finished.status, 0) << how;
    for (const char* file : {"model.safetensors", "metrics.json", "cv_results.csv"}) {
      ASSERT_TRUE(fs::exists(out / file)) << how << " " << file;
    }
    EXPECT_TRUE(read_file(out / "model.safetensors") ==
                read_file(folder_ / "a" / "model.safetensors"));
    EXPECT_EQ(fs::file_size(out / "study.db.lock"), 0u) << how;
  }
}

TEST_F(EndsTest, ARefusalThatNobodyHearsKeepsItsStatus) {
  for (const char* how : {"exec \"$0\" \"$@\" 2>&-", "exec \"$0\" \"$@\" 2>/dev/full"}) {
    EXPECT_EQ(in_shell(how, {"train", "--nonsense"}).status, 2) << how;
    EXPECT_EQ(in_shell(how, {"report", (folder_ / "nowhere").string()}).status, 2) << how;
  }
}

TEST_F(EndsTest, QuietSaysNothingButWarningsAndErrors) {
  std::vector<std::string> words = train(folder_ / "out");
  words.push_back("--quiet");
  const Finished finished = run_tailor(words);
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "");
  EXPECT_THAT(finished.out, HasSubstr("train accuracy"));
  EXPECT_THAT(run_tailor({"data", "info", "nowhere", "--quiet"}).err, HasSubstr("nowhere"));
}

TEST_F(EndsTest, LinesOfALogHaveTheirTime) {
  const Finished finished = run_tailor(train(folder_ / "out"));
  EXPECT_THAT(finished.err, testing::ContainsRegex("20..-..-.. ..:..:..  train: epoch 2/2"));
}

// The signals that a person, a scheduler and a closed terminal send.
TEST_F(EndsTest, EverySignalSavesAndSaysHowToGoOn) {
  constexpr int kEpochs = 400;
  const fs::path partial = folder_ / "b" / "training.safetensors";
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) {
    fs::remove_all(folder_ / "b");
    Process process(train(folder_ / "b", kEpochs));
    ASSERT_FALSE(process.ended_when_exists(partial));
    process.send(signal);
    const Finished stopped = process.wait();
    EXPECT_EQ(stopped.status, 130) << stopped.err;
    EXPECT_THAT(stopped.err, HasSubstr("go on with: " TAILOR_PROGRAM " train --data"));
    EXPECT_TRUE(fs::exists(partial));
  }
  for (const char* out : {"a", "b"}) {
    ASSERT_EQ(run_tailor(train(folder_ / out, kEpochs)).status, 0);
  }
  EXPECT_TRUE(read_file(folder_ / "a" / "model.safetensors") ==
              read_file(folder_ / "b" / "model.safetensors"));
}

TEST_F(EndsTest, ASignalThatWasIgnoredAtTheStartStaysSo) {
  const fs::path out = folder_ / "out";
  Process process(train(out, 60), {"sh", "-c", "trap '' HUP INT; exec \"$0\" \"$@\""});
  ASSERT_FALSE(process.ended_when_exists(out / "training.safetensors"));
  process.send(SIGHUP);
  process.send(SIGINT);
  EXPECT_EQ(process.wait().status, 0);
}

TEST_F(EndsTest, WorkWithNothingToSaveEndsWithinASecond) {
  const fs::path out = folder_ / "map";
  Process process({"data", "embed", data_.string(), "--steps", "100000", "--out", out.string(),
                   "--threads", "1"});
  ASSERT_FALSE(process.ended_when_exists(out / "study.db.lock"));
  process.send(SIGTERM);
  EXPECT_TRUE(process.ended_within(5));
  const Finished finished = process.wait();
  EXPECT_EQ(finished.status, 130);
  EXPECT_THAT(finished.err, HasSubstr("tailor: interrupted; nothing was written\n"));
}

TEST_F(EndsTest, AFileBeyondTheLimitOfItsSizeFailsAndKeepsWhatIsSaved) {
  const fs::path out = folder_ / "out";
  const Finished finished = in_shell("ulimit -f 60; exec \"$0\" \"$@\"", run(out));
  EXPECT_EQ(finished.status, 1) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("tailor: cannot "));
  ASSERT_EQ(run_tailor(run(out)).status, 0);
  ASSERT_EQ(run_tailor(run(folder_ / "a")).status, 0);
  EXPECT_TRUE(read_file(out / "model.safetensors") ==
              read_file(folder_ / "a" / "model.safetensors"));
}

// Never 134 or 139 without a word; 127 is the loader's, which speaks for itself.
TEST_F(EndsTest, TooLittleMemoryEndsInALine) {
  for (int kilobytes = 50'000; kilobytes < 75'000; kilobytes += 1'000) {
    const std::string how = "ulimit -v " + fmt(kilobytes) + "; exec \"$0\" \"$@\"";
    const Finished finished = in_shell(how, {"data", "info", data_.string()});
    const bool ended_well = finished.status == 0 || finished.status == 1 || finished.status == 127;
    EXPECT_TRUE(ended_well) << kilobytes << ": " << finished.status << " " << finished.err;
    EXPECT_EQ(finished.status != 0, line_count(finished.err) == 1) << finished.err;
  }
}

TEST_F(EndsTest, WhatAPathNamesWronglyIsOneLineAndStatus2) {
  fs::create_symlink("two", folder_ / "one");
  fs::create_symlink("one", folder_ / "two");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  write_file_atomic(folder_ / "file", std::string_view("no folder"));
  const std::string endless(300, 'x');
  std::string deep;
  for (int i = 0; i < 600; ++i) deep += "abcdefgh/";
  for (const fs::path& path :
       {folder_ / "nowhere", folder_ / "one", folder_ / "one" / "x", folder_ / endless,
        folder_ / deep, folder_ / "pipe", folder_ / "file", folder_ / "file" / "x"}) {
    for (std::vector<std::string> words :
         {std::vector<std::string>{"data", "info"},
          {"evaluate"},
          {"report"},
          {"predict"},
          {"quantize"},
          {"data", "embed", "--out", (folder_ / "out").string()},
          {"train", "--out", (folder_ / "out").string(), "--data"}}) {
      if (words[0] == "quantize" && path.filename() == "file") continue;
      words.push_back(path.string());
      if (words[0] == "predict") words.push_back("test:1");
      const Finished finished = run_tailor(words);
      EXPECT_EQ(finished.status, 2) << words[0] << " " << finished.err;
      EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
      EXPECT_THAT(finished.err, Not(HasSubstr("unexpected")));
    }
  }
}

// The memory of a process at address 0 is a file that can be opened and not be read: EIO.
TEST_F(EndsTest, AnErrorOfTheDiskWhileReadingIsStatus1) {
  const std::string out = (folder_ / "out").string();
  ASSERT_EQ(run_tailor(run(out)).status, 0);
  const std::string broken = (folder_ / "broken").string();
  fs::create_symlink("/proc/self/mem", broken);
  std::vector<std::vector<std::string>> cases = {
      {"run", broken}, {"evaluate", broken}, {"train", broken}};
  for (const char* file :
       {"train-images-idx3-ubyte", "t10k-labels-idx1-ubyte", "class_names.txt"}) {
    const fs::path copy = folder_ / ("without-" + std::string(file));
    fs::copy(data_, copy);
    fs::remove(copy / file);
    fs::create_symlink("/proc/self/mem", copy / file);
    cases.push_back({"data", "info", copy.string()});
    cases.push_back({"evaluate", out, "--data", copy.string()});
  }
  for (const char* file : {"experiment.toml", "metrics.json", "timings.json", "study.db"}) {
    const fs::path copy = folder_ / ("run-without-" + std::string(file));
    fs::copy(out, copy, fs::copy_options::recursive);
    fs::remove(copy / file);
    fs::create_symlink("/proc/self/mem", copy / file);
    cases.push_back({"report", copy.string(), out, "--out", (folder_ / "page.html").string()});
  }
  for (const std::vector<std::string>& words : cases) {
    const Finished finished = run_tailor(words);
    EXPECT_EQ(finished.status, 1) << words[0] << " " << words[1] << " " << finished.err;
    EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
  }
}

TEST_F(EndsTest, EmptyValuesAreRefused) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"train", "--out=", "--json"},
        {"train", "--out", ""},
        {"train", "--data=", "x"},
        {"predict", "", "x"}}) {
    const Finished finished = run_tailor(words);
    EXPECT_EQ(finished.status, 2) << finished.err;
    EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
  }
}

TEST_F(EndsTest, WhatAKilledProcessLeftHalfWrittenIsRemovedAndNothingElse) {
  const fs::path out = folder_ / "check";
  fs::create_directories(out / "x.999999999.2.tmp");
  for (const char* name : {"balance.csv.999999999.0.tmp", "data-check.html.999999999.12.tmp"}) {
    write_file_atomic(out / name, std::string_view("half"));
  }
  const std::string alive = "balance.csv." + fmt(::getpid()) + ".0.tmp";
  for (const std::string& name : {std::string("mine.tmp"), std::string("a.1.tmp"), alive}) {
    write_file_atomic(out / name, std::string_view("theirs"));
  }
  const Finished finished = run_tailor(
      {"data", "check", data_.string(), "--no-labels", "--out", out.string(), "--threads", "1"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_FALSE(fs::exists(out / "balance.csv.999999999.0.tmp"));
  EXPECT_FALSE(fs::exists(out / "data-check.html.999999999.12.tmp"));
  for (const std::string& name :
       {std::string("x.999999999.2.tmp"), std::string("mine.tmp"), std::string("a.1.tmp"), alive}) {
    EXPECT_TRUE(fs::exists(out / name)) << name;
  }
}

TEST_F(EndsTest, DataThatChangedUnderARunAreRefused) {
  const std::string out = (folder_ / "out").string();
  ASSERT_EQ(run_tailor(run(out)).status, 0);
  ASSERT_EQ(run_tailor(train(folder_ / "single")).status, 0);
  std::vector<std::uint8_t> images = read_file(data_ / "train-images-idx3-ubyte");
  images.back() ^= 1;
  write_file_atomic(data_ / "train-images-idx3-ubyte", images);
  for (const std::string& model : {out, (folder_ / "single").string()}) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"evaluate", model}, {"predict", model, "test:17"}}) {
      const Finished finished = run_tailor(words);
      EXPECT_EQ(finished.status, 2) << finished.err;
      EXPECT_EQ(line_count(finished.err), 1u) << finished.err;
      EXPECT_THAT(finished.err, HasSubstr("fingerprint"));
    }
    EXPECT_EQ(run_tailor({"evaluate", model, "--data", data_.string()}).status, 0);
  }
  EXPECT_EQ(run_tailor({"report", out}).status, 2);
  EXPECT_EQ(run_tailor(run(out)).status, 2);
}

TEST_F(EndsTest, ARunWhoseTestImagesChangedIsRefused) {
  const std::string out = (folder_ / "out").string();
  ASSERT_EQ(run_tailor(run(out)).status, 0);
  std::vector<std::uint8_t> images = read_file(data_ / "t10k-images-idx3-ubyte");
  images.back() ^= 1;
  write_file_atomic(data_ / "t10k-images-idx3-ubyte", images);
  EXPECT_EQ(run_tailor({"evaluate", out}).status, 2);
}

TEST_F(EndsTest, DataAreFoundWhereTheyLieByNow) {
  const std::string out = (folder_ / "out").string();
  ASSERT_EQ(run_tailor(run(out)).status, 0);
  const std::string page = read_text(folder_ / "out" / "report.html");
  EXPECT_EQ(Json::parse(read_text(folder_ / "out" / "timings.json")).at("data_dir"),
            data_.string());
  const fs::path moved = folder_ / "moved";
  fs::rename(data_, moved);
  EXPECT_EQ(run_tailor({"report", out}).status, 2);
  EXPECT_EQ(run_tailor({"report", out, "--data", moved.string()}).status, 0);
  EXPECT_TRUE(page == read_text(folder_ / "out" / "report.html"));
}

TEST_F(EndsTest, ARelativeFolderOfDataIsFoundFromAnywhere) {
  const fs::path project = folder_ / "project";
  fs::create_directories(project);
  fs::rename(data_, project / "data");
  write_file_atomic(project / "small.toml", small_experiment("data"));
  const std::string there = "cd " + project.string() + " && exec \"$0\" \"$@\"";
  ASSERT_EQ(in_shell(there, {"run", "small.toml", "--out", "out"}).status, 0);
  EXPECT_THAT(read_text(project / "out" / "experiment.toml"), HasSubstr("dir = \"data\""));
  EXPECT_EQ(run_tailor({"evaluate", (project / "out").string()}).status, 0);
  EXPECT_EQ(run_tailor({"report", (project / "out").string()}).status, 0);
  fs::rename(project, folder_ / "elsewhere");
  EXPECT_EQ(run_tailor({"report", (folder_ / "elsewhere" / "out").string()}).status, 0);
}

TEST_F(EndsTest, AReportOfASearchOrATrainingSaysWhatItIs) {
  ASSERT_EQ(
      run_tailor({"search", small_.string(), "--out", (folder_ / "searched").string()}).status, 0);
  ASSERT_EQ(run_tailor(train(folder_ / "trained")).status, 0);
  for (const auto& [folder, says] :
       {std::pair{"searched", "holds a search"}, std::pair{"trained", "holds a single training"}}) {
    const Finished finished = run_tailor({"report", (folder_ / folder).string()});
    EXPECT_EQ(finished.status, 2);
    EXPECT_THAT(finished.err, testing::AllOf(HasSubstr(says), Not(HasSubstr("delete"))));
  }
}

TEST_F(EndsTest, WhatCannotBeWrittenIsSeenBeforeTheWork) {
  const std::string folder = folder_.string();
  for (const std::string& out : {folder, std::string("/dev/null")}) {
    Process process({"bench", "tune", "--repetitions", "1000", "--out", out});
    EXPECT_TRUE(process.ended_within(20));
    const Finished finished = process.wait();
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.err, HasSubstr("not a regular file"));
  }
}

TEST_F(EndsTest, TooLargeImagesAreRefusedBeforeTheyAreRead) {
  std::vector<std::string> words = train(folder_ / "out");
  words.insert(words.end(), {"--memory", "50k"});
  const Finished finished = run_tailor(words);
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.err, HasSubstr("the images alone"));
}

}  // namespace
}  // namespace tailor::internal::e2e
