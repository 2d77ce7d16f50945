#include "tailor/train/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "tailor/core/file.hpp"
#include "tailor/formats/safetensors.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::filesystem::path test_file() {
  static const OwnFolder folder;
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  return folder / (std::string(test->name()) + ".safetensors");
}

Spec small_spec() {
  Conv2D conv;
  conv.filters = 3;
  Dense dense;
  dense.units = 2;
  Spec spec;
  spec.input = {1, 5, 5};
  spec.classes = 2;
  spec.layers = {{conv}, {BatchNormalization()}, {Flatten()}, {dense}};
  return spec;
}

// A training stopped in the middle of its third epoch, with numbers that no short decimal holds.
TrainingState interrupted_training(const TrainOptions& options) {
  TrainingState state = start_training(small_spec(), options, 7);
  std::vector<float> gradients(state.params.table.weight_count);
  for (std::size_t i = 0; i < gradients.size(); ++i) gradients[i] = float(std::sin(double(i)));
  Team alone(1);
  for (int i = 0; i < 3; ++i)
    state.optimizer.step(state.params.weights.floats(), gradients, 0.01, alone);
  state.params.state.floats()[0] = 1.0f / 3;
  state.epoch = 2;
  state.step = 41;
  state.loss_sum = 1234.5678901234567;
  state.penalty_sum = 1.0 / 3;
  state.correct = 4321;
  state.epoch_seconds = 0.1 + 0.2;
  EpochRecord record;
  record.epoch = 1;
  record.loss = 1.0 / 7;
  record.watched_accuracy = 0.9;
  state.history = {record, record};
  state.history[1].epoch = 2;
  return state;
}

std::vector<float> values(const Buffer& buffer) {
  return {buffer.floats().begin(), buffer.floats().end()};
}

TEST(Checkpoint, GivesBackTheBestEpochsWeights) {
  TrainOptions options;
  options.early_stopping.restore_best_weights = true;
  TrainingState state = interrupted_training(options);
  state.best = state.params;
  state.best->weights.floats()[0] = 1.0F / 7;
  state.best->state.floats()[1] = 2.0F / 7;
  save_training(test_file(), {{"seed", "7"}}, state);
  const TrainingState again = load_training(test_file(), small_spec(), options);
  ASSERT_TRUE(again.best);
  EXPECT_EQ(values(again.best->weights), values(state.best->weights));
  EXPECT_EQ(values(again.best->state), values(state.best->state));
  EXPECT_EQ(values(again.params.weights), values(state.params.weights));
  EXPECT_EQ(values(load_model(test_file(), small_spec()).weights), values(state.params.weights));
}

TEST(Checkpoint, GivesBackTheRangesOfAQuantisedModel) {
  const Params params = start_training(small_spec(), {}, 1).params;
  const ActivationRanges ranges = {{"layers.0", 1.0f / 3}, {"layers.3", 12.5f}};
  ModelCard card = {{"seed", "1"}};
  set_ranges(card, ranges, 2048);
  save_model(test_file(), card, params);
  EXPECT_EQ(ranges_of(read_model_card(test_file()), "m"), ranges);
  EXPECT_TRUE(ranges_of({{"seed", "1"}}, "m").empty());
}

TEST(Checkpoint, RefusesRangesThatAreNone) {
  for (const char* broken : {"", "[]", "{}", R"({"ranges": {}})", R"({"ranges": {"a": 0}})",
                             R"({"ranges": {"a": 1, "b": -1}})", R"({"ranges": {"a": "1"}})"}) {
    EXPECT_THAT(refusal_of([&] {
                  ranges_of({{"int8", broken}}, "some.safetensors");
                }),
                AllOf(HasSubstr("some.safetensors"), HasSubstr("(int8): ")))
        << broken;
  }
}

TEST(Checkpoint, KeepsTheTemperatureToTheLastBit) {
  ModelCard card{{"stage", "final"}};
  EXPECT_EQ(temperature_of(card, "m").value, 1);  // as of files from before there was one
  EXPECT_EQ(temperature_of(card, "m").images, 0);
  set_temperature(card, {1.0 / 3 + 1, 1800});
  save_model(test_file(), card, interrupted_training({}).params);
  const Temperature back = temperature_of(read_model_card(test_file()), "m");
  EXPECT_EQ(back.value, 1.0 / 3 + 1);
  EXPECT_EQ(back.images, 1800);
}

TEST(Checkpoint, RefusesATemperatureThatIsNone) {
  for (const char* text :
       {"", "1.5", "[]", "{}", R"({"value":0,"images":9})", R"({"value":-2,"images":9})",
        R"({"value":"1.5","images":9})", R"({"value":1e999,"images":9})",
        R"({"value":1.5,"images":-1})", R"({"value":1.5})", R"({"value":1.5,"images":9)"}) {
    const std::string message = refusal_of([&] {
      temperature_of({{"temperature", text}}, "a.safetensors");
    });
    EXPECT_THAT(message, AllOf(HasSubstr("a.safetensors"), HasSubstr("temperature"))) << text;
  }
}

TEST(Checkpoint, GivesAModelBackBitForBit) {
  const Params params = interrupted_training({}).params;
  save_model(test_file(), {{"stage", "final"}, {"input", "5x5x1"}}, params);
  const Params back = load_model(test_file(), small_spec());
  EXPECT_EQ(values(back.weights), values(params.weights));
  EXPECT_EQ(values(back.state), values(params.state));
  const ModelCard card = read_model_card(test_file());
  EXPECT_EQ(card.at("stage"), "final");
  EXPECT_EQ(card.at("format"), "tailor 1");
}

TEST(Checkpoint, GivesATrainingBackBitForBit) {
  for (const char* optimizer : {"sgd", "adam"}) {
    TrainOptions options;
    options.optimizer = optimizer;
    options.momentum = 0.9;
    const TrainingState state = interrupted_training(options);
    save_training(test_file(), {{"stage", "train"}}, state);
    const TrainingState back = load_training(test_file(), small_spec(), options);
    EXPECT_EQ(values(back.params.weights), values(state.params.weights));
    EXPECT_EQ(values(back.params.state), values(state.params.state));
    ASSERT_EQ(back.optimizer.moments().size(), state.optimizer.moments().size());
    for (std::size_t i = 0; i < state.optimizer.moments().size(); ++i) {
      EXPECT_EQ(values(back.optimizer.moments()[i]), values(state.optimizer.moments()[i]));
    }
    EXPECT_EQ(back.optimizer.steps(), 3);
    EXPECT_EQ(back.epoch, 2);
    EXPECT_EQ(back.step, 41);
    EXPECT_EQ(back.loss_sum, state.loss_sum);
    EXPECT_EQ(back.penalty_sum, state.penalty_sum);
    EXPECT_EQ(back.correct, state.correct);
    EXPECT_EQ(back.epoch_seconds, state.epoch_seconds);
    EXPECT_EQ(history_csv(back.history), history_csv(state.history));
  }
}

TEST(Checkpoint, WritesTheSameBytesForTheSameState) {
  const TrainingState state = interrupted_training({});
  save_training(test_file(), {{"stage", "train"}}, state);
  const auto first = read_file(test_file());
  save_training(test_file(), {{"stage", "train"}}, load_training(test_file(), small_spec(), {}));
  EXPECT_EQ(read_file(test_file()), first);
}

TEST(Checkpoint, OfATrainingIsAlsoAModel) {
  const TrainingState state = interrupted_training({});
  save_training(test_file(), {}, state);
  EXPECT_EQ(values(load_model(test_file(), small_spec()).weights), values(state.params.weights));
}

TEST(Checkpoint, OfAFinishedModelIsNoTraining) {
  save_model(test_file(), {}, interrupted_training({}).params);
  EXPECT_THAT(refusal_of([] { load_training(test_file(), small_spec(), {}); }),
              AllOf(HasSubstr(test_file().string()), HasSubstr("finished model")));
}

TEST(Checkpoint, NamesTheTensorThatIsMissing) {
  save_model(test_file(), {}, interrupted_training({}).params);
  Spec deeper = small_spec();
  Conv2D extra;
  extra.filters = 3;
  extra.kernel_size = {1, 1};
  deeper.layers.insert(deeper.layers.begin() + 1, {extra});
  EXPECT_THAT(refusal_of([&] { load_model(test_file(), deeper); }),
              AllOf(HasSubstr(test_file().string()), HasSubstr("layers.1.kernel")));
}

TEST(Checkpoint, NamesTheTensorOfAnotherShape) {
  save_model(test_file(), {}, interrupted_training({}).params);
  Spec wider = small_spec();
  std::get<Conv2D>(wider.layers[0].kind).filters = 4;
  EXPECT_THAT(
      refusal_of([&] { load_model(test_file(), wider); }),
      HasSubstr("layers.0.kernel is F32 [3, 1, 3, 3] and the model needs F32 [4, 1, 3, 3]"));
}

TEST(Checkpoint, NamesTheTensorThatIsTooMany) {
  save_model(test_file(), {}, interrupted_training({}).params);
  Spec unbiased = small_spec();
  std::get<Dense>(unbiased.layers[3].kind).use_bias = false;
  EXPECT_THAT(refusal_of([&] { load_model(test_file(), unbiased); }),
              AllOf(HasSubstr(test_file().string()), HasSubstr("layers.3.bias")));
}

// Of a net of 2^40 weights and a file of one tensor: nothing is allocated for the rest.
TEST(Checkpoint, TakesNoMoreMemoryThanItsFileHolds) {
  save_model(test_file(), {}, interrupted_training({}).params);
  Spec huge = small_spec();
  huge.layers.insert(huge.layers.end() - 1, {Dense{.units = 1 << 20}});
  huge.layers.insert(huge.layers.end() - 1, {Dense{.units = 1000000}});
  EXPECT_THAT(refusal_of([&] { load_model(test_file(), huge); }),
              HasSubstr("layers.3.kernel is F32 [2, 27] and the model needs F32 [1048576, 27]"));
  EXPECT_THAT(refusal_of([&] { load_training(test_file(), huge, {}); }), HasSubstr("layers.3"));
}

TEST(Checkpoint, RefusesTensorsOfOtherTypesAndSizes) {
  const Params params = interrupted_training({}).params;
  save_model(test_file(), {}, params);
  const SafetensorsFile whole = decode_safetensors(read_file(test_file()), "whole");
  const auto with_first = [&](const std::string& dtype, const std::vector<std::int64_t>& shape,
                              std::size_t bytes) {
    SafetensorsFile file = whole;
    file.tensors[0].dtype = dtype;
    file.tensors[0].shape = shape;
    file.tensors[0].bytes.resize(bytes);
    write_file_atomic(test_file(), encode_safetensors(file));
    return refusal_of([] { load_model(test_file(), small_spec()); });
  };
  ASSERT_EQ(whole.tensors[0].name, "layers.0.kernel");
  for (const auto& [dtype, bytes] : {std::pair("F16", 54), {"F64", 216}, {"I32", 108}}) {
    EXPECT_THAT(with_first(dtype, {3, 1, 3, 3}, std::size_t(bytes)), HasSubstr("layers.0.kernel"));
  }
  for (const std::vector<std::int64_t>& shape :
       std::vector<std::vector<std::int64_t>>{{27}, {3, 3, 3}, {3, 1, 3, 3, 1}}) {
    EXPECT_THAT(with_first("F32", shape, 108), HasSubstr("layers.0.kernel"));
  }
  EXPECT_THAT(with_first("F32", {0, 1, 3, 3}, 0), HasSubstr("layers.0.kernel"));
  EXPECT_THAT(with_first("F32", {0, std::int64_t(1) << 62}, 0), HasSubstr("layers.0.kernel"));
}

TEST(Checkpoint, NeitherKeepsNorTrustsWhatIsNoNumber) {
  const float bad_values[] = {NAN, INFINITY, -INFINITY};
  for (const float bad : bad_values) {
    for (const bool of_weights : {true, false}) {
      TrainingState state = interrupted_training({});
      Buffer& buffer = of_weights ? state.params.weights : state.params.state;
      save_model(test_file(), {}, state.params);
      SafetensorsFile file = decode_safetensors(read_file(test_file()), "good");
      buffer.floats().back() = bad;
      const std::string name = of_weights ? "layers.3.bias" : "layers.1.moving_variance";
      const auto good = read_file(test_file());
      EXPECT_THAT(refusal_of([&] { save_model(test_file(), {}, state.params); }), HasSubstr(name));
      EXPECT_THAT(refusal_of([&] { save_training(test_file(), {}, state); }), HasSubstr(name));
      EXPECT_EQ(read_file(test_file()), good);
      for (NamedTensor& tensor : file.tensors) {
        if (tensor.name == name) {
          std::memcpy(tensor.bytes.data() + tensor.bytes.size() - sizeof(bad), &bad, sizeof(bad));
        }
      }
      write_file_atomic(test_file(), encode_safetensors(file));
      EXPECT_THAT(refusal_of([] { load_model(test_file(), small_spec()); }),
                  AllOf(HasSubstr(test_file().string()), HasSubstr(name), HasSubstr("no number")));
    }
  }
}

TEST(Checkpoint, RefusesToGoOnWithAnotherOptimizer) {
  TrainOptions sgd;
  sgd.optimizer = "sgd";
  sgd.momentum = 0.9;
  save_training(test_file(), {}, interrupted_training(sgd));
  EXPECT_THAT(refusal_of([] { load_training(test_file(), small_spec(), {}); }),
              HasSubstr("optimizer.1.layers.0.kernel"));
  save_training(test_file(), {}, interrupted_training({}));
  EXPECT_THAT(refusal_of([&] { load_training(test_file(), small_spec(), sgd); }),
              HasSubstr("optimizer.1.layers.0.kernel"));
}

TEST(Checkpoint, RefusesFilesThatAreNoModelOrOfANewerFormat) {
  SafetensorsFile file;
  write_file_atomic(test_file(), encode_safetensors(file));
  EXPECT_THAT(refusal_of([] { read_model_card(test_file()); }), HasSubstr("no model of Tailor's"));
  file.metadata["format"] = "tailor 2";
  write_file_atomic(test_file(), encode_safetensors(file));
  EXPECT_THAT(refusal_of([] { read_model_card(test_file()); }), HasSubstr("newer"));
  write_file_atomic(test_file(), std::string_view("no tensors here"));
  EXPECT_THAT(refusal_of([] { read_model_card(test_file()); }), HasSubstr(test_file().string()));
}

TEST(Checkpoint, RefusesCountersThatAreNoNumbers) {
  save_training(test_file(), {}, interrupted_training({}));
  SafetensorsFile file = decode_safetensors(read_file(test_file()), "test");
  for (const char* wrong : {"", "two", "2x", "-1", "99999999999999999999"}) {
    file.metadata["training.epoch"] = wrong;
    write_file_atomic(test_file(), encode_safetensors(file));
    EXPECT_THAT(refusal_of([] { load_training(test_file(), small_spec(), {}); }),
                HasSubstr("training.epoch"))
        << wrong;
  }
}

}  // namespace
}  // namespace tailor::internal
