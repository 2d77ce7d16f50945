// tailor/tailor.hpp as a program uses it; tests/installed does so from an installed copy.
#include "tailor/tailor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <omp.h>
#include <sys/stat.h>

#include <limits>
#include <stdexcept>
#include <thread>

#include "tailor/core/file.hpp"
#include "tests/e2e/small_data.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor {
namespace {

using internal::OwnFolder;
using internal::refusal_of;

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// Gray 8x8 images, dark or bright, numbered from `first`.
Dataset dark_and_bright(std::size_t count, std::size_t first = 0) {
  Dataset set{{.channels = 1, .height = 8, .width = 8}, {}, {}, {"dark", "bright"}};
  for (std::size_t i = first; i < first + count; ++i) {
    set.labels.push_back(Label(i % 2));
    for (std::size_t at = 0; at < 64; ++at) {
      set.pixels.push_back(std::uint8_t((i * 37 + at * 11) % 100 + (i % 2) * 150));
    }
  }
  return set;
}

Experiment small(std::int64_t seed = 1) {
  Experiment e;
  e.set("model.kernels", 4).set("train.batch", 16).set("train.epochs", 3).set("threads", 1);
  e.set("seed", seed).set("precision", "f32");
  return e;
}

class LibraryTest : public testing::Test {
 protected:
  const OwnFolder folder_;
};

TEST(LibraryExperiment, IsSetByPathAndReadsItsTextBack) {
  Experiment e;
  e.set("train.epochs", 5).set("train.learning_rate", 0.01).set("model.name", "seed");
  e.set_text("train.batch", "64").set_text("train.optimizer", "sgd");
  EXPECT_THAT(refusal_of([&] { e.set_text("name=y", "x"); }), HasSubstr("name=y"));
  EXPECT_THAT(e.toml(), AllOf(HasSubstr("epochs = 5"), HasSubstr("learning_rate = 0.01"),
                              HasSubstr("batch = 64"), HasSubstr("optimizer = \"sgd\"")));
  EXPECT_EQ(Experiment::parse(e.toml()).toml(), e.toml());
  Experiment copy = e;
  copy.set("train.epochs", 6);
  EXPECT_THAT(e.toml(), HasSubstr("epochs = 5"));
  e = copy;
  EXPECT_EQ(e.toml(), copy.toml());
}

TEST(LibraryExperiment, SaysWhatIsWrong) {
  Experiment e;
  EXPECT_THAT(refusal_of([&] { e.set("train.epoch", 5); }), HasSubstr("train.epochs"));
  EXPECT_THAT(refusal_of([&] { e.set("train.epochs", -1); }), HasSubstr("must be at least"));
  EXPECT_THAT(refusal_of([&] { e.set("train.epochs", "many"); }), HasSubstr("train.epochs"));
  EXPECT_THAT(refusal_of([] { Experiment::parse("[train]\nepoch = 1"); }),
              HasSubstr("train.epochs"));
  EXPECT_THAT(refusal_of([] { Experiment::read("/nowhere.toml"); }), HasSubstr("/nowhere.toml"));
}

TEST(LibraryExperiment, TakesTextInUtf8Only) {
  Experiment e;
  EXPECT_THAT(refusal_of([&] { e.set("name", "caf\xe9"); }),
              HasSubstr("name must be text in UTF-8"));
  e.set("name", "caf\xc3\xa9");
  EXPECT_EQ(Experiment::parse(e.toml()).toml(), e.toml());
}

TEST(LibraryData, WhatDoesNotFitTogetherIsRefused) {
  const auto refused = [](auto change) {
    Dataset set = dark_and_bright(32);
    change(set);
    return refusal_of([&] { train(small(), set); });
  };
  EXPECT_THAT(refused([](Dataset& s) { s.pixels.own().pop_back(); }), HasSubstr("2047 bytes"));
  EXPECT_THAT(refused([](Dataset& s) { s.labels[3] = 2; }), HasSubstr("label 2 has no class"));
  EXPECT_THAT(refused([](Dataset& s) { s.shape.channels = 2; }), HasSubstr("8x8x2"));
  EXPECT_THAT(refused([](Dataset& s) { s.shape.height = 0; }), HasSubstr("0x8x1"));
  EXPECT_THAT(refused([](Dataset& s) { s.shape = {1, 1 << 30, 1 << 30}; }), HasSubstr("bytes"));
  EXPECT_THAT(refused([](Dataset& s) {
                s.shape = {1, 1 << 30, 1 << 30};  // 2^60 bytes times 16 labels wrap to 0
                s.labels.resize(16);
                s.pixels.own().clear();
              }),
              HasSubstr("0 bytes"));
  EXPECT_THAT(refused([](Dataset& s) { s.class_names.resize(1001); }), HasSubstr("at most 1000"));
  EXPECT_THAT(refused([](Dataset& s) { s.class_names[1] = "caf\xe9"; }), HasSubstr("class 1"));
  EXPECT_THAT(refused([](Dataset& s) {
                s = {s.shape, {}, {}, s.class_names};
              }),
              HasSubstr("no images"));
  EXPECT_THAT(refused([](Dataset& s) { s.class_names.clear(); }), HasSubstr("no class"));
  EXPECT_THAT(refusal_of([] { load_images("/nowhere", Split::kTrain); }), HasSubstr("/nowhere"));
}

TEST_F(LibraryTest, TrainsSavesLoadsPredicts) {
  const Dataset set = dark_and_bright(200), other = dark_and_bright(50, 1001);
  std::vector<int> epochs;
  std::int64_t steps = 0;
  Observer observer;
  observer.on_step = [&](std::string_view, const TrainingProgress& p) {
    ++steps;
    EXPECT_EQ(p.steps, 13);
  };
  observer.on_epoch = [&](std::string_view what, const Epoch& e) {
    EXPECT_EQ(what, "train");
    epochs.push_back(e.epoch);
  };
  const Model model = train(small().set("train.epochs", 6), set, observer).value();
  EXPECT_THAT(epochs, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(steps, 78);
  EXPECT_TRUE(fs::is_empty(folder_));

  model.save(folder_ / "model.safetensors");
  const Model loaded = Model::load(folder_ / "model.safetensors");
  EXPECT_EQ(loaded.input(), set.shape);
  EXPECT_EQ(loaded.class_names(), set.class_names);
  EXPECT_EQ(loaded.parameters(), model.parameters());
  EXPECT_THAT(loaded.experiment().toml(), HasSubstr("kernels = 4"));
  const std::vector<float> answers = loaded.predict(other.pixels, 1);
  EXPECT_EQ(answers, model.predict(other.pixels, 1));
  for (std::size_t i = 0; i < other.size(); ++i) {
    EXPECT_NEAR(answers[2 * i] + answers[2 * i + 1], 1, 1e-6);
    EXPECT_GT(answers[2 * i + other.labels[i]], 0.5F);
  }
  const Evaluation all = loaded.evaluate(other, 1);
  EXPECT_EQ(all.accuracy, 1);
  EXPECT_EQ(all.images, 50);
  EXPECT_THAT(all.confusion, ElementsAre(ElementsAre(25, 0), ElementsAre(0, 25)));
}

TEST_F(LibraryTest, APredictorAnswersOneImageAndMany) {
  const Dataset set = dark_and_bright(64);
  const Model model = train(small(), set).value();
  Predictor predictor(model, 2);
  const std::vector<float> many = predictor.predict(set.pixels);
  ASSERT_EQ(many.size(), 128u);
  for (std::size_t i = 0; i < 64; ++i) {
    const std::vector<float> one = predictor.predict(set.image(i));
    ASSERT_EQ(one.size(), 2u);
    EXPECT_NEAR(one[0], many[2 * i], 1e-5);
  }
  EXPECT_TRUE(predictor.predict({}).empty());
  EXPECT_THAT(refusal_of([&] { predictor.predict(std::span(set.pixels).first(65)); }),
              HasSubstr("65 bytes"));
  EXPECT_EQ(predictor.predict(set.pixels), many);  // also after that
}

TEST_F(LibraryTest, AStoppedTrainingGoesOnToTheSameWeights) {
  const Dataset set = dark_and_bright(200);
  const std::vector<float> whole = train(small(), set)->predict(set.pixels, 1);
  const fs::path unfinished = folder_ / "unfinished";
  StopFlag stop;
  Observer observer;
  observer.stop = &stop;
  observer.on_step = [&](std::string_view, const TrainingProgress& p) {
    if (p.epoch == 2 && p.step == 5) stop.request();
  };
  EXPECT_FALSE(train(small(), set, observer, unfinished));
  EXPECT_TRUE(fs::exists(unfinished));
  EXPECT_THAT(refusal_of([&] { train(small(2), set, {}, unfinished); }), HasSubstr("unfinished"));
  EXPECT_EQ(train(small(), set, {}, unfinished)->predict(set.pixels, 1), whole);
  EXPECT_FALSE(train(small(), set, observer));  // the flag is still up, and nothing is kept
}

TEST_F(LibraryTest, TheCallingThreadComesBackAsItWas) {
  const Dataset set = dark_and_bright(64);
  volatile double least = std::numeric_limits<double>::min();
  const int threads = omp_get_max_threads();
  const Model model = train(small().set("threads", 3), set).value();
  Predictor predictor(model, 2);
  (void)predictor.predict(set.pixels);
  (void)model.evaluate(set, 5);
  EXPECT_NE(least / 4, 0);
  EXPECT_EQ(omp_get_max_threads(), threads);
  std::vector<float> elsewhere;
  std::thread([&] { elsewhere = predictor.predict(set.pixels); }).join();
  EXPECT_EQ(elsewhere, predictor.predict(set.pixels));
}

TEST_F(LibraryTest, WhatCannotBeReachedIsAnErrorOfOurs) {
  const fs::path endless = folder_ / "endless";
  fs::create_symlink(endless, endless);
  const fs::path inside = endless / "x";
  EXPECT_THROW(Model::load(inside), Error);
  EXPECT_THROW(load_images(inside, Split::kTrain), Error);
  EXPECT_THROW(load_image(inside, {1, 8, 8}), Error);
  EXPECT_THROW(Experiment::read(inside), Error);
  EXPECT_THROW(train(small(), dark_and_bright(64), {}, inside), Error);
  EXPECT_THROW(run_study(small().set("out", inside.string())), Error);
  EXPECT_THROW(run_study(small().set("data.dir", inside.string())), Error);
  EXPECT_THROW(run_study(small().set("name", std::string(5000, 'n'))), Error);
}

TEST_F(LibraryTest, SavesThroughLinksAndOverNoDevice) {
  const Model model = train(small(), dark_and_bright(64)).value();
  fs::create_symlink("real.safetensors", folder_ / "link.safetensors");
  model.save(folder_ / "link.safetensors");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.safetensors"));
  EXPECT_TRUE(fs::is_regular_file(folder_ / "real.safetensors"));
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal_of([&] { model.save(folder_ / "pipe"); }, ErrorKind::kFailure),
              HasSubstr("not a regular file"));
  EXPECT_TRUE(fs::is_fifo(folder_ / "pipe"));
}

TEST_F(LibraryTest, WhatACallbackThrowsComesOut) {
  Observer observer;
  observer.on_step = [](std::string_view, const TrainingProgress&) {
    throw std::runtime_error("enough");
  };
  EXPECT_THROW(train(small(), dark_and_bright(64), observer), std::runtime_error);
}

TEST_F(LibraryTest, TwoModelsAtOnceAreWhatTheyAreOneAfterTheOther) {
  const Dataset set = dark_and_bright(200);
  const auto answers_of = [&](std::int64_t seed) {
    const Model model = train(small(seed), set).value();
    return model.predict(set.pixels, 1);
  };
  const std::vector<float> first = answers_of(1), second = answers_of(2);
  EXPECT_NE(first, second);
  std::vector<float> beside_first, beside_second;
  std::thread one([&] { beside_first = answers_of(1); });
  std::thread two([&] { beside_second = answers_of(2); });
  one.join();
  two.join();
  EXPECT_EQ(beside_first, first);
  EXPECT_EQ(beside_second, second);
}

TEST_F(LibraryTest, ThreadsShareAModel) {
  const Dataset set = dark_and_bright(64);
  const Model model = train(small(), set).value();
  const std::vector<float> alone = model.predict(set.pixels, 1);
  std::vector<std::vector<float>> answers(4);
  std::vector<std::thread> threads;
  for (auto& answer : answers) {
    threads.emplace_back([&] { answer = Predictor(model, 1).predict(set.pixels); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& answer : answers) EXPECT_EQ(answer, alone);
}

TEST_F(LibraryTest, RunsAWholeStudyAndTellsOfIt) {
  fs::create_directories(folder_ / "data");
  internal::e2e::write_small_data(folder_ / "data");
  Experiment e = Experiment::parse(internal::e2e::small_experiment(folder_ / "data"));
  e.set("out", (folder_ / "run").string()).set("report.points", 0);
  StopFlag stop;
  Observer observer;
  observer.stop = &stop;
  observer.on_trial = [&](const SearchProgress& now) {
    if (now.done == 2) stop.request();
  };
  EXPECT_FALSE(run_study(e, observer));
  int last = 0, total = 0;
  std::vector<std::string> notes;
  observer = {};
  observer.note = [&](std::string_view line) { notes.emplace_back(line); };
  observer.on_trial = [&](const SearchProgress& now) {
    EXPECT_GE(now.done, 2);  // it goes on
    last = now.done;
    total = now.total;
  };
  const StudyResult result = run_study(e, observer).value();
  EXPECT_EQ(total, 12);
  EXPECT_EQ(last, 12);
  EXPECT_FALSE(notes.empty());
  EXPECT_EQ(result.folder, folder_ / "run");
  EXPECT_EQ(result.best_settings.size(), 2u);
  EXPECT_GT(result.best_score, 0);
  EXPECT_EQ(result.metrics, internal::read_text(folder_ / "run" / "metrics.json"));
  const Dataset test = load_images(folder_ / "data", Split::kTest);
  EXPECT_EQ(Model::load(result.folder).evaluate(test, 1).accuracy, result.final_accuracy);
  EXPECT_EQ(run_study(e)->metrics, result.metrics);  // complete: shown again
}

TEST_F(LibraryTest, ReadsPicturesAndResizesThem) {
  const fs::path gray = fs::path(TAILOR_SOURCE_DIR) / "tests/golden/images/gray.png";
  EXPECT_EQ(load_image(gray, {1, 11, 13}).size(), 143u);
  EXPECT_EQ(load_image(gray, {3, 11, 13}).size(), 429u);
  EXPECT_EQ(load_image(gray, {1, 28, 28}).size(), 784u);
}

TEST(LibraryVersion, IsTheBuilds) {
  EXPECT_THAT(version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace tailor
