#include "tailor/study/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

Metrics some_metrics() {
  Metrics m;
  m.first.params = {{"model.kernels", std::int64_t(32)}, {"model.dropout", 0.4}};
  m.first.epochs = 15;
  m.first.train_accuracy = 0.9;
  m.first.test_loss = 1.0 / 3;
  m.first.test_f1_macro = 0.5;
  m.final.params = {{"train.optimizer", std::string("adam")}, {"train.nesterov", true}};
  m.final.confusion = {{3, 1}, {0, 4}};
  m.final.per_class = {{"bag", 1, 0.75, 0.857, 4}, {"coat", 0.8, 1, 0.889, 4}};
  m.final.macro = {"macro avg", 0.9, 0.875, 0.873, 8};
  m.final.calibration = {1.1, 1800, {0.01, 0.2, 0.1}, {0.005, 0.19, 0.1}};
  m.search = {"random", m.first.params, 0.89, 0.0016, 3, 8, 3};
  m.data = {"abc", "Fashion-MNIST", 60000, 10000, "28x28x1", 2, 1, 2, 5, 3, std::nullopt};
  Explored& explored = m.data.checked.emplace();
  explored.findings.near_duplicates = 45;
  explored.findings.near_duplicates_across = 12;
  explored.findings.label_suspects = 7;
  explored.findings.label_source = "three folds";
  explored.maps = {{"raw", "t-SNE", 1.5, 0.9, 0.8}};
  return m;
}

// The text of metrics.json with one value changed.
template <typename Change>
Json changed(Change change) {
  Json json = to_json(some_metrics());
  change(json);
  return json;
}

TEST(Metrics, AreReadAsTheyWereWritten) {
  const Json json = to_json(some_metrics());
  const Json again = to_json(parse_metrics(json.dump(2), "metrics.json"));
  EXPECT_EQ(again.dump(2), json.dump(2));
}

TEST(Metrics, KeepANumberThatIsNone) {
  Metrics m = some_metrics();
  m.first.test_loss = std::numeric_limits<double>::quiet_NaN();
  const Metrics read = parse_metrics(to_json(m).dump(), "metrics.json");
  EXPECT_TRUE(std::isnan(read.first.test_loss));
}

TEST(Metrics, TellOfAFirstModelThatFailedAndOfFailedTrainings) {
  Metrics m = some_metrics();
  m.first.failed = "training diverged in epoch 1: the loss of step 2 is no number";
  m.first.test_accuracy = m.first.train_accuracy = std::numeric_limits<double>::quiet_NaN();
  m.search.failed = {{1, 0, "too large"}};
  m.final.calibration.kept = "all kept-out images are right";
  const Json json = Json::parse(to_json(m).dump());
  EXPECT_TRUE(json.at("first").at("test_accuracy").is_null());
  const Metrics read = parse_metrics(json.dump(), "metrics.json");
  EXPECT_EQ(to_json(read).dump(), to_json(m).dump());
  EXPECT_EQ(result_rows(read)[2].ours, "diverged");
  EXPECT_EQ(read.search.failed.at(0).error, "too large");
}

TEST(Metrics, ShowBothTrainingAccuracies) {
  Metrics m = some_metrics();
  m.first.train_accuracy_evaluated = 0.95;
  EXPECT_EQ(result_rows(m)[0].figure, "First model, train accuracy, running");
  EXPECT_EQ(result_rows(m)[1].figure, "First model, train accuracy, evaluated");
  EXPECT_EQ(result_rows(m)[1].ours, "95.00 % (15 epochs)");
}

// What parse_metrics says of this.
std::string metrics_refusal(const Json& json) {
  return refusal_of([&] { parse_metrics(json.dump(), "runs/a/metrics.json"); });
}

TEST(Metrics, SayWhatNoRunWritesAndWhere) {
  const auto refused = [](auto change) {
    const std::string message = metrics_refusal(changed(change));
    const std::string begin = "runs/a/metrics.json: ", end =
                                                           "; move it away and run again: it is "
                                                           "made anew of the trained models";
    EXPECT_TRUE(message.starts_with(begin) && message.ends_with(end)) << message;
    return message.substr(begin.size(), message.size() - begin.size() - end.size());
  };
  EXPECT_EQ(refused([](Json& j) { j = Json::array(); }), "it is a list of 0, not an object");
  EXPECT_EQ(refused([](Json& j) { j.erase("search"); }), "it lacks search");
  EXPECT_EQ(refused([](Json& j) { j["final"].erase("epochs"); }), "final lacks epochs");
  EXPECT_EQ(refused([](Json& j) { j["final"]["test_accuracy"] = "high"; }),
            "final.test_accuracy is text, not a number");
  EXPECT_EQ(refused([](Json& j) { j["final"]["test_accuracy"] = 1.5; }),
            "final.test_accuracy is 1.5, which is not within 0 and 1");
  EXPECT_EQ(refused([](Json& j) { j["final"]["confusion"][1].erase(0); }),
            "final.confusion[1] is a list of 1, not one of 2");
  EXPECT_EQ(refused([](Json& j) { j["final"]["confusion"][1][0] = -1; }),
            "final.confusion[1][0] is -1, not a whole number within 0 and 2147483647");
  EXPECT_EQ(refused([](Json& j) { j["final"]["per_class"].erase(0); }),
            "final.per_class is a list of 1, not one of 2");
  EXPECT_EQ(refused([](Json& j) {
              j["first"]["params"] = {{"a", Json::array()}};
            }),
            "first.params.a is a list of 0, not a number");
  EXPECT_EQ(refused([](Json& j) { j["data"]["classes"] = 3; }),
            "final.confusion is a list of 2, not one of 3");
  EXPECT_EQ(refused([](Json& j) { j["search"]["best_index"] = 8; }),
            "search.best_index is 8, not a whole number within 0 and 7");
  EXPECT_EQ(metrics_refusal(changed([](Json&) {})), "");
}

// Whatever is changed, wherever: metrics that can be drawn, or one line that names the file.
TEST(Metrics, AnyOneChangeIsRefusedOrHarmless) {
  std::vector<Json> strange = {nullptr,
                               -1,
                               1e300,
                               0.5,
                               "x",
                               true,
                               0,
                               1,
                               Json::array(),
                               Json::object(),
                               Json({1, 2, 3}),
                               std::uint64_t(-1)};
  const Json good = to_json(some_metrics());
  const Json leaves = good.flatten();
  int refused = 0, tried = 0;
  const auto look_at = [&](const Json& broken) {
    const std::string message = metrics_refusal(broken);
    EXPECT_TRUE(message.empty() || message.starts_with("runs/a/metrics.json: ")) << message;
    if (!message.empty()) ++refused;
    ++tried;
  };
  for (const auto& [place, unused] : leaves.items()) {
    for (std::string path = place; !path.empty(); path.resize(path.rfind('/'))) {
      const Json::json_pointer pointer(path);
      for (const Json& instead : strange) {
        Json broken = good;
        broken[pointer] = instead;
        look_at(broken);
      }
      Json broken = good;
      Json& parent = broken[pointer.parent_pointer()];
      if (parent.is_object()) parent.erase(pointer.back());
      if (parent.is_array()) parent.erase(std::stoul(pointer.back()));
      look_at(broken);
    }
  }
  EXPECT_GT(refused, tried / 2);
}

TEST(Metrics, DeepOrBrokenTextIsRefused) {
  const std::string deep = std::string(60'000, '[') + std::string(60'000, ']');
  for (const std::string& text :
       {deep, std::string(60'000, '['), std::string("{\"a\": 1"), std::string(),
        "{\"data\": " + deep + "}", std::string("{\"data\": \"\xFF\"}"),
        std::string("{\"data\": 1e999}")}) {
    EXPECT_THAT(refusal_of([&] { parse_metrics(text, "m.json"); }),
                testing::StartsWith("m.json: "));
  }
}

TEST(Metrics, StandBesideTheNotebooksOnTheSameImagesOnly) {
  Metrics m = some_metrics();
  EXPECT_EQ(result_rows(m).front().notebook, "90 % (15 epochs)");
  EXPECT_EQ(result_rows(m).front().ours, "90.00 % (15 epochs)");
  m.data.train_images = 6000;
  EXPECT_EQ(result_rows(m).front().ours, "90.00 % (15 epochs, 6,000 images)");
  EXPECT_EQ(result_rows(m).front().notebook, "");  // it trained on 60,000
  m.data.release = "";
  EXPECT_EQ(result_rows(m).front().notebook, "");
}

}  // namespace
}  // namespace tailor::internal
