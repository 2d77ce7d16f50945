#include "tailor/embed/neighbours/near_pairs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "tailor/core/error.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/embed/components/pca.hpp"
#include "tailor/embed/neighbours/neighbours.hpp"

namespace tailor::internal {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Pair = std::tuple<float, std::uint32_t, std::uint32_t>;

std::vector<Pair> plain(const NearPairs& near) {
  std::vector<Pair> pairs;
  for (const NearPair& p : near.pairs) pairs.push_back({p.distance, p.a, p.b});
  return pairs;
}

std::uint64_t squared_distance(const Bytes& images, std::size_t values, std::size_t a,
                               std::size_t b) {
  std::uint64_t sum = 0;
  for (std::size_t v = 0; v < values; ++v) {
    const int difference = int(images[a * values + v]) - int(images[b * values + v]);
    sum += std::uint64_t(difference * difference);
  }
  return sum;
}

std::vector<Pair> by_brute_force(const Bytes& images, std::size_t points, double threshold) {
  std::vector<Pair> pairs;
  for (std::size_t a = 0; a < points; ++a) {
    for (std::size_t b = a + 1; b < points; ++b) {
      const auto squared = squared_distance(images, images.size() / points, a, b);
      const double distance = std::sqrt(double(squared));
      if (squared > 0 && distance <= threshold)
        pairs.push_back({float(distance), std::uint32_t(a), std::uint32_t(b)});
    }
  }
  std::ranges::sort(pairs);
  return pairs;
}

NearPairs find(const Bytes& images, std::size_t points, int components, int k, double threshold,
               int threads = 2, std::size_t most = kMostNearPairs) {
  Engine engine(threads);
  const auto numbers = as_floats(images);
  const auto projected =
      project(fit_pca(numbers, points, components, engine), numbers, points, engine);
  const Neighbours neighbours = nearest_neighbours(projected, points, k, engine);
  return near_pairs(images, points, projected, neighbours, threshold, engine, most);
}

// 300 images of 90 values: blank ones with and without a speck, and copies of 12 pictures, many of
// them touched up.
constexpr std::size_t kPoints = 300, kValues = 90;
Bytes album() {
  const Rng rng(3, Purpose::kDraw);
  Bytes images(kPoints * kValues);
  for (std::size_t i = 0; i < kPoints; ++i) {
    const auto [picture, touch, speck, strength] = rng.words(i);
    std::uint8_t* image = &images[i * kValues];
    if (picture % 13 != 12) {
      for (std::size_t v = 0; v < kValues; ++v)
        image[v] = std::uint8_t(rng.words(1000 + picture % 13, std::uint32_t(v))[0]);
    }
    for (std::uint32_t t = 0; t < touch % 4; ++t)
      image[(speck + 7 * t) % kValues] = std::uint8_t(strength >> (8 * t));
  }
  return images;
}

TEST(NearPairs, AreThoseOfBruteForceWhereNeighboursAreFewAndWhereTheyAreMany) {
  const Bytes images = album();
  for (const double threshold : {1.0, 40.0, 150.0, 260.0}) {
    const auto expected = by_brute_force(images, kPoints, threshold);
    ASSERT_FALSE(threshold > 40 && expected.size() < 1000);
    for (const int k : {1, 40, 299})
      EXPECT_EQ(plain(find(images, kPoints, 20, k, threshold)), expected) << threshold << " " << k;
  }
}

TEST(NearPairs, OfFewerImagesThanTheyHaveValuesAreThoseOfBruteForce) {
  Bytes images = album();
  images.resize(60 * kValues);
  const auto expected = by_brute_force(images, 60, 150);
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(plain(find(images, 60, 59, 8, 150)), expected);
}

TEST(NearPairs, IncludeADistanceThatIsJustTheThreshold) {
  const Bytes images = album();
  const auto all = by_brute_force(images, kPoints, 200);
  const Pair middle = all[all.size() / 2];
  const double distance = std::sqrt(
      double(squared_distance(images, kValues, std::get<1>(middle), std::get<2>(middle))));
  EXPECT_EQ(plain(find(images, kPoints, 12, 30, distance)),
            by_brute_force(images, kPoints, distance));
  const double less = std::nextafter(distance, 0.0);
  EXPECT_EQ(plain(find(images, kPoints, 12, 30, less)), by_brute_force(images, kPoints, less));
  EXPECT_LT(find(images, kPoints, 12, 30, less).pairs.size(),
            find(images, kPoints, 12, 30, distance).pairs.size());
}

TEST(NearPairs, DoNotDependOnTheNumberOfThreads) {
  const Bytes images = album();
  EXPECT_EQ(plain(find(images, kPoints, 5, 9, 150, 1)), plain(find(images, kPoints, 5, 9, 150, 3)));
}

TEST(NearPairs, AreNoneBelowAThresholdOfOne) {
  EXPECT_TRUE(find(album(), kPoints, 5, 9, 0).pairs.empty());
  EXPECT_TRUE(find(album(), kPoints, 5, 9, 0.99).pairs.empty());
}

TEST(NearPairs, BeyondTheMostAreCountedAndTheNearestKept) {
  const Bytes images = album();
  const NearPairs all = find(images, kPoints, 5, 9, 150);
  ASSERT_EQ(all.count, std::int64_t(all.pairs.size()));
  const std::size_t most = all.pairs.size() / 4;
  for (const int threads : {1, 3}) {
    const NearPairs some = find(images, kPoints, 5, 9, 150, threads, most);
    EXPECT_EQ(some.count, all.count);
    ASSERT_EQ(some.pairs.size(), most);
    const auto nearest = plain(all);
    EXPECT_EQ(plain(some), std::vector(nearest.begin(), nearest.begin() + std::ptrdiff_t(most)));
  }
}

TEST(EqualPairs, AreAllPairsOfEachGroup) {
  const Bytes images = {1, 2, 9, 9, 1, 2, 9, 8, 9, 9, 1, 2, 2, 1};
  EXPECT_THAT(plain(equal_pairs(images, 7)),
              testing::ElementsAre(Pair(0, 0, 2), Pair(0, 0, 5), Pair(0, 1, 4), Pair(0, 2, 5)));
  EXPECT_TRUE(equal_pairs(images, 1).pairs.empty());
  const Bytes black(150, 0);  // a hundred among themselves, fifty more with the first
  EXPECT_EQ(equal_pairs(black, 150).pairs.size(), 100u * 99 / 2 + 50);
}

TEST(NearThreshold, IsAShareOfTheMedianDistanceToTheNearestThatDiffers) {
  // On a line at 0 0 3 7 100: the nearest that differ are at 3 3 3 4 93.
  const Bytes images = {0, 0, 3, 7, 100};
  Engine engine(1);
  const Neighbours neighbours = nearest_neighbours(as_floats(images), 5, 4, engine);
  EXPECT_DOUBLE_EQ(near_threshold(images, neighbours, 0.5, engine), 1.5);
  const Neighbours few = nearest_neighbours(as_floats(images), 5, 1, engine);
  EXPECT_DOUBLE_EQ(near_threshold(images, few, 1, engine), 4);  // 0 and 0 see only each other
}

TEST(NearThreshold, OfEqualImagesIsNothing) {
  const Bytes images(6, 50);
  Engine engine(1);
  const Neighbours neighbours = nearest_neighbours(as_floats(images), 6, 2, engine);
  EXPECT_EQ(near_threshold(images, neighbours, 0.2, engine), 0);
}

}  // namespace
}  // namespace tailor::internal
