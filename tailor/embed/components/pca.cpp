#include "tailor/embed/components/pca.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/embed/components/basis.hpp"
#include "tailor/embed/components/eigen.hpp"
#include "tailor/embed/components/krylov.hpp"
#include "tailor/embed/points.hpp"
#include "tailor/ops/library/matmul.hpp"

namespace tailor::internal {

namespace {

constexpr std::size_t kTerms = 512;  // terms of a sum in float, before it goes into a double
constexpr std::size_t kStripe = 64;  // rows of a product that one thread makes
constexpr int kWholeMatrix = 1536;   // its eigenpairs take 2 s; noise, step by step, 6 s
constexpr double kNothing = 1e-6;    // of the largest variance: what rounding makes of none

// The lower triangle of A A^T in double, A being `rows` long columns that `fill(first, count, out)`
// lays down in blocks of `count`.
template <typename Fill>
std::vector<double> outer_product(std::size_t rows, std::size_t inner, Engine& engine, Fill fill) {
  std::vector<double> sum(rows * rows);
  std::vector<float> block(rows * kTerms);
  std::vector<std::vector<float>> products(std::size_t(engine.threads()),
                                           std::vector<float>(kStripe * rows));
  const int stripes = int((rows + kStripe - 1) / kStripe);
  for (std::size_t first = 0; first < inner; first += kTerms) {
    const std::size_t count = std::min(kTerms, inner - first);
    fill(first, count, block.data());
    engine.team().share_out_each(stripes, [&](int stripe, int worker) {
      float* product = products[std::size_t(worker)].data();
      const std::size_t top = std::size_t(stripe) * kStripe;
      const std::size_t tall = std::min(kStripe, rows - top);
      const std::size_t wide = top + tall;  // up to the diagonal
      multiply_transposed(&block[top * count], std::int64_t(count), block.data(),
                          std::int64_t(count), product, std::int64_t(wide), std::int64_t(tall),
                          std::int64_t(wide), std::int64_t(count));
      for (std::size_t i = 0; i < tall; ++i) {
        for (std::size_t j = 0; j < wide; ++j)
          sum[(top + i) * rows + j] += double(product[i * wide + j]);
      }
    });
  }
  return sum;
}

Eigenpairs by_covariance(const Points& points, Engine& engine) {
  std::vector<double> sum = outer_product(points.values, points.count, engine,
                                          [&](std::size_t first, std::size_t count, float* out) {
                                            copy_centred_transposed(points, first, count, out);
                                          });
  for (double& s : sum) s /= double(points.count - 1);
  return symmetric_eigenpairs(sum, int(points.values));
}

// Where the points are fewer than their values: the products of the points with one another have
// the same eigenvalues, and an eigenvector's weights sum the points to a direction.
Eigenpairs by_points(const Points& points, std::size_t wanted, Engine& engine) {
  std::vector<float> rows(points.data.size());
  copy_centred(points, 0, points.count, rows.data());
  std::vector<double> sum = outer_product(
      points.count, points.values, engine, [&](std::size_t first, std::size_t count, float* out) {
        for (std::size_t i = 0; i < points.count; ++i)
          std::copy_n(&rows[i * points.values + first], count, out + i * count);
      });
  for (double& s : sum) s /= double(points.count - 1);
  const Eigenpairs small = symmetric_eigenpairs(sum, int(points.count));
  std::vector<Vector> directions;  // to be at right angles though the products are rounded
  while (directions.size() < wanted) {
    const double* weights = &small.vectors[directions.size() * points.count];
    Vector direction(points.values);
    for (std::size_t i = 0; i < points.count; ++i) {
      for (std::size_t v = 0; v < points.values; ++v)
        direction[v] += weights[i] * double(rows[i * points.values + v]);
    }
    if (!extend(directions, std::move(direction))) break;
  }
  Eigenpairs pairs;
  for (std::size_t c = 0; c < directions.size(); ++c) {
    pairs.values.push_back(small.values[c]);
    pairs.vectors.insert(pairs.vectors.end(), directions[c].begin(), directions[c].end());
  }
  return pairs;
}

Eigenpairs principal_pairs(const Points& points, std::size_t wanted, Engine& engine) {
  if (std::min(points.values, points.count) > std::size_t(kWholeMatrix))
    return leading_covariance_pairs(points, int(wanted), engine);
  if (points.values <= points.count) return by_covariance(points, engine);
  return by_points(points, wanted, engine);
}

// An eigenvector's sign is anyone's; this one is the same everywhere.
void append_direction(std::span<const double> vector, std::vector<float>& directions) {
  const double largest =
      *std::ranges::max_element(vector, {}, [](double x) { return std::abs(x); });
  for (const double x : vector) directions.push_back(float(largest < 0 ? -x : x));
}

}  // namespace

Pca fit_pca(std::span<const float> data, std::size_t count, int components, Engine& engine) {
  if (count < 2) {
    throw bad_input(fmt::format("principal components need at least 2 points, not {}", count));
  }
  if (components < 1) {
    throw bad_input(fmt::format("there must be at least 1 component, not {}", components));
  }
  const Points points = points_around_mean(data, count);
  const std::size_t wanted = std::min({std::size_t(components), points.values, count});
  const Eigenpairs pairs = principal_pairs(points, wanted, engine);

  Pca pca;
  pca.values = int(points.values);
  pca.mean.assign(points.mean.begin(), points.mean.end());
  for (std::size_t c = 0; c < std::min(wanted, pairs.values.size()); ++c) {
    if (!(pairs.values[c] > kNothing * pairs.values[0])) break;
    append_direction({&pairs.vectors[c * points.values], points.values}, pca.directions);
    pca.variance.push_back(pairs.values[c]);
    ++pca.components;
  }
  return pca;
}

std::vector<float> project(const Pca& pca, std::span<const float> data, std::size_t count,
                           Engine& engine) {
  const auto values = std::size_t(pca.values);
  const auto components = std::size_t(pca.components);
  if (data.size() != count * values) {
    throw bad_input(
        fmt::format("{} points of {} values cannot be {} numbers", count, values, data.size()));
  }
  const Points points{data, count, values, {pca.mean.begin(), pca.mean.end()}};
  std::vector<float> out(count * components);
  if (components == 0) return out;
  std::vector<std::vector<float>> centred(std::size_t(engine.threads()));
  engine.team().share_out_each(int((count + kTerms - 1) / kTerms), [&](int stripe, int worker) {
    std::vector<float>& block = centred[std::size_t(worker)];
    block.resize(kTerms * values);
    const std::size_t first = std::size_t(stripe) * kTerms;
    const std::size_t rows = std::min(kTerms, count - first);
    copy_centred(points, first, rows, block.data());
    multiply_transposed(block.data(), pca.values, pca.directions.data(), pca.values,
                        &out[first * components], pca.components, std::int64_t(rows),
                        pca.components, pca.values);
  });
  return out;
}

std::vector<float> as_floats(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace tailor::internal
