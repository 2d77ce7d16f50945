#include "tailor/embed/tsne/repulsion.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tailor/core/random/rng.hpp"

namespace tailor::internal {
namespace {

Team& two() {
  static Team team(2);
  return team;
}

// Blobs of very different width, as maps have, `spread` apart.
std::vector<float> blobs(std::size_t points, int dimensions, double spread) {
  const Rng rng(3, Purpose::kDraw);
  std::vector<float> out;
  for (std::size_t i = 0; i < points; ++i) {
    for (int d = 0; d < dimensions; ++d) {
      const std::size_t item = i * std::size_t(dimensions) + std::size_t(d);
      const double middle = spread * (double(i % 7 * std::size_t(d + 2) % 7) / 6 - 0.5);
      out.push_back(float(middle + 0.03 * spread * double(1 + i % 3) * rng.normal(item)));
    }
  }
  return out;
}

struct Sums {
  std::vector<double> force;
  double z = 0;
};

Sums in_double(const std::vector<float>& y, std::size_t axes) {
  Sums out;
  out.force.assign(y.size(), 0);
  for (std::size_t i = 0; i < y.size(); i += axes) {
    for (std::size_t j = 0; j < y.size(); j += axes) {
      if (i == j) continue;
      double square = 0;
      for (std::size_t d = 0; d < axes; ++d) square += std::pow(double(y[i + d]) - y[j + d], 2);
      const double k = 1 / (1 + square);
      out.z += k;
      for (std::size_t d = 0; d < axes; ++d) {
        out.force[i + d] += k * k * (double(y[i + d]) - y[j + d]);
      }
    }
  }
  return out;
}

// Root mean square of the error as a share of the root mean square of the force.
double relative_error(const std::vector<float>& force, const std::vector<double>& exact) {
  double error = 0;
  double size = 0;
  for (std::size_t i = 0; i < force.size(); ++i) {
    error += std::pow(force[i] - exact[i], 2);
    size += std::pow(exact[i], 2);
  }
  return std::sqrt(error / size);
}

void expect_near_exact(Repulsion& repulsion, const std::vector<float>& y, std::size_t axes,
                       double bound) {
  const Sums exact = in_double(y, axes);
  std::vector<float> force(y.size());
  const double z = repulsion.compute(y, force);
  EXPECT_LT(relative_error(force, exact.force), bound);
  EXPECT_NEAR(z / exact.z, 1, bound);
}

// The same object meets maps that grow and shrink, as a descent gives it.
constexpr double kSpreads[] = {1e-3, 1, 20, 100, 5};

TEST(Repulsion, GridIsNearExactSums) {
  const auto grid = grid_repulsion(two());
  for (const double spread : kSpreads) {
    SCOPED_TRACE(spread);
    // While the map is a dot, exaggerated attraction is 12 times as strong as this.
    expect_near_exact(*grid, blobs(1501, 2, spread), 2, spread < 0.1 ? 0.15 : 0.02);
  }
}

TEST(Repulsion, GridTakesLongAndThinMaps) {
  std::vector<float> y = blobs(800, 2, 90);
  for (std::size_t i = 0; i < y.size(); i += 2) y[i] = y[i] * 0.01f + 1000;
  expect_near_exact(*grid_repulsion(two()), y, 2, 0.03);
}

TEST(Repulsion, GridTakesMapsWiderThanItsMostNodes) {
  std::vector<float> y{-1e5f, 0, 1e5f, 3, 1e5f, 4};
  std::vector<float> force(y.size());
  const double z = grid_repulsion(two())->compute(y, force);
  EXPECT_TRUE(std::isfinite(z));
  for (const float f : force) EXPECT_TRUE(std::isfinite(f));
}

TEST(Repulsion, TreeIsNearExactSums) {
  const auto tree = tree_repulsion(two());
  for (const double spread : kSpreads) {
    SCOPED_TRACE(spread);
    expect_near_exact(*tree, blobs(1501, 3, spread), 3, 0.01);
  }
}

TEST(Repulsion, ExactSumsEqualDoublePrecisionOnes) {
  for (const int dimensions : {2, 3}) {
    for (const double spread : kSpreads) {
      expect_near_exact(*exact_repulsion(dimensions, two()), blobs(301, dimensions, spread),
                        std::size_t(dimensions), 1e-5);
    }
  }
}

TEST(Repulsion, CoincidentPointsDoNotPush) {
  std::vector<float> y;
  for (int i = 0; i < 300; ++i) y.insert(y.end(), {2.0f, -1.0f, 0.5f});
  std::vector<float> force(y.size(), 1);
  for (const auto& repulsion : {tree_repulsion(two()), exact_repulsion(3, two())}) {
    EXPECT_DOUBLE_EQ(repulsion->compute(y, force), 300.0 * 299);
    for (const float f : force) EXPECT_EQ(f, 0);
  }
}

TEST(Repulsion, ThreadsDoNotChangeAByte) {
  using Make = std::unique_ptr<Repulsion> (*)(Team&);
  const Make makers[] = {grid_repulsion, tree_repulsion,
                         [](Team& team) { return exact_repulsion(2, team); }};
  Team alone(1);
  const std::vector<float> y = blobs(6000, 2, 60);  // read as 4,000 points by the tree
  for (const Make make : makers) {
    std::vector<float> one(y.size());
    const double z = make(alone)->compute(y, one);
    for (const int threads : {2, 3}) {
      Team team(threads);
      std::vector<float> force(y.size());
      EXPECT_EQ(make(team)->compute(y, force), z);
      EXPECT_EQ(force, one);
    }
  }
}

}  // namespace
}  // namespace tailor::internal
