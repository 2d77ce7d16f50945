#include "tailor/study/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include "tailor/core/file.hpp"
#include "tailor/ops/engine.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

Dataset gray_images() {
  Dataset set{{.channels = 1, .height = 8, .width = 8}, {}, {}, {"low", "high"}};
  for (int i = 0; i < 20; ++i) {
    set.labels.push_back(std::uint8_t(i % 2));
    for (int at = 0; at < 64; ++at) set.pixels.push_back(std::uint8_t((i * 31 + at * 7) % 256));
  }
  return set;
}

Experiment small_experiment() {
  Experiment e;
  e.name = "small";
  e.precision = "f32";
  e.threads = 3;
  e.model.kernels = 4;
  e.data.dir = "/nowhere";
  return e;
}

// Of random weights.
Model fresh_model(const Dataset& set) {
  const Experiment e = small_experiment();
  return make_model(e, set, init_params(make_spec(e.model, set.shape, set.classes()), 1),
                    make_card(e, "train", set, "print"));
}

class ModelTest : public testing::Test {
 protected:
  ModelTest() { make_folder(folder_); }
  ~ModelTest() override { fs::remove_all(folder_); }

  fs::path folder_ = fs::temp_directory_path() / ("tailor-model-" + std::to_string(getpid()));
};

TEST_F(ModelTest, ComesBackFromItsFileAndFromARunsFolder) {
  const Dataset set = gray_images();
  Model model = fresh_model(set);
  model.temperature = {1.5, 40};
  set_temperature(model.card, model.temperature);
  save_model(folder_ / "model.safetensors", model.card, model.params);
  Engine engine(2);
  for (const fs::path& path : {folder_ / "model.safetensors", folder_}) {
    const Model read = open_model(path);
    EXPECT_EQ(read.file, folder_ / "model.safetensors");
    EXPECT_EQ(read.card, model.card);
    EXPECT_EQ(read.spec, model.spec);
    EXPECT_EQ(read.class_names, model.class_names);
    EXPECT_EQ(read.precision, Precision::kF32);
    EXPECT_EQ(read.temperature.value, 1.5);
    EXPECT_EQ(read.temperature.images, 40);
    EXPECT_FALSE(read.quantized());
    EXPECT_EQ(predict(read, engine, all_rows(set)), predict(model, engine, all_rows(set)));
  }
}

TEST_F(ModelTest, AnswersAsItsParametersDo) {
  const Dataset set = gray_images();
  const Model model = fresh_model(set);
  Engine engine(1);
  const Rows rows{&set, {3, 1, 7}};
  EXPECT_EQ(predict(model, engine, rows),
            predict(model.spec, model.params, engine, Precision::kF32, rows));
  EXPECT_EQ(features(model, engine, rows).values.size(), 3 * 128u);
  EXPECT_EQ(evaluate(model, engine, rows).images, 3);
}

TEST_F(ModelTest, SaysWhereThereIsNone) {
  EXPECT_THAT(refusal_of([&] { open_model(folder_); }), HasSubstr("holds no model.safetensors"));
  EXPECT_THAT(refusal_of([&] { open_model(folder_ / "x"); }), HasSubstr("does not exist"));
  write_file_atomic(folder_ / "text", "no model");
  EXPECT_THAT(refusal_of([&] { open_model(folder_ / "text"); }), HasSubstr("text"));
  Model model = fresh_model(gray_images());
  model.card.erase("class_names");
  save_model(folder_ / "lacks", model.card, model.params);
  EXPECT_THAT(refusal_of([&] { open_model(folder_ / "lacks"); }),
              HasSubstr("lacks \"class_names\""));
}

TEST_F(ModelTest, TheCardLeavesOutTheMachine) {
  const Dataset set = gray_images();
  Experiment here = small_experiment(), there = small_experiment();
  there.threads = 7;
  there.out = "/elsewhere";
  EXPECT_EQ(make_card(here, "train", set, "print"), make_card(there, "train", set, "print"));
  there.train.epochs = 99;
  EXPECT_NE(make_card(here, "train", set, "print"), make_card(there, "train", set, "print"));
  Dataset odd = set;
  odd.class_names[1] = "caf\xe9";
  EXPECT_THAT(refusal_of([&] { make_card(here, "train", odd, "print"); }), HasSubstr("class 1"));
}

TEST_F(ModelTest, FitsImagesOfItsSizeAndNoMoreClasses) {
  Model model = fresh_model(gray_images());
  model.file = "my.safetensors";
  EXPECT_EQ(refusal_of([&] { check_fits(model, gray_images(), "these"); }), "");
  Dataset larger = gray_images();
  larger.shape.width = 9;
  EXPECT_THAT(refusal_of([&] { check_fits(model, larger, "these"); }),
              AllOf(HasSubstr("these has images of 8x9x1"), HasSubstr("my.safetensors")));
  Dataset more = gray_images();
  more.class_names.emplace_back("third");
  EXPECT_THAT(refusal_of([&] { check_fits(model, more, "these"); }), HasSubstr("3 classes"));
  model.file.clear();
  EXPECT_THAT(refusal_of([&] { check_fits(model, more, "these"); }),
              HasSubstr("the model knows 2"));
}

TEST_F(ModelTest, PredictsInWhatIsAskedOrAsTrained) {
  const Model model = fresh_model(gray_images());
  EXPECT_EQ(choose_precision(model, "", {}), Precision::kF32);
  EXPECT_EQ(choose_precision(model, "f32", {}), Precision::kF32);
  EXPECT_THAT(refusal_of([&] { choose_precision(model, "int8", {}); }), HasSubstr("not quantised"));
  EXPECT_THAT(refusal_of([&] { choose_precision(model, "f16", {}); }), HasSubstr("f16"));
}

}  // namespace
}  // namespace tailor::internal
