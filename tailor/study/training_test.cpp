#include "tailor/study/training.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/model.hpp"
#include "tests/e2e/small_data_test.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

class TrainingTest : public e2e::SmallDataTest {
 protected:
  TrainingTest() {
    experiment_.train.epochs = 3;
    set_ = load_set(experiment_, Split::kTrain);
  }

  TrainingPlan plan(const Experiment& experiment) const {
    return {.what = "train",
            .job = fit_job(experiment, set_, all_rows(set_).indices),
            .card = make_card(experiment, "train", set_, fingerprint(set_)),
            .partial = folder_ / "training.safetensors"};
  }
  TrainingPlan plan() const { return plan(experiment_); }

  std::string refusal(const Experiment& experiment) const {
    return refusal_of([&] { begin_training(plan(experiment), {}); });
  }

  Experiment experiment_ = load_experiment(small_);
  Dataset set_;
};

// Asks for a stop at the first step that it hears of.
Observer stopping(StopFlag& stop) {
  Observer observer;
  observer.training = [&stop](const std::string&) {
    FitHooks hooks;
    hooks.on_step = [&stop](const StepProgress&) { stop.request(); };
    return hooks;
  };
  observer.stop = &stop;
  return observer;
}

std::vector<float> trained_weights(const TrainingState& state) {
  const auto values = state.params.weights.floats();
  return {values.begin(), values.end()};
}

TEST_F(TrainingTest, GoesOnInTheMiddleOfAnEpochToTheSameWeights) {
  Engine engine(1);
  TrainingState whole = begin_training(plan(), {});
  ASSERT_TRUE(train(plan(), engine, whole, {}));
  fs::remove(plan().partial);  // the caller's, once the model is saved

  StopFlag stop;
  TrainingState part = begin_training(plan(), {});
  EXPECT_FALSE(train(plan(), engine, part, stopping(stop)));
  EXPECT_TRUE(fs::exists(plan().partial));
  std::vector<std::string> notes;
  Observer listening;
  listening.note = [&](std::string_view line) { notes.emplace_back(line); };
  TrainingState rest = begin_training(plan(), listening);
  EXPECT_EQ(rest.epoch, 0);
  EXPECT_GT(rest.step, 0);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("going on after epoch 0 and"), std::string::npos) << notes[0];
  ASSERT_TRUE(train(plan(), engine, rest, {}));
  EXPECT_EQ(trained_weights(rest), trained_weights(whole));
}

TEST_F(TrainingTest, SaysWhichOptionOfAHalfTrainedModelDiffers) {
  Engine engine(1);
  StopFlag stop;
  TrainingState state = begin_training(plan(), {});
  EXPECT_FALSE(train(plan(), engine, state, stopping(stop)));
  Experiment other = experiment_;
  other.train.learning_rate = 0.002;
  EXPECT_NE(refusal(other).find("train.learning_rate was 0.001 and is 0.002"), std::string::npos);
  other = experiment_;
  other.seed = 8;
  EXPECT_NE(refusal(other).find("seed was 3 and is 8"), std::string::npos);
  other = experiment_;
  other.threads = 2;
  other.final.epochs = 40;
  other.report.points = 0;
  other.name = "another";
  EXPECT_EQ(refusal(other), "");
}

TEST_F(TrainingTest, GoesOnWithNoOtherKernelsOrNames) {
  StopFlag stop;
  Engine engine(1);
  TrainingState part = begin_training(plan(), {});
  ASSERT_FALSE(train(plan(), engine, part, stopping(stop)));
  for (const char* key : {"kernels", "class_names"}) {
    TrainingPlan other = plan();
    other.card[key] = "others";
    EXPECT_NE(refusal_of([&] { begin_training(other, {}); }).find("others"), std::string::npos)
        << key;
  }
  begin_training(plan(), {});
}

TEST_F(TrainingTest, GoesOnWithNoOtherImages) {
  Engine engine(1);
  StopFlag stop;
  TrainingState state = begin_training(plan(), {});
  EXPECT_FALSE(train(plan(), engine, state, stopping(stop)));
  set_.pixels.own()[17] ^= 1;
  EXPECT_NE(refusal(experiment_).find("the images differ"), std::string::npos);
}

}  // namespace
}  // namespace tailor::internal
