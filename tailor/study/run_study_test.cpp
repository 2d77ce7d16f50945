// The whole study as a library: no terminal, no process.
#include "tailor/study/run_study.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/model.hpp"
#include "tests/e2e/small_data_test.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

class RunStudyTest : public e2e::SmallDataTest {
 protected:
  RunFiles files(const std::string& name) const { return {folder_ / name}; }

  Experiment experiment_ = load_experiment(small_);
};

// An observer that keeps what it hears, and stops a run at a moment.
struct Heard {
  std::vector<std::string> notes;
  std::vector<std::string> trainings;
  int steps = 0, trials = 0, maps = 0;
  int stop_after_epochs = -1;
  int epochs = 0;
  StopFlag stop;

  Observer observer() {
    Observer o;
    o.note = [this](std::string_view line) { notes.emplace_back(line); };
    o.training = [this](const std::string& what) {
      trainings.push_back(what);
      FitHooks hooks;
      hooks.on_step = [this](const StepProgress&) { ++steps; };
      hooks.on_epoch = [this](const TrainingState&) {
        if (++epochs == stop_after_epochs) stop.request();
      };
      return hooks;
    };
    o.searching = [this](const std::string&, int) {
      return [this](const StudyProgress& now) { trials = std::max(trials, now.done); };
    };
    o.mapping = [this](const std::string&) {
      ++maps;
      return TsneHooks{};
    };
    o.stop = &stop;
    return o;
  }
};

TEST_F(RunStudyTest, IsHeardFromBeginningToEnd) {
  Heard heard;
  const auto result = run_study(experiment_, files("run"), heard.observer());
  ASSERT_TRUE(result);
  EXPECT_EQ(heard.trainings, (std::vector<std::string>{"first model", "final model"}));
  EXPECT_GT(heard.steps, 0);
  EXPECT_EQ(heard.trials, 4 * 3);
  EXPECT_EQ(heard.maps, 2);
  EXPECT_GT(result->metrics.final.test_accuracy, 0.9);
  EXPECT_TRUE(fs::exists(files("run").report()));
  EXPECT_TRUE(fs::exists(files("run").explorer()));
}

TEST_F(RunStudyTest, NeedsNobodyToListen) {
  const auto result = run_study(experiment_, files("run"), {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->metrics.search.candidates, 4u);
}

TEST_F(RunStudyTest, GoesOnWhereItWasStoppedToTheSameBytes) {
  ASSERT_TRUE(run_study(experiment_, files("whole"), {}));
  Heard heard;
  heard.stop_after_epochs = 2;
  EXPECT_FALSE(run_study(experiment_, files("parts"), heard.observer()));
  EXPECT_FALSE(fs::exists(files("parts").metrics()));
  const auto result = run_study(experiment_, files("parts"), {});
  ASSERT_TRUE(result);
  for (const char* name : {"metrics.json", "model.safetensors", "first.safetensors"}) {
    EXPECT_EQ(read_file(folder_ / "parts" / name), read_file(folder_ / "whole" / name)) << name;
  }
}

TEST_F(RunStudyTest, TellsAFinishedRunsResultAgain) {
  const auto result = run_study(experiment_, files("run"), {});
  Heard heard;
  const auto again = run_study(experiment_, files("run"), heard.observer());
  ASSERT_TRUE(result && again);
  EXPECT_EQ(again->metrics.final.test_accuracy, result->metrics.final.test_accuracy);
  EXPECT_TRUE(heard.trainings.empty());
  ASSERT_EQ(heard.notes.size(), 1u);
  EXPECT_NE(heard.notes[0].find("is complete"), std::string::npos);
}

TEST_F(RunStudyTest, RefusesAFolderOfAnotherRunBeforeItWrites) {
  ASSERT_TRUE(run_study(experiment_, files("run"), {}));
  const auto written = fs::last_write_time(files("run").experiment());
  experiment_.seed = 9;
  EXPECT_THROW(run_study(experiment_, files("run"), {}), Error);
  EXPECT_EQ(fs::last_write_time(files("run").experiment()), written);
}

TEST_F(RunStudyTest, WorksTwiceInOneProgram) {
  std::vector<std::optional<StudyResult>> results(2);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back(
        [&, i] { results[i] = run_study(experiment_, files("run" + std::to_string(i)), {}); });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(results[0] && results[1]);
  EXPECT_EQ(read_file(files("run0").metrics()), read_file(files("run1").metrics()));
}

TEST_F(RunStudyTest, LeavesAModelThatCanBeOpened) {
  ASSERT_TRUE(run_study(experiment_, files("run"), {}));
  const Model model = open_model(files("run").folder);
  EXPECT_EQ(model.class_names.size(), 4u);
  const Dataset test = load_set(model.experiment, Split::kTest);
  EXPECT_NO_THROW(check_fits(model, test, "data"));
}

}  // namespace
}  // namespace tailor::internal
