#include "tailor/core/json_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tailor/core/json.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

JsonReader read(const std::string& text) {
  return {text, "f.json", "look again"};
}

template <typename Look>
std::string refused(const std::string& text, Look look) {
  return refusal_of([&] { look(read(text)); });
}

TEST(JsonReaderTest, GivesWhatIsAskedFor) {
  const JsonReader json = read(R"({"a": {"b": [1, 0.5, "x", null, true]}})");
  const auto list = json.at("a").at("b").list(5);
  EXPECT_EQ(list[0].whole(10), 1);
  EXPECT_EQ(list[1].number(0, 1), 0.5);
  EXPECT_EQ(list[2].text(), "x");
  EXPECT_TRUE(std::isnan(list[3].number_or_nan(0, 1)));
  EXPECT_EQ(list[4].value(), Value(true));
  EXPECT_EQ(list[0].value(), Value(std::int64_t(1)));
  EXPECT_FALSE(json.find("c").has_value());
  const Settings settings = {{"x", 1.0}, {"y", std::int64_t(-1)}, {"z", std::string("text")}};
  EXPECT_EQ(read(R"({"x": 1.0, "y": -1, "z": "text"})").settings(), settings);
}

TEST(JsonReaderTest, SaysWhatDoesNotFitAndWhere) {
  const auto a = [](const JsonReader& json) { json.at("a").at("b").number(0, 1); };
  EXPECT_EQ(refused("{}", a), "f.json: it lacks a; look again");
  EXPECT_EQ(refused(R"({"a": {}})", a), "f.json: a lacks b; look again");
  EXPECT_EQ(refused(R"({"a": []})", a), "f.json: a is a list of 0, not an object; look again");
  EXPECT_EQ(refused(R"({"a": {"b": 2}})", a),
            "f.json: a.b is 2, which is not within 0 and 1; look again");
  EXPECT_EQ(refused(R"({"a": {"b": null}})", a), "f.json: a.b is null, not a number; look again");
  const auto item = [](const JsonReader& json) { json.list()[1].whole(3, 1); };
  EXPECT_EQ(refused("[1, -2]", item),
            "f.json: [1] is -2, not a whole number within 1 and 3; look again");
  EXPECT_EQ(refused("[1, 2.5]", item),
            "f.json: [1] is 2.5, not a whole number within 1 and 3; look again");
  EXPECT_NE(refused("[1, 18446744073709551615]", item), "");
  EXPECT_NE(refused("[18446744073709551616]", [](const JsonReader& j) { j.list()[0].value(); }),
            "-");
}

TEST(JsonReaderTest, TakesNoTextWithoutEnd) {
  const auto nothing = [](const JsonReader&) {};
  EXPECT_EQ(refused(std::string(60'000, '['), nothing),
            "f.json: it has lists in lists, more than 256 deep; look again");
  EXPECT_EQ(refused("\"" + std::string(60'000, '[') + "\"", nothing), "");
  EXPECT_NE(refused(std::string(17'000'000, ' '), nothing), "");
  EXPECT_EQ(refused("{\"a\": 1", nothing), "f.json: it is no JSON; look again");
  const auto text = [](const JsonReader& json) { json.text(); };
  EXPECT_EQ(refused("\"" + std::string(2'000, 'x') + "\"", text),
            "f.json: it has 2000 bytes, more than 1000; look again");
}

// A list of keys would be searched from its beginning for each of them.
TEST(JsonReaderTest, AMillionKeysAreReadAtOnce) {
  std::string text = "{\"k\": 0";
  for (int i = 0; i < 1'000'000; ++i) text += ",\"" + std::to_string(i) + "\":0";
  EXPECT_EQ(read(text + "}").at("999999").whole(0), 0);
}

TEST(JsonText, NeverThrowsAndNeverSteersATerminal) {
  const Json json = {{"name", "\x1b[31m\a\xC2\x9B\xE2\x80\xAE\x7F"}, {"path", "d\xE9"}};
  const std::string text = json_text(json);
  EXPECT_EQ(text, R"({"name":"\u001b[31m\u0007\u009b\u202e\u007f","path":"d)"
                  "\xEF\xBF\xBD\"}");
  EXPECT_EQ(Json::parse(text)["name"], json["name"]);
  EXPECT_EQ(json_text(Json({{"a", {1, 2}}}), 2), Json({{"a", {1, 2}}}).dump(2));
}

}  // namespace
}  // namespace tailor::internal
