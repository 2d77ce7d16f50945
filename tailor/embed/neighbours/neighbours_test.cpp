#include "tailor/embed/neighbours/neighbours.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tailor/core/random/rng.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using Floats = std::vector<float>;

// Sums of squares of small multiples of 1/64 are exact in double, in any order.
Neighbours by_brute_force(const Floats& data, std::size_t points, int k) {
  const std::size_t values = data.size() / points;
  Neighbours out{points, k, {}, {}};
  for (std::size_t i = 0; i < points; ++i) {
    std::vector<std::pair<float, std::uint32_t>> all;
    for (std::size_t j = 0; j < points; ++j) {
      double sum = 0;
      for (std::size_t v = 0; v < values; ++v)
        sum += std::pow(double(data[i * values + v]) - double(data[j * values + v]), 2);
      if (j != i) all.push_back({float(std::sqrt(sum)), std::uint32_t(j)});
    }
    std::ranges::sort(all);
    for (int m = 0; m < k; ++m) {
      out.distance.push_back(all[std::size_t(m)].first);
      out.index.push_back(all[std::size_t(m)].second);
    }
  }
  return out;
}

// Integers 0 .. levels - 1 in units of `unit`, beside `offset`: few levels make many ties.
Floats lattice(std::size_t count, int levels, float unit, float offset) {
  const Rng rng(7, Purpose::kDraw);
  Floats data(count);
  for (std::size_t i = 0; i < count; ++i)
    data[i] = offset + unit * float(int(rng.uniform(i) * levels));
  return data;
}

void expect_brute_force(const Floats& data, std::size_t points, int k) {
  Engine engine(2);
  const Neighbours found = nearest_neighbours(data, points, k, engine);
  const Neighbours expected = by_brute_force(data, points, k);
  EXPECT_EQ(found.points, points);
  EXPECT_EQ(found.k, k);
  EXPECT_EQ(found.index, expected.index);
  EXPECT_EQ(found.distance, expected.distance);
}

std::string message_of(const Floats& data, std::size_t points, int k) {
  Engine engine(1);
  return refusal_of([&] { nearest_neighbours(data, points, k, engine); });
}

TEST(Neighbours, AreThoseOfBruteForceOverSeveralBlocks) {
  expect_brute_force(lattice(1500 * 20, 1000, 1 / 64.f, 0), 1500, 30);
}

TEST(Neighbours, OfManyEqualDistancesComeByIndex) {
  const Floats data = lattice(300 * 3, 3, 1, 0);
  for (const int k : {1, 10, 298, 299}) expect_brute_force(data, 300, k);
}

TEST(Neighbours, OfEqualPointsAreTheFirst) {
  expect_brute_force(Floats(200 * 4, 3.f), 200, 5);
}

TEST(Neighbours, OnALineAndOfTwoPoints) {
  expect_brute_force(lattice(1100, 400, 1, -100), 1100, 7);
  expect_brute_force({5, 5}, 2, 1);
}

// |a|^2 + |b|^2 - 2ab of these, in float, is off by more than the distances.
TEST(Neighbours, FarFromTheOriginAreStillExact) {
  expect_brute_force(lattice(500 * 8, 40, 1 / 64.f, 10000), 500, 12);
}

TEST(Neighbours, BesideOnePointFarAwayAreStillExact) {
  Floats data = lattice(700 * 5, 100, 1 / 64.f, 0);
  for (std::size_t v = 0; v < 5; ++v) data[17 * 5 + v] = 1e6;
  expect_brute_force(data, 700, 9);
}

TEST(Neighbours, DoNotDependOnTheScale) {
  const Floats data = lattice(400 * 6, 50, 1, 0);
  Engine engine(1);
  const Neighbours plain = nearest_neighbours(data, 400, 8, engine);
  for (const float scale : {0x1p-90f, 0x1p90f}) {
    Floats scaled = data;
    for (float& x : scaled) x *= scale;
    EXPECT_EQ(nearest_neighbours(scaled, 400, 8, engine).index, plain.index) << scale;
  }
}

TEST(Neighbours, DoNotDependOnTheNumberOfThreads) {
  const Floats data = lattice(1000 * 11, 200, 1 / 64.f, 3);
  Engine one(1), three(3);
  const Neighbours a = nearest_neighbours(data, 1000, 20, one);
  const Neighbours b = nearest_neighbours(data, 1000, 20, three);
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.distance, b.distance);
}

TEST(Neighbours, RefuseWhatHasNone) {
  using testing::HasSubstr;
  EXPECT_THAT(message_of({1, 2, 3}, 3, 3), HasSubstr("1 to 2 neighbours each, not 3"));
  EXPECT_THAT(message_of({1, 2, 3}, 3, 0), HasSubstr("not 0"));
  EXPECT_THAT(message_of({1}, 1, 1), HasSubstr("a single point has no neighbours"));
  EXPECT_THAT(message_of({}, 0, 1), HasSubstr("no points"));
  EXPECT_THAT(message_of({1, std::numeric_limits<float>::infinity()}, 2, 1),
              HasSubstr("value 0 of point 1"));
}

}  // namespace
}  // namespace tailor::internal
