#include "tailor/core/value.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace tailor::internal {
namespace {

using std::string_literals::operator""s;

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Value, FloatsPrintAsPythonRepr) {
  const std::pair<double, const char*> cases[] = {
      {0.1, "0.1"},
      {1e-05, "1e-05"},
      {1.5e-5, "1.5e-05"},
      {0.0001, "0.0001"},
      {1e16, "1e+16"},
      {1e15, "1000000000000000.0"},
      {9999999999999998.0, "9999999999999998.0"},
      {123456789.0, "123456789.0"},
      {1.0, "1.0"},
      {-2.5, "-2.5"},
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0 / 3, "0.3333333333333333"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {kInf, "inf"},
      {-kInf, "-inf"},
      {std::numeric_limits<double>::quiet_NaN(), "nan"},
  };
  for (const auto& [number, text] : cases) {
    EXPECT_EQ(to_python(Value(number)), text);
    EXPECT_EQ(to_text(Value(number)), text);
  }
}

TEST(Value, IntegersAndBoolsPrintAsPythonRepr) {
  EXPECT_EQ(to_python(Value(std::int64_t{32})), "32");
  EXPECT_EQ(to_python(Value(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(to_python(Value(true)), "True");
  EXPECT_EQ(to_python(Value(false)), "False");
}

TEST(Value, StringsPrintAsPythonReprWithTheQuoteThatNeedsNoEscape) {
  EXPECT_EQ(to_python(Value("relu"s)), "'relu'");
  EXPECT_EQ(to_python(Value("it's"s)), "\"it's\"");
  EXPECT_EQ(to_python(Value("say \"no\""s)), "'say \"no\"'");
  EXPECT_EQ(to_python(Value("'\""s)), "'\\'\"'");
  EXPECT_EQ(to_python(Value("a\\b\n\t\r\x01\x7f"s)), "'a\\\\b\\n\\t\\r\\x01\\x7f'");
  EXPECT_EQ(to_python(Value("größe"s)), "'größe'");
}

TEST(Value, TextIsWhatAPersonTypes) {
  EXPECT_EQ(to_text(Value(true)), "true");
  EXPECT_EQ(to_text(Value(std::int64_t{-7})), "-7");
  EXPECT_EQ(to_text(Value("it's"s)), "it's");
}

TEST(Value, SettingsPrintAsAPythonDictOrderedByPath) {
  const Settings settings = {{"model.kernels", std::int64_t{32}}, {"model.dropout", 0.4}};
  EXPECT_EQ(to_python(settings), "{'model.dropout': 0.4, 'model.kernels': 32}");
  EXPECT_EQ(to_python(Settings{}), "{}");
}

}  // namespace
}  // namespace tailor::internal
