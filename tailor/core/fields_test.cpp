#include "tailor/core/fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tailor/core/error.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Options {
  bool nesterov = false;
  int epochs = 10;
  std::uint64_t seed = 1;
  double dropout = 0.5;
  std::string activation = "relu";
  std::string name;
  std::vector<int> kernel = {3, 3};
  std::vector<std::string> metrics;
};

FieldList fields_of(Options& o) {
  return {
      {.path = "nesterov", .target = &o.nesterov, .help = "look ahead"},
      {.path = "epochs", .target = &o.epochs, .help = "passes", .min = 1, .max = 1000},
      {.path = "seed", .target = &o.seed, .help = "of all randomness"},
      {.path = "dropout", .target = &o.dropout, .help = "share dropped", .min = 0, .max = 0.95},
      {.path = "activation", .target = &o.activation, .help = "", .choices = {"relu", "tanh"}},
      {.path = "name", .target = &o.name, .help = "any text"},
      {.path = "kernel", .target = &o.kernel, .help = "pixels", .min = 1},
      {.path = "metrics", .target = &o.metrics, .help = "", .choices = {"loss", "accuracy"}},
  };
}

class Fields : public ::testing::Test {
 protected:
  Fields() { append_fields(list, "train", fields_of(options)); }

  const Field& field(const std::string& name) { return *find_field(list, "train." + name); }

  std::string refusal(const std::string& name, const std::string& text) {
    return refusal_of([&] { assign_text(field(name), text); });
  }

  Options options;
  FieldList list;
};

TEST_F(Fields, AreFoundByTheirPrefixedPath) {
  EXPECT_EQ(list.size(), 8u);
  EXPECT_EQ(field("epochs").path, "train.epochs");
  EXPECT_EQ(find_field(list, "epochs"), nullptr);
}

TEST_F(Fields, TextSetsEveryKindOfTarget) {
  assign_text(field("nesterov"), "true");
  assign_text(field("epochs"), " 32 ");
  assign_text(field("seed"), "9223372036854775807");
  assign_text(field("dropout"), "0.25");
  assign_text(field("activation"), "tanh");
  assign_text(field("name"), "true");
  assign_text(field("kernel"), "[5,7 , 9]");
  assign_text(field("metrics"), "[\"loss\", accuracy]");
  EXPECT_TRUE(options.nesterov);
  EXPECT_EQ(options.epochs, 32);
  EXPECT_EQ(options.seed, 9223372036854775807u);
  EXPECT_EQ(options.dropout, 0.25);
  EXPECT_EQ(options.activation, "tanh");
  EXPECT_EQ(options.name, "true");
  EXPECT_THAT(options.kernel, ElementsAre(5, 7, 9));
  EXPECT_THAT(options.metrics, ElementsAre("loss", "accuracy"));
}

TEST_F(Fields, QuotesAreTakenOffText) {
  assign_text(field("name"), "\"a, \\\"b\\\"\"");
  EXPECT_EQ(options.name, "a, \"b\"");
  assign_text(field("name"), "'c\\d'");
  EXPECT_EQ(options.name, "c\\d");
  assign_text(field("name"), "");
  EXPECT_EQ(options.name, "");
}

TEST_F(Fields, EmptyListsAreLists) {
  assign_text(field("kernel"), "[ ]");
  EXPECT_THAT(options.kernel, IsEmpty());
}

TEST_F(Fields, IntegersAndDoublesMeetWhereTheyAreEqual) {
  assign(field("dropout"), Value(std::int64_t{0}));
  EXPECT_EQ(options.dropout, 0.0);
  assign(field("epochs"), Value(4.0));
  EXPECT_EQ(options.epochs, 4);
  EXPECT_EQ(refusal("epochs", "4.5"), "train.epochs must be a whole number, not 4.5");
  EXPECT_EQ(options.epochs, 4);
}

TEST_F(Fields, NumbersOutOfRangeAreRefusedWithTheBound) {
  EXPECT_EQ(refusal("epochs", "0"), "train.epochs must be at least 1, not 0");
  EXPECT_EQ(refusal("epochs", "1001"), "train.epochs must be at most 1000, not 1001");
  EXPECT_EQ(refusal("dropout", "0.96"), "train.dropout must be at most 0.95, not 0.96");
  EXPECT_EQ(refusal("seed", "-1"), "train.seed must be at least 0, not -1");
  EXPECT_EQ(refusal("kernel", "[3, 0]"), "train.kernel[1] must be at least 1, not 0");
  EXPECT_EQ(refusal("kernel", "[3000000000]"),
            "train.kernel[0] must be at most 2147483647, not 3000000000");
  EXPECT_THAT(options.kernel, ElementsAre(3, 3));
}

TEST_F(Fields, NumbersThatAreNoneAreRefused) {
  EXPECT_EQ(refusal("dropout", "nan"), "train.dropout must be a finite number, not nan");
  EXPECT_EQ(refusal("dropout", "inf"), "train.dropout must be a finite number, not inf");
  EXPECT_EQ(refusal("epochs", "1e300"), "train.epochs must be a whole number, not 1e+300");
  EXPECT_EQ(refusal("epochs", "12x"), "train.epochs must be a whole number, not \"12x\"");
  EXPECT_EQ(refusal("epochs", ""), "train.epochs must be a whole number, not \"\"");
}

TEST_F(Fields, ABoolIsNoNumberAndANumberIsNoBool) {
  EXPECT_EQ(refusal("epochs", "true"), "train.epochs must be a whole number, not true");
  EXPECT_EQ(refusal("dropout", "true"), "train.dropout must be a finite number, not true");
  EXPECT_EQ(refusal("nesterov", "1"), "train.nesterov must be true or false, not 1");
}

TEST_F(Fields, WrongChoicesAreRefusedWithTheNearest) {
  EXPECT_EQ(refusal("activation", "relux"),
            "train.activation must be one of relu, tanh, not \"relux\"; did you mean relu?");
  EXPECT_EQ(refusal("activation", "softplus"),
            "train.activation must be one of relu, tanh, not \"softplus\"");
  EXPECT_EQ(refusal("metrics", "[loss, acuracy]"),
            "train.metrics[1] must be one of loss, accuracy, not \"acuracy\"; did you mean "
            "accuracy?");
  EXPECT_THROW(assign(field("activation"), Value(std::int64_t{1})), Error);
}

TEST_F(Fields, ListsAndSingleValuesDoNotMix) {
  EXPECT_EQ(refusal("kernel", "3"), "train.kernel must be a list such as [a, b], not \"3\"");
  EXPECT_EQ(refusal("kernel", "[3,,3]"),
            "train.kernel has an empty or unfinished element in [3,,3]");
  EXPECT_EQ(refusal("epochs", "[3]"), "train.epochs must be a whole number, not \"[3]\"");
  EXPECT_THROW(assign(field("kernel"), Value(std::int64_t{3})), Error);
  EXPECT_THROW(assign(field("epochs"), std::vector<Value>{std::int64_t{3}}), Error);
}

TEST_F(Fields, ATextStaysAsItWasWhenRefused) {
  refusal("metrics", "[loss, wrong]");
  EXPECT_THAT(options.metrics, IsEmpty());
}

// Half a sequence, one in more bytes than it needs, half of a pair, beyond the last code point.
TEST_F(Fields, TextIsUtf8) {
  for (const char* text : {"caf\xe9", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_EQ(refusal("name", text), "train.name must be text in UTF-8");
    EXPECT_THROW(assign(field("name"), std::string(text)), Error);
  }
  EXPECT_EQ(refusal("name", "caf\xc3\xa9"), "");
  EXPECT_EQ(options.name, "caf\xc3\xa9");
}

TEST_F(Fields, PrintAsToml) {
  options.metrics = {"a\"b", "line\nend"};
  options.dropout = 1;
  EXPECT_EQ(to_toml(field("nesterov")), "false");
  EXPECT_EQ(to_toml(field("epochs")), "10");
  EXPECT_EQ(to_toml(field("seed")), "1");
  EXPECT_EQ(to_toml(field("dropout")), "1.0");
  EXPECT_EQ(to_toml(field("activation")), "\"relu\"");
  EXPECT_EQ(to_toml(field("kernel")), "[3, 3]");
  EXPECT_EQ(to_toml(field("metrics")), R"(["a\"b", "line\nend"])");
}

TEST_F(Fields, TomlTextReadsBackEqual) {
  options.name = "tab\t quote\" back\\slash";
  options.metrics = {"loss"};
  const Options before = options;
  for (const Field& each : list) assign_text(each, to_toml(each));
  EXPECT_EQ(options.name, before.name);
  EXPECT_EQ(options.metrics, before.metrics);
  EXPECT_EQ(options.kernel, before.kernel);
  EXPECT_EQ(options.dropout, before.dropout);
}

TEST_F(Fields, TellTheirType) {
  EXPECT_EQ(type_text(field("nesterov")), "true|false");
  EXPECT_EQ(type_text(field("epochs")), "int");
  EXPECT_EQ(type_text(field("seed")), "int");
  EXPECT_EQ(type_text(field("dropout")), "number");
  EXPECT_EQ(type_text(field("name")), "text");
  EXPECT_EQ(type_text(field("activation")), "relu|tanh");
  EXPECT_EQ(type_text(field("kernel")), "[int, ...]");
  EXPECT_EQ(type_text(field("metrics")), "[loss|accuracy, ...]");
}

TEST(NearestName, IsTheOneWithFewestEdits) {
  const std::vector<std::string> known = {"epochs", "batch_size", "learning_rate"};
  EXPECT_EQ(nearest_name("epoch", known), "epochs");
  EXPECT_EQ(nearest_name("bacth_size", known), "batch_size");
  EXPECT_EQ(nearest_name("epochs", known), "epochs");
}

TEST(NearestName, IsEmptyWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("momentum", {"epochs", "seed"}), "");
  EXPECT_EQ(nearest_name("abc", {"abx"}), "abx");  // one letter of three
  EXPECT_EQ(nearest_name("abc", {"abxy"}), "");
  EXPECT_EQ(nearest_name("conv", {"conv2d", "dense"}), "conv2d");  // the only one that begins so
  EXPECT_EQ(nearest_name("conv", {"conv2d", "conv3d"}), "");
  EXPECT_EQ(nearest_name("sede", {"seed"}), "seed");  // neighbours that changed places count once
  EXPECT_EQ(nearest_name("loss", {"epochs", "batch_size", "nesterov"}), "");
  EXPECT_EQ(nearest_name("x", {"y"}), "");
  EXPECT_EQ(nearest_name("epochs", {}), "");
}

}  // namespace
}  // namespace tailor::internal
