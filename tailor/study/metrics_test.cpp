#include "tailor/study/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

Metrics some_metrics() {
  Metrics m;
  m.first.params = {{"model.kernels", std::int64_t(32)}, {"model.dropout", 0.4}};
  m.first.epochs = 15;
  m.first.train_accuracy = 0.9;
  m.first.test_loss = 1.0 / 3;
  m.final.params = {{"train.optimizer", std::string("adam")}, {"train.nesterov", true}};
  m.final.confusion = {{3, 1}, {0, 4}};
  m.final.per_class = {{"bag", 1, 0.75, 0.857, 4}, {"coat", 0.8, 1, 0.889, 4}};
  m.final.macro = {"macro avg", 0.9, 0.875, 0.873, 8};
  m.final.calibration = {1.1, 1800, {0.01, 0.2, 0.1}, {0.005, 0.19, 0.1}};
  m.search = {"random", m.first.params, 0.89, 0.0016, 3, 8, 3};
  m.data = {"abc", "Fashion-MNIST", 60000, 10000, "28x28x1", 2, std::nullopt};
  Explored& explored = m.data.checked.emplace();
  explored.findings.near_duplicates = 45;
  explored.findings.near_duplicates_across = 12;
  explored.findings.label_suspects = 7;
  explored.findings.label_source = "three folds";
  explored.maps = {{"raw", "t-SNE", 1, 2, 3}};
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
  const Json again = to_json(metrics_from_json(Json::parse(json.dump(2)), "metrics.json"));
  EXPECT_EQ(again.dump(2), json.dump(2));
}

TEST(Metrics, KeepANumberThatIsNone) {
  Metrics m = some_metrics();
  m.first.test_loss = std::numeric_limits<double>::quiet_NaN();
  const Metrics read = metrics_from_json(Json::parse(to_json(m).dump()), "metrics.json");
  EXPECT_TRUE(std::isnan(read.first.test_loss));
}

TEST(Metrics, RefuseWhatNoRunWrites) {
  const auto refused = [](const Json& json) {
    try {
      metrics_from_json(json, "runs/a/metrics.json");
    } catch (const Error& error) {
      return std::string(error.what()).starts_with("runs/a/metrics.json is not what a run writes");
    }
    return false;
  };
  EXPECT_TRUE(refused(Json::array()));
  EXPECT_TRUE(refused(changed([](Json& j) { j.erase("search"); })));
  EXPECT_TRUE(refused(changed([](Json& j) { j["final"]["test_accuracy"] = "high"; })));
  EXPECT_TRUE(refused(changed([](Json& j) { j["final"]["confusion"][1].erase(0); })));
  EXPECT_TRUE(refused(changed([](Json& j) { j["final"]["per_class"].erase(0); })));
  EXPECT_TRUE(refused(changed([](Json& j) { j["first"]["params"] = {{"a", Json::array()}}; })));
  EXPECT_TRUE(refused(changed([](Json& j) { j["data"]["classes"] = 3; })));
  EXPECT_FALSE(refused(changed([](Json&) {})));
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
