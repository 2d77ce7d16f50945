#include "tailor/embed/tsne/affinities.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/json.hpp"

namespace tailor::internal {
namespace {

Team team(2);

std::vector<double> dense(const Affinities& affinities) {
  const std::size_t n = affinities.points();
  std::vector<double> out(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t e = affinities.row_start[i]; e < affinities.row_start[i + 1]; ++e) {
      out[i * n + affinities.column[e]] += double(affinities.value[e]);
    }
  }
  return out;
}

// Every point is 1 from every other: no perplexity but k can be reached.
Neighbours equally_far(std::size_t points, float distance) {
  Neighbours out;
  out.points = points;
  out.k = int(points) - 1;
  for (std::uint32_t i = 0; i < points; ++i) {
    for (std::uint32_t j = 0; j < points; ++j) {
      if (i != j) out.index.push_back(j);
    }
  }
  out.distance.assign(out.index.size(), distance);
  return out;
}

Neighbours golden_neighbours(const Json& golden) {
  Neighbours out;
  out.k = golden["k"];
  out.index = golden["index"].get<std::vector<std::uint32_t>>();
  out.distance = golden["distance"].get<std::vector<float>>();
  out.points = out.index.size() / std::size_t(out.k);
  return out;
}

Json golden() {
  return Json::parse(read_text(TAILOR_SOURCE_DIR "/tests/golden/tsne.json"));
}

TEST(Affinities, EqualOpenTsnes) {
  const Json expected = golden();
  const Affinities ours = affinities(golden_neighbours(expected), expected["perplexity"], team);
  const std::vector<double> p = dense(ours);
  ASSERT_EQ(p.size(), expected["p"].size());
  double entropy = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double wanted = expected["p"][i];
    EXPECT_NEAR(p[i], wanted, 1e-9 + 1e-6 * wanted) << i;
    if (wanted > 0) entropy -= wanted * std::log(wanted);
  }
  EXPECT_NEAR(std::reduce(p.begin(), p.end()), 1, 1e-6);
  EXPECT_NEAR(ours.entropy, entropy, 1e-5);
}

TEST(Affinities, EqualDistancesShareEqually) {
  for (const float distance : {0.0f, 1.0f, 3e18f}) {
    const std::vector<double> p = dense(affinities(equally_far(5, distance), 2, team));
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], i % 6 == 0 ? 0 : 0.05, 1e-8);
  }
}

TEST(Affinities, TwoPointsHaveOnlyEachOther) {
  const std::vector<double> p = dense(affinities(equally_far(2, 1), 30, team));
  EXPECT_EQ(p, (std::vector<double>{0, 0.5, 0.5, 0}));
}

TEST(Affinities, RenumberingKeepsEveryPair) {
  const Affinities old = affinities(golden_neighbours(golden()), 4, team);
  std::vector<std::uint32_t> order(old.points());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = std::uint32_t(i * 7 % order.size());
  const std::vector<double> before = dense(old);
  const std::vector<double> after = dense(renumbered(old, order, team));
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < order.size(); ++j) {
      EXPECT_EQ(after[i * order.size() + j], before[order[i] * order.size() + order[j]]);
    }
  }
}

TEST(Affinities, RefuseAPerplexityBelowOne) {
  EXPECT_THROW(affinities(equally_far(5, 1), 0.5, team), Error);
}

}  // namespace
}  // namespace tailor::internal
