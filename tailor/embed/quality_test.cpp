#include "tailor/embed/quality.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/json.hpp"
#include "tailor/embed/neighbours/neighbours.hpp"

namespace tailor::internal {
namespace {

using Floats = std::vector<float>;
using Labels = std::vector<Label>;

struct Case {
  std::size_t points;
  int dimensions;
  Floats data, map;
  Labels labels;
};

Case case_of(const Json& json) {
  return {json["points"], json["dimensions"], json["data"].get<Floats>(), json["map"].get<Floats>(),
          json["labels"].get<Labels>()};
}

Json golden_cases() {
  std::ifstream file(TAILOR_SOURCE_DIR "/tests/golden/embed_nearness.json");
  return Json::parse(file)["maps"];
}

MapQuality quality_of(const Case& c, int sampled, std::uint64_t seed, int threads) {
  Engine engine(threads);
  const int k = std::min(15, int(c.points) - 1);
  const Neighbours neighbours = nearest_neighbours(c.data, c.points, k, engine);
  return map_quality(c.data, neighbours, c.map, c.dimensions, c.labels, sampled, seed, engine);
}

TEST(MapQuality, EqualsScikitLearns) {
  const Json cases = golden_cases();
  ASSERT_EQ(cases.size(), 3u);
  for (const Json& golden : cases) {
    const Case c = case_of(golden);
    const MapQuality quality = quality_of(c, 0, 1, 2);
    EXPECT_EQ(quality.sampled, int(c.points));
    EXPECT_NEAR(quality.trustworthiness, golden["trustworthiness"].get<double>(), 1e-12);
    EXPECT_NEAR(quality.kept_neighbours, golden["kept_neighbours"].get<double>(), 1e-12);
    EXPECT_NEAR(quality.map_accuracy, golden["map_accuracy"].get<double>(), 1e-12);
    EXPECT_NEAR(quality.space_accuracy, golden["space_accuracy"].get<double>(), 1e-12);
  }
}

TEST(MapQuality, OfASampleIsASeededEstimate) {
  const Case c = case_of(golden_cases()[0]);
  const double all = quality_of(c, 0, 1, 1).trustworthiness;
  const MapQuality half = quality_of(c, 45, 1, 1);
  EXPECT_EQ(half.sampled, 45);
  EXPECT_NE(half.trustworthiness, all);
  EXPECT_NEAR(half.trustworthiness, all, 0.05);
  EXPECT_EQ(half.trustworthiness, quality_of(c, 45, 1, 3).trustworthiness);
  EXPECT_NE(half.trustworthiness, quality_of(c, 45, 2, 1).trustworthiness);
}

TEST(MapQuality, OfTheSpaceItselfIsPerfectThoughDistancesTie) {
  Case c{600, 2, {}, {}, {}};
  for (std::size_t i = 0; i < c.points; ++i) {
    c.data.push_back(float(i % 4));  // 16 places
    c.data.push_back(float(i / 4 % 4));
  }
  c.map = c.data;
  const MapQuality quality = quality_of(c, 0, 1, 2);
  EXPECT_EQ(quality.trustworthiness, 1);
  EXPECT_EQ(quality.kept_neighbours, 1);
}

TEST(MapQuality, OfTwoPointsIsPerfect) {
  const Case c{2, 2, {1, 2, 3, 4}, {0, 0, 1, 1}, {0, 0}};
  const MapQuality quality = quality_of(c, 0, 1, 1);
  EXPECT_EQ(quality.trustworthiness, 1);
  EXPECT_EQ(quality.map_accuracy, 1);
}

TEST(MapQuality, RefusesAMapOfOtherSize) {
  const Case c{3, 2, {1, 2, 3}, {0, 0, 1, 1}, {}};
  EXPECT_THROW(quality_of(c, 0, 1, 1), Error);
}

TEST(MajorityAccuracy, GivesTiesToTheLabelThatComesFirst) {
  // Point 0's neighbours vote 2 2 1 1; point 1's the other way round.
  const Neighbours neighbours{2, 4, {2, 3, 4, 5, 4, 5, 2, 3}, Floats(8)};
  const Labels labels = {2, 2, 2, 2, 1, 1};
  EXPECT_EQ(majority_accuracy(neighbours, 4, labels), 0.5);
  EXPECT_EQ(majority_accuracy(neighbours, 3, labels), 0.5);
  EXPECT_EQ(majority_accuracy(neighbours, 1, labels), 0.5);
}

}  // namespace
}  // namespace tailor::internal
