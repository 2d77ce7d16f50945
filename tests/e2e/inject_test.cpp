// The program with one call of the C library made to fail (tests/inject/inject.cpp): it says so and
// ends with status 1, or does as well without; never with another result, a crash or a hang. What
// was interrupted goes on to the same result. `tools/inject` runs every n.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <ostream>

#include "tailor/core/file.hpp"
#include "tests/e2e/process.hpp"
#include "tests/e2e/small_data.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

constexpr int kLast = 300;        // up to here calls are tried in even steps, then ever wider
constexpr double kPatience = 60;  // seconds

// From one failing call to the next: few enough for a minute, or as tools/inject says.
int stride() {
  const char* wanted = std::getenv("TAILOR_INJECT_STRIDE");
  return wanted == nullptr ? 20 : std::max(1, std::atoi(wanted));
}

int next(int number) {
  return number < kLast ? number + stride() : number * 5 / 4;
}

struct Command {
  const char* name;
  std::vector<std::string> words;    // before the experiment
  std::vector<std::string> results;  // files of its folder that must be as ever
};

void PrintTo(const Command& command, std::ostream* out) {
  *out << command.name;
}

class Inject : public ::testing::TestWithParam<Command> {
 protected:
  Inject() {
    fs::create_directories(folder_ / "data");
    write_tiny_data(folder_ / "data");
    write_file_atomic(folder_ / "tiny.toml", tiny_experiment(folder_ / "data"));
  }

  std::vector<std::string> arguments() const {
    std::vector<std::string> all = GetParam().words;
    if (GetParam().results.empty()) {
      all.push_back((folder_ / "data").string());
    } else {
      all.insert(all.end(), {(folder_ / "tiny.toml").string(), "--out", out().string()});
    }
    return all;
  }
  fs::path out() const { return folder_ / "out"; }

  // What it leaves, apart from times; what it prints where it leaves nothing.
  std::string result(const Finished& finished) const {
    if (GetParam().results.empty()) return finished.out;
    std::string all;
    for (const std::string& file : GetParam().results) {
      if (!fs::exists(out() / file)) return "no " + file;
      all += file.ends_with(".csv") ? without_times(out() / file) : read_text(out() / file);
    }
    return all;
  }

  bool came_to_it() const { return fs::exists(folder_ / "told"); }

  Finished run_failing(const std::string& kind, int number) const {
    fs::remove_all(out());
    fs::remove(folder_ / "told");
    Process process(arguments(), {"env", "LD_PRELOAD=" TAILOR_INJECT_LIBRARY,
                                  "TAILOR_INJECT=" + kind + ":" + std::to_string(number),
                                  "TAILOR_INJECT_TOLD=" + (folder_ / "told").string()});
    if (!process.ended_within(kPatience)) process.send(SIGKILL);
    return process.wait();
  }

  // Whether the call was reached.
  bool try_one(const std::string& kind, int number, const std::string& expected) {
    SCOPED_TRACE(kind + " number " + std::to_string(number));
    const Finished finished = run_failing(kind, number);
    if (!came_to_it()) return false;
    ++ended_[finished.status];
    EXPECT_EQ(finished.err.find("unexpected"), std::string::npos) << finished.err;
    if (finished.status == 0) {
      EXPECT_TRUE(result(finished) == expected) << "another result\n" << finished.err;
      return true;
    }
    EXPECT_EQ(finished.status, 1) << finished.err;
    EXPECT_NE(finished.err.find("tailor: "), std::string::npos) << finished.err;
    const Finished again = run_tailor(arguments());
    EXPECT_EQ(again.status, 0) << "does not go on\n" << again.err;
    EXPECT_TRUE(result(again) == expected) << "goes on to another result\n" << again.err;
    return true;
  }

  const OwnFolder folder_;
  std::map<int, int> ended_;  // how many ended with which status
};

TEST_P(Inject, OneFailingCallChangesNoResult) {
#ifdef TAILOR_SANITIZED
  GTEST_SKIP() << "a sanitizer has a malloc of its own";
#endif
  const Finished undisturbed = run_tailor(arguments());
  ASSERT_EQ(undisturbed.status, 0) << undisturbed.err;
  const std::string expected = result(undisturbed);
  for (const char* kind : {"alloc", "open", "read", "write", "rename", "fsync"}) {
    ended_.clear();
    for (int number = 1; try_one(kind, number, expected); number = next(number)) {
    }
    std::cout << GetParam().name << ", " << kind << ":";
    for (const auto& [status, count] : ended_) {
      std::cout << "  " << count << " ended with " << status;
    }
    std::cout << "\n";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Commands, Inject,
    ::testing::Values(Command{"data info", {"data", "info"}, {}},
                      Command{"train", {"train"}, {"model.safetensors", "experiment.toml"}},
                      Command{"search", {"search"}, {"cv_results.csv", "experiment.toml"}},
                      Command{"run",
                              {"run", "--set", "report.points=0"},
                              {"model.safetensors", "first.safetensors", "cv_results.csv",
                               "metrics.json"}}),
    [](const auto& instance) {
      std::string name = instance.param.name;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

}  // namespace
}  // namespace tailor::internal::e2e
