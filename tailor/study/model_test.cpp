#include "tailor/study/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/core/file.hpp"
#include "tailor/ops/engine.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

Dataset gray_images() {
  Dataset set{{.channels = 1, .height = 8, .width = 8}, {}, {}, {"low", "high"}};
  for (int i = 0; i < 20; ++i) {
    set.labels.push_back(Label(i % 2));
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
  const OwnFolder folder_;
};

TEST_F(ModelTest, ComesBackFromItsFileAndFromARunsFolder) {
  const Dataset set = gray_images();
  Model model = fresh_model(set);
  model.temperature = {1.5, 40};
  set_temperature(model.card, model.temperature);
  save_model(folder_ / "model.safetensors", model.card, model.params);
  Engine engine(2);
  for (const fs::path& path : {folder_ / "model.safetensors", fs::path(folder_)}) {
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

TEST_F(ModelTest, IsReadThoughItsCardSaysMoreThanThisTailorKnows) {
  const Dataset set = gray_images();
  Model model = fresh_model(set);
  std::string& text = model.card["experiment"];
  const auto put_behind = [&](const std::string& place, const std::string& more) {
    const std::size_t at = text.find(place);
    ASSERT_NE(at, std::string::npos) << place;
    text.insert(at + place.size(), more);
  };
  put_behind("[train]\n", "new_option = 3\n");
  put_behind("optimizer = \"", "new_");
  put_behind("[report]\n", "x = 1\n");
  text =
      "all_new = true\n" + text + "\n[new_table]\ny = [1, 2]\n[search.space]\n\"train.z\" = [1]\n";
  save_model(folder_ / "newer.safetensors", model.card, model.params);
  const Model read = open_model(folder_ / "newer.safetensors");
  Engine engine(1);
  EXPECT_EQ(predict(read, engine, all_rows(set)), predict(model, engine, all_rows(set)));
  EXPECT_EQ(read.card, model.card);  // all of it, for who writes the model again
  EXPECT_EQ(read.experiment.train.optimizer, "adam");
  EXPECT_EQ(read.experiment.model.kernels, 4);
}

TEST_F(ModelTest, IsRefusedWhereItsNetIsOfANewerTailor) {
  const std::string good = fresh_model(gray_images()).card.at("experiment");
  const auto refusal_with = [&](const std::string& place, const std::string& more) {
    Model model = fresh_model(gray_images());
    std::string& text = model.card["experiment"];
    text.insert(text.find(place) + place.size(), more);
    save_model(folder_ / "newer", model.card, model.params);
    return refusal_of([&] { open_model(folder_ / "newer"); });
  };
  EXPECT_THAT(refusal_with("[model]\n", "new = 1\n"), HasSubstr("unknown key model.new"));
  EXPECT_THAT(refusal_with("[model]\n", "[model.more]\nx = 1\n"), HasSubstr("model.more"));
  EXPECT_THAT(refusal_with("[model]\nname = \"", "new_"), HasSubstr("model.name must be one of"));
  EXPECT_THAT(refusal_with("points = 10000\n", "[[model.layer]]\ntype = \"relu\"\ny = 2\n"),
              HasSubstr("model.layer.0.y"));
}

TEST_F(ModelTest, HasImagesAndClassesWithinTheLimits) {
  const auto refusal_with = [&](const std::string& key, const std::string& value) {
    Model model = fresh_model(gray_images());
    model.card[key] = value;
    save_model(folder_ / "odd", model.card, model.params);
    return refusal_of([&] { open_model(folder_ / "odd"); });
  };
  for (const char* text : {"", "8x8", "8x8x", "x8x8x1", "8x8x1 ", " 8x8x1", "8x8x1x1", "-8x8x1",
                           "+8x8x1", "0x8x1", "8x8x0", "8x8x99999999999999999999", "8,8,1"}) {
    EXPECT_THAT(refusal_with("input", text), HasSubstr("has no image size")) << text;
  }
  EXPECT_THAT(refusal_with("input", "65536x65536x1"), HasSubstr("more than 89,478,485 pixels"));
  EXPECT_THAT(refusal_with("input", "2147483647x2147483647x2147483647"), HasSubstr("pixels"));
  EXPECT_THAT(refusal_with("input", "8x8x2147483647"), HasSubstr("values for one image"));
  EXPECT_THAT(refusal_with("input", "9000x9000x1"), HasSubstr("tensor"));
  for (const std::string& names :
       {std::string("[]"), std::string("{}"), std::string("[1, 2]"), std::string("[\"a\""),
        "[\"a\", \"" + std::string(256, 'b') + "\"]"}) {
    EXPECT_THAT(refusal_with("class_names", names), HasSubstr("odd (class_names): ")) << names;
  }
}

TEST_F(ModelTest, IsNoUnfinishedTraining) {
  Model model = fresh_model(gray_images());
  model.card["training.epoch"] = "3";
  save_model(folder_ / "training.safetensors", model.card, model.params);
  EXPECT_THAT(refusal_of([&] { open_model(folder_ / "training.safetensors"); }),
              AllOf(HasSubstr("unfinished training"), HasSubstr("epoch 3")));
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
  EXPECT_THAT(
      refusal_of([&] { check_fits(model, larger, "these"); }),
      AllOf(HasSubstr("these has images of 9x8 (width x height)"), HasSubstr("my.safetensors")));
  Dataset more = gray_images();
  more.class_names.emplace_back("third");
  EXPECT_THAT(refusal_of([&] { check_fits(model, more, "these"); }), HasSubstr("3 classes"));
  model.file.clear();
  EXPECT_THAT(refusal_of([&] { check_fits(model, more, "these"); }),
              HasSubstr("the model knows 2"));
}

TEST_F(ModelTest, FitsNoClassesOfOtherNamesOrInAnotherOrderWhereBothHaveNames) {
  Dataset named = gray_images();
  named.class_names = {"cat", "dog"};
  const Model model = fresh_model(named);
  EXPECT_EQ(refusal_of([&] { check_fits(model, named, "these"); }), "");
  named.class_names = {"dog", "cat"};
  EXPECT_THAT(refusal_of([&] { check_fits(model, named, "these"); }),
              HasSubstr("class 0 of these is \"dog\", but the model knows it as \"cat\""));
  named.class_names = {"0", "1"};  // nobody named them
  EXPECT_EQ(refusal_of([&] { check_fits(model, named, "these"); }), "");
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
