#include "tailor/study/experiment/experiment.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "tailor/core/error.hpp"
#include "tailor/search/space.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Experiment parse(const std::string& toml) {
  return parse_experiment(toml, "my.toml");
}

// The message parse_experiment refuses with, or "" if it does not.
std::string refusal(const std::string& toml) {
  return refusal_of([&] { parse(toml); });
}

TEST(Experiment, EmptyFileGivesTheDefaults) {
  EXPECT_EQ(to_toml(parse("")), to_toml(Experiment{}));
}

TEST(Experiment, ReadsEveryTable) {
  const Experiment e = parse(R"(
name = "mine"
seed = 7
precision = "f32"
data.dir = "/data"
[model]
kernels = 24
dropout = 0
[train]
epochs = 3
optimizer = "sgd"
nesterov = true
[first]
epochs = 15
[search]
epochs = 4
cv = 3
[final]
epochs = 20
)");
  EXPECT_EQ(e.name, "mine");
  EXPECT_EQ(e.seed, 7u);
  EXPECT_EQ(e.precision, "f32");
  EXPECT_EQ(e.data.dir, "/data");
  EXPECT_EQ(e.model.kernels, 24);
  EXPECT_EQ(e.model.dropout, 0.0);  // an integer where a number is asked
  EXPECT_EQ(e.train.optimizer, "sgd");
  EXPECT_TRUE(e.train.nesterov);
  EXPECT_EQ(e.search.cv, 3);
  EXPECT_EQ(stage_options(e, e.first).epochs, 15);
  EXPECT_EQ(stage_options(e, e.trial).epochs, 4);
  EXPECT_EQ(stage_options(e, e.final).epochs, 20);
  EXPECT_EQ(stage_options(e, StageOptions{}).epochs, 3);
}

TEST(Experiment, UnknownKeyNamesFileLineAndNearest) {
  EXPECT_EQ(refusal("[train]\nbatch = 64\nepoch = 3\n"),
            "my.toml:3: unknown key train.epoch; did you mean train.epochs?");
  EXPECT_EQ(refusal("\nsede = 3\n"), "my.toml:2: unknown key sede; did you mean seed?");
  EXPECT_EQ(refusal("[trian]\nepochs = 3\n"), "my.toml:1: unknown key trian; did you mean train?");
}

TEST(Experiment, KeyOfAnotherTableIsNamedWithItsTable) {
  EXPECT_EQ(refusal("kernels = 3\n"),
            "my.toml:1: unknown key kernels; did you mean model.kernels?");
}

TEST(Experiment, UnknownKeyLikeNothingListsWhatIsKnown) {
  EXPECT_THAT(refusal("[final]\nxyzzyxyzzy = 1\n"),
              StartsWith("my.toml:2: unknown key final.xyzzyxyzzy; known here: epochs"));
}

TEST(Experiment, WrongTypesGiveOneLineWithTheLine) {
  EXPECT_THAT(refusal("[train]\nepochs = \"three\"\n"),
              AllOf(StartsWith("my.toml:2: train.epochs"), HasSubstr("three")));
  EXPECT_THAT(refusal("[train]\nepochs = 1.5\n"), StartsWith("my.toml:2: train.epochs"));
  EXPECT_THAT(refusal("[train]\nepochs = [1]\n"), StartsWith("my.toml:2: train.epochs"));
  EXPECT_THAT(refusal("[train]\nepochs = 1979-05-27\n"),
              AllOf(StartsWith("my.toml:2: train.epochs"), HasSubstr("date")));
  EXPECT_THAT(refusal("[train.epochs]\nx = 1\n"), StartsWith("my.toml:1: train.epochs"));
  EXPECT_THAT(refusal("train = 3\n"), StartsWith("my.toml:1: train is a table"));
  EXPECT_THAT(refusal("seed = true\n"), StartsWith("my.toml:1: seed"));
}

TEST(Experiment, ValuesOutsideTheirRangeAreRefused) {
  EXPECT_EQ(refusal("[search]\nn_iter = 0\n"),
            "my.toml:2: search.n_iter must be at least 1, not 0");
  EXPECT_THAT(refusal("seed = -1\n"), StartsWith("my.toml:1: seed must be at least 0"));
  EXPECT_THAT(refusal("[search]\nrandom_state = 4294967296\n"),
              StartsWith("my.toml:2: search.random_state must be at most 4294967295"));
  EXPECT_THAT(refusal("precision = \"fp16\"\n"), StartsWith("my.toml:1: precision"));
}

TEST(Experiment, BrokenTomlNamesTheLine) {
  EXPECT_THAT(refusal("seed = 1\n[train\nepochs = 1\n"), StartsWith("my.toml:2: "));
  EXPECT_THAT(refusal("seed = 1\nseed = 2\n"), StartsWith("my.toml:2: "));
}

TEST(Experiment, NameMustBeAFolderName) {
  EXPECT_THAT(refusal("seed = 1\nname = \"../other\"\n"), StartsWith("my.toml:2: name must be"));
  EXPECT_NE(refusal("name = \"\"\n"), "");
}

TEST(Experiment, ErrorScoreTakesWordsAndNumbers) {
  EXPECT_EQ(parse("[search]\nerror_score = \"raise\"\n").search.error_score, "raise");
  EXPECT_EQ(parse("[search]\nerror_score = nan\n").search.error_score, "nan");
  EXPECT_EQ(parse("[search]\nerror_score = 0\n").search.error_score, "0");
  EXPECT_EQ(parse("[search]\nerror_score = 0.5\n").search.error_score, "0.5");
  EXPECT_THAT(refusal("[search]\nerror_score = \"never\"\n"),
              StartsWith("my.toml:2: search.error_score must be"));
}

TEST(Experiment, ClassWeightTakesWordsAndTables) {
  const auto weight = [](const std::string& text) {
    return parse("[train]\nclass_weight = " + text + "\n").train.class_weight;
  };
  EXPECT_EQ(weight("\"balanced\""), "balanced");
  EXPECT_EQ(weight("{\"T-shirt/top\" = 2, Coat = 0.5}"), "{\"Coat\" = 0.5, \"T-shirt/top\" = 2}");
  EXPECT_EQ(weight("'{\"7\" = 2.5}'"), "{\"7\" = 2.5}");
  EXPECT_THAT(refusal("[train]\nclass_weight = \"balance\"\n"),
              StartsWith("my.toml:2: train.class_weight takes none, balanced or a table"));
  EXPECT_THAT(refusal("[train]\nclass_weight = {Coat = \"much\"}\n"),
              StartsWith("my.toml:2: train.class_weight: how much Coat counts must be a number"));
  EXPECT_THAT(refusal("[train]\nclass_weight = {Coat = [1]}\n"), StartsWith("my.toml:2: train."));
}

TEST(Experiment, TellsNothingOfYoungOptionsThatNobodySet) {
  Experiment e;
  for (const char* young : {"[augment]", "early_stopping", "plateau", "class_weight",
                            "validation_split", "scoring", "reject_precision"}) {
    EXPECT_THAT(to_toml(e), testing::Not(HasSubstr(young)));
  }
  e.augment.flip = "random";
  e.train.early_stopping.patience = 3;
  const Experiment again = parse(to_toml(e));
  EXPECT_EQ(again.augment, e.augment);
  EXPECT_EQ(again.train, e.train);
}

TEST(Experiment, TakesTablesInTables) {
  const Experiment e =
      parse("[train.early_stopping]\nmonitor = \"val_loss\"\n[train.plateau]\nfactor = 0.5\n");
  EXPECT_EQ(e.train.early_stopping.monitor, "val_loss");
  EXPECT_EQ(e.train.plateau.factor, 0.5);
  EXPECT_THAT(refusal("[train.early_stopping]\npatiense = 3\n"),
              HasSubstr("did you mean train.early_stopping.patience?"));
}

TEST(Experiment, MissingFileIsNamed) {
  try {
    load_experiment("/no/such.toml");
    FAIL() << "should have thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/no/such.toml"));
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
  }
}

TEST(ExperimentFile, TheShippedOnesAreRead) {
  const std::filesystem::path folder = std::filesystem::path(TAILOR_SOURCE_DIR) / "experiments";
  EXPECT_EQ(load_experiment(folder / "fashion-mnist.toml").name, "fashion-mnist");
  EXPECT_EQ(load_experiment(folder / "quick.toml").name, "quick");
}

// TFLOP of training on 60,000 images and of answering for 10,000, as docs/accuracy.md counts them.
double computation_of(const Experiment& recipe) {
  const double work = multiply_adds(make_spec(recipe.model, {1, 28, 28}, 10));
  return (6 * work * 60000 * recipe.train.epochs + 2 * work * 10000 * recipe.model.views) / 1e12;
}

TEST(ExperimentFile, RecipesStayWithinTheirComputation) {
  const std::filesystem::path folder =
      std::filesystem::path(TAILOR_SOURCE_DIR) / "experiments/recipes";
  for (const auto& [name, most] : {std::pair("fashion-92", 5.0), std::pair("fashion-93", 30.0)}) {
    const Experiment recipe = load_experiment(folder / (std::string(name) + ".toml"));
    EXPECT_EQ(recipe.name, name);
    EXPECT_LE(computation_of(recipe), most);
    EXPECT_GE(computation_of(recipe), 0.9 * most);
  }
}

constexpr const char* kCustomNet = R"(
[[model.layer]]
type = "rescaling"
[[model.layer]]
type = "conv2d"
filters = 12
kernel_size = 5
strides = [2, 1]
l2 = 0.001
[[model.layer]]
type = "residual"
[[model.layer.body]]
type = "conv2d"
filters = 12
padding = "same"
[model.layer.body.kernel_regularizer]
l1 = 0.5
[[model.layer.body]]
type = "relu"
[[model.layer]]
type = "zero_padding2d"
padding = 2
[[model.layer]]
type = "dense"
units = 10
)";

TEST(ExperimentLayers, AreReadWithShorthands) {
  const Experiment e = parse(kCustomNet);
  EXPECT_EQ(e.model.name, "custom");
  ASSERT_EQ(e.model.layers.size(), 5u);
  const auto& conv = std::get<Conv2D>(e.model.layers[1].kind);
  EXPECT_EQ(conv.filters, 12);
  EXPECT_EQ(conv.kernel_size, (std::vector<int>{5, 5}));
  EXPECT_EQ(conv.strides, (std::vector<int>{2, 1}));
  EXPECT_EQ(conv.kernel_regularizer.l2, 0.001);
  const auto& body = std::get<Residual>(e.model.layers[2].kind).body;
  ASSERT_EQ(body.size(), 2u);
  EXPECT_EQ(std::get<Conv2D>(body[0].kind).kernel_regularizer.l1, 0.5);
  EXPECT_TRUE(std::holds_alternative<ReLU>(body[1].kind));
  EXPECT_EQ(std::get<ZeroPadding2D>(e.model.layers[3].kind).padding,
            (std::vector<int>{2, 2, 2, 2}));
}

TEST(ExperimentLayers, MistakesNameTheLayerAndTheLine) {
  EXPECT_THAT(refusal("[[model.layer]]\ntype = \"conv\"\n"),
              AllOf(StartsWith("my.toml:2: "), HasSubstr("conv2d")));
  EXPECT_EQ(refusal("[[model.layer]]\ntype = \"conv2d\"\nfilter = 3\n"),
            "my.toml:3: unknown option model.layer.0.filter; did you mean model.layer.0.filters?");
  EXPECT_THAT(refusal("[[model.layer]]\nfilters = 3\n"), HasSubstr("model.layer.0 needs its type"));
  EXPECT_THAT(refusal("[[model.layer]]\ntype = \"conv2d\"\nfilters = 0\n"),
              StartsWith("my.toml:3: model.layer.0.filters must be at least 1"));
  EXPECT_THAT(refusal("[[model.layer]]\ntype = \"residual\"\n"), HasSubstr("needs a body"));
  EXPECT_THAT(refusal("[model]\nlayer = 3\n"), StartsWith("my.toml:2: model.layer is a list"));
}

TEST(ExperimentLayers, AreOptionsByTheirPath) {
  Experiment e = parse(kCustomNet);
  apply_text(e, "model.layer.1.filters=8");
  apply_text(e, "model.layer.2.body.0.kernel_size=[1, 1]");
  EXPECT_EQ(std::get<Conv2D>(e.model.layers[1].kind).filters, 8);
  const auto& body = std::get<Residual>(e.model.layers[2].kind).body;
  EXPECT_EQ(std::get<Conv2D>(body[0].kind).kernel_size, (std::vector<int>{1, 1}));
}

TEST(ExperimentSpace, ReadsListsAndDistributionsSortedByPath) {
  const Experiment e = parse(R"(
[search.space]
"train.learning_rate" = {loguniform = [1e-4, 1e-2]}
model.kernels = [8, 16]
model.dropout = {uniform = [0, 0.5]}
"train.batch" = {randint = [32, 65]}
)");
  ASSERT_EQ(e.search.spaces.size(), 1u);
  const Space& space = e.search.spaces[0];
  ASSERT_EQ(space.size(), 4u);
  EXPECT_EQ(space[0].path, "model.dropout");
  EXPECT_EQ(std::get<UniformRange>(space[0].from).scale, 0.5);
  EXPECT_EQ(space[1].path, "model.kernels");
  EXPECT_EQ(std::get<Choices>(space[1].from),
            (Choices{Value(std::int64_t{8}), Value(std::int64_t{16})}));
  EXPECT_EQ(std::get<IntegerRange>(space[2].from).high, 65);
  EXPECT_EQ(std::get<LogUniformRange>(space[3].from).low, 1e-4);
}

TEST(ExperimentSpace, SeveralTablesAreSeveralSpaces) {
  const Experiment e = parse(
      "[[search.space]]\n\"model.kernels\" = [8]\n[[search.space]]\n\"model.dropout\" = [0.1]\n");
  EXPECT_EQ(e.search.spaces.size(), 2u);
}

TEST(ExperimentSpace, ImpossibleValuesNamePathValueAndRange) {
  EXPECT_THAT(refusal("[search.space]\n\"model.dropout\" = [0.2, 1.5]\n"),
              AllOf(StartsWith("my.toml:2: search.space: model.dropout must be at most"),
                    HasSubstr("1.5")));
  EXPECT_THAT(refusal("[search.space]\n\"model.dropout\" = {uniform = [0.8, 0.7]}\n"),
              AllOf(StartsWith("my.toml:2: search.space: model.dropout"), HasSubstr("1.5")));
  EXPECT_THAT(refusal("[search.space]\n\"model.kernels\" = {randint = [0, 4]}\n"),
              StartsWith("my.toml:2: search.space: model.kernels must be at least 1"));
  EXPECT_THAT(refusal("[search.space]\n\"model.kernels\" = [\"many\"]\n"),
              StartsWith("my.toml:2: search.space: model.kernels"));
  EXPECT_THAT(refusal("[search.space]\n\"train.optimizer\" = [\"adam\", \"adamm\"]\n"),
              StartsWith("my.toml:2: search.space: train.optimizer"));
  EXPECT_THAT(refusal("[search.space]\n\"model.kernels\" = {uniform = [8, 8]}\n"),
              AllOf(StartsWith("my.toml:2: "), HasSubstr("whole numbers")));
}

TEST(ExperimentSpace, TheLastValueOfRandintIsNeverDrawnAndNeedNotBeAllowed) {
  EXPECT_EQ(refusal("[search.space]\n\"model.kernels\" = {randint = [1, 4097]}\n"), "");
  EXPECT_NE(refusal("[search.space]\n\"model.kernels\" = {randint = [1, 4098]}\n"), "");
}

TEST(ExperimentSpace, MalformedDimensionsAreRefused) {
  EXPECT_THAT(refusal("[search.space]\n\"model.kernel\" = [8]\n"),
              AllOf(StartsWith("my.toml:2: "), HasSubstr("did you mean model.kernels?")));
  EXPECT_THAT(refusal("[search.space]\nmodel.kernel = [8]\n"),
              AllOf(StartsWith("my.toml:2: "), HasSubstr("did you mean model.kernels?")));
  EXPECT_THAT(refusal("[search.space]\n\"data.dir\" = [\"x\"]\n"), HasSubstr("cannot be searched"));
  EXPECT_THAT(refusal("[search.space]\n\"model.kernels\" = []\n"), StartsWith("my.toml:2: "));
  EXPECT_THAT(refusal("[search.space]\n\"model.kernels\" = 8\n"), HasSubstr("list of values"));
  EXPECT_THAT(refusal("[search.space]\n\"model.kernels\" = {normal = [0, 1]}\n"),
              HasSubstr("list of values"));
  EXPECT_THAT(refusal("[search.space]\n\"model.dropout\" = {uniform = [0.1]}\n"),
              HasSubstr("two numbers"));
  EXPECT_THAT(refusal("[search.space]\n\"model.dropout\" = {uniform = [0.1, -1]}\n"),
              StartsWith("my.toml:2: "));
  EXPECT_THAT(refusal("[search.space]\n\"train.learning_rate\" = {loguniform = [0, 1]}\n"),
              StartsWith("my.toml:2: "));
  EXPECT_THAT(refusal("[search]\nspace = 3\n"), StartsWith("my.toml:2: search.space is a table"));
  EXPECT_THAT(refusal("[search.space]\n"), HasSubstr("search.space is empty"));
}

TEST(ExperimentSpace, EpochsCannotBeBothFixedAndSearched) {
  const std::string space = "[search.space]\n\"train.epochs\" = [2, 3]\n";
  EXPECT_EQ(refusal(space), "");
  EXPECT_THAT(refusal("[search]\nepochs = 4\n" + space), HasSubstr("search.epochs"));
}

TEST(ExperimentSpace, LayersOfACustomNetAreSearchable) {
  const std::string net = kCustomNet;
  EXPECT_EQ(refusal(net + "[search.space]\n\"model.layer.1.filters\" = [8, 12]\n"), "");
  EXPECT_THAT(refusal(net + "[search.space]\n\"model.kernels\" = [8, 12]\n"),
              HasSubstr("changes nothing in a custom model"));
}

TEST(ApplySettings, UnknownPathsNameTheNearest) {
  Experiment e;
  try {
    apply_text(e, "train.epoch=3");
    FAIL() << "should have thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "unknown option train.epoch; did you mean train.epochs?");
  }
  EXPECT_THROW(apply_text(e, "train.epochs"), Error);
  EXPECT_THROW(apply_text(e, "=3"), Error);
  EXPECT_THROW(apply_text(e, "train.epochs=many"), Error);
}

TEST(ApplySettings, ARefusedSettingChangesNothing) {
  Experiment e;
  const std::string before = to_toml(e);
  EXPECT_THROW(apply(e, {{"model.kernels", Value(std::int64_t{8})},
                         {"train.epochs", Value(std::int64_t{0})}}),
               Error);
  EXPECT_EQ(to_toml(e), before);
}

// --- to_toml and back, over many random experiments --------------------------------------------

void scramble_field(const Field& field, std::mt19937& random) {
  if (field.path == "name" || field.path == "search.error_score" || field.path == "model.name") {
    return;
  }
  if (field.path == "model.views") {
    return assign(field, Value(std::int64_t(random() % 2 == 0 ? 2 : 6)));
  }
  if (field.path == "train.class_weight") {
    return assign(field, Value(std::string(random() % 2 == 0 ? "balanced" : "{\"a b\" = 2.5}")));
  }
  const double low = std::max(field.min, -1000.0);
  const double high = std::min(field.max, 1000.0);
  const double drawn = std::uniform_real_distribution<double>(low, high)(random);
  if (!field.choices.empty()) {
    assign(field, Value(field.choices[random() % field.choices.size()]));
  } else if (std::holds_alternative<bool*>(field.target)) {
    assign(field, Value(random() % 2 == 0));
  } else if (std::holds_alternative<std::string*>(field.target)) {
    const std::vector<std::string> texts = {"",      "a b", "q\"uote\\", "tab\tnew\nline",
                                            "Größe", "#=["};
    assign(field, Value(texts[random() % texts.size()]));
  } else if (std::holds_alternative<std::vector<std::string>*>(field.target)) {
    const std::vector<Value> names = {Value(std::string("a b")), Value(std::string("Größe"))};
    if (random() % 2 == 0) assign(field, names);
  } else if (std::holds_alternative<double*>(field.target)) {
    assign(field, Value(drawn));
  } else if (std::holds_alternative<std::vector<int>*>(field.target)) {
    const std::size_t count = field.path == "image.size"         ? 2
                              : field.path == "image.background" ? 3
                                                                 : 2 + random() % 3;
    assign(field, std::vector<Value>(count, Value(std::int64_t(std::ceil(drawn)))));
  } else if (field.path == "image.channels") {
    assign(field, Value(std::int64_t(random() % 2 * 3)));
  } else {
    assign(field, Value(std::int64_t(std::floor(std::max(drawn, std::ceil(low))))));
  }
}

std::vector<Layer> random_layers(std::mt19937& random, int depth) {
  std::vector<Layer> layers;
  const std::vector<std::string> types = layer_types();
  for (std::size_t i = 0; i < 1 + random() % 4; ++i) {
    Layer layer = make_layer(types[random() % types.size()], "test");
    if (auto* residual = std::get_if<Residual>(&layer.kind)) {
      if (depth == 0) continue;
      residual->body = random_layers(random, depth - 1);
    }
    layers.push_back(layer);
  }
  if (layers.empty()) layers.push_back(make_layer("relu", "test"));
  return layers;
}

Experiment random_experiment(unsigned seed) {
  std::mt19937 random(seed);
  Experiment e;
  if (random() % 2 == 0) {
    e.model.name = "custom";
    e.model.layers = random_layers(random, 2);
  }
  for (const Field& field : fields_of(e)) scramble_field(field, random);
  for (std::size_t i = 0; i < random() % 3; ++i) {
    Space space = {{"train.batch", IntegerRange{1, std::int64_t(2 + random() % 100)}},
                   {"train.learning_rate", LogUniformRange{1e-5, 0.5 / double(1 + random() % 9)}},
                   {"train.optimizer", Choices{Value(std::string("adam"))}}};
    if (e.model.name == "seed") {
      space.insert(space.begin(),
                   {"model.dropout", UniformRange{0, 1.0 / double(2 + random() % 9)}});
      space.insert(space.begin() + 1,
                   {"model.l2", Choices{Value(1e-5), Value(std::int64_t{0}), Value(1.0)}});
    }
    e.search.spaces.push_back(space);
  }
  return e;
}

TEST(ExperimentToml, ReadsBackAsItWasForManyExperiments) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Experiment original = random_experiment(seed);
    const std::string text = to_toml(original);
    Experiment back = parse_experiment(text, fmt::format("seed {}", seed));
    ASSERT_EQ(to_toml(back), text);
    ASSERT_TRUE(back.model == original.model) << text;
    ASSERT_TRUE(back.train == original.train) << text;
    ASSERT_EQ(back.data.dir, original.data.dir) << text;
    ASSERT_EQ(back.search.spaces.size(), original.search.spaces.size()) << text;
  }
}

}  // namespace
}  // namespace tailor::internal
