#include "tailor/embed/components/pca.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "tailor/core/json.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using Floats = std::vector<float>;

Json golden_cases() {
  std::ifstream file(TAILOR_SOURCE_DIR "/tests/golden/embed_nearness.json");
  return Json::parse(file)["pca"];
}

void expect_near(const Floats& actual, const Floats& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    EXPECT_NEAR(actual[i], expected[i], tolerance) << "number " << i;
}

std::string message_of(const Floats& data, std::size_t points, int components) {
  Engine engine(1);
  return refusal_of([&] { fit_pca(data, points, components, engine); });
}

TEST(Pca, EqualsScikitLearns) {
  Engine engine(2);
  const Json cases = golden_cases();
  ASSERT_EQ(cases.size(), 3u);
  for (const Json& c : cases) {
    const auto data = c["data"].get<Floats>();
    const std::size_t points = c["points"];
    const auto variance = c["variance"].get<std::vector<double>>();
    const Pca pca = fit_pca(data, points, int(variance.size()), engine);
    ASSERT_EQ(pca.components, int(variance.size()));
    for (std::size_t i = 0; i < variance.size(); ++i)
      EXPECT_NEAR(pca.variance[i], variance[i], 1e-5 * variance[0]);
    expect_near(pca.mean, c["mean"].get<Floats>(), 1e-6);
    expect_near(pca.directions, c["directions"].get<Floats>(), 1e-4);
    expect_near(project(pca, data, points, engine), c["projected"].get<Floats>(), 1e-3);
  }
}

// Two points at +-a_i on each axis i: the covariance is diagonal, and known.
TEST(Pca, FindsTheFirstAxesOfManyWidePoints) {
  constexpr std::size_t kAxes = 1540;  // more than are solved whole
  constexpr int kWanted = 7;
  Floats data(2 * kAxes * kAxes);
  std::vector<double> length;
  for (std::size_t i = 0; i < kAxes; ++i) {
    length.push_back(1 + 9 * std::pow(0.8, double(i)));
    const std::size_t axis = (i * 101) % kAxes;  // shuffled
    data[2 * i * kAxes + axis] = float(length[i]) + 5;
    data[(2 * i + 1) * kAxes + axis] = -float(length[i]) + 5;
    for (std::size_t other = 0; other < 2 * kAxes; ++other) {
      if (other / 2 != i) data[other * kAxes + axis] = 5;
    }
  }
  Engine engine(2);
  const Pca pca = fit_pca(data, 2 * kAxes, kWanted, engine);
  ASSERT_EQ(pca.components, kWanted);
  for (std::size_t i = 0; i < kWanted; ++i) {
    const double variance = 2 * length[i] * length[i] / (2 * kAxes - 1);
    EXPECT_NEAR(pca.variance[i], variance, 1e-5 * variance);
    EXPECT_GT(pca.directions[i * kAxes + (i * 101) % kAxes], 0.999f);
  }
  Engine other(3);
  EXPECT_EQ(pca.directions, fit_pca(data, 2 * kAxes, kWanted, other).directions);
}

TEST(Pca, OfPointsOnALineHasOneComponent) {
  const Floats data = {1, 2, 3, 2, 4, 6, 3, 6, 9, -1, -2, -3};
  Engine engine(1);
  const Pca pca = fit_pca(data, 4, 3, engine);
  EXPECT_EQ(pca.components, 1);
  EXPECT_NEAR(pca.directions[2], 3 / std::sqrt(14.0), 1e-6);
}

TEST(Pca, OfEqualPointsHasNoComponent) {
  Engine engine(1);
  const Floats data(5 * 3, 4.f);
  const Pca pca = fit_pca(data, 5, 2, engine);
  EXPECT_EQ(pca.components, 0);
  EXPECT_TRUE(project(pca, data, 5, engine).empty());
}

TEST(Pca, DoesNotDependOnTheNumberOfThreads) {
  const Json c = golden_cases()[0];
  Floats data;
  for (int copy = 0; copy < 20; ++copy) {  // several blocks
    for (const float x : c["data"].get<Floats>()) data.push_back(x * float(copy + 1));
  }
  Engine one(1), three(3);
  const Pca a = fit_pca(data, 1400, 9, one);
  const Pca b = fit_pca(data, 1400, 9, three);
  EXPECT_EQ(a.directions, b.directions);
  EXPECT_EQ(a.variance, b.variance);
  EXPECT_EQ(project(a, data, 1400, one), project(a, data, 1400, three));
}

TEST(Pca, RefusesWhatHasNoDirections) {
  using testing::HasSubstr;
  EXPECT_THAT(message_of({1, 2}, 1, 1), HasSubstr("at least 2 points, not 1"));
  EXPECT_THAT(message_of({1, 2, 3, 4}, 2, 0), HasSubstr("at least 1 component, not 0"));
  EXPECT_THAT(message_of({1, 2, 3}, 2, 1), HasSubstr("no whole rows"));
  EXPECT_THAT(message_of({1, 2, 3, std::numeric_limits<float>::quiet_NaN()}, 2, 1),
              HasSubstr("value 1 of point 1 is not a finite number"));
}

}  // namespace
}  // namespace tailor::internal
