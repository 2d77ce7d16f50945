#include "tailor/embed/components/krylov.hpp"

#include <algorithm>
#include <cmath>

#include "tailor/core/random/rng.hpp"
#include "tailor/embed/components/basis.hpp"
#include "tailor/ops/library/matmul.hpp"

namespace tailor::internal {

namespace {

constexpr std::size_t kBlock = 512;         // points read at once
constexpr std::size_t kStripesAtOnce = 32;  // blocks whose sums wait for being added in order
constexpr int kSpare = 8;  // directions beyond the wanted: the last ones settle sooner
constexpr int kSteps = 20;
constexpr double kResidual = 1e-3;

// The covariance times each of the vectors, in passes over stripes of points whose sums are added
// in their order.
std::vector<Vector> times_covariance(const Points& points, std::span<const Vector> vectors,
                                     Engine& engine) {
  const std::size_t n = vectors.size();
  const std::size_t values = points.values;
  const auto wide = std::int64_t(values);
  std::vector<float> in;
  for (const Vector& v : vectors) in.insert(in.end(), v.begin(), v.end());
  std::vector<Vector> out(n, Vector(values));
  struct Scratch {
    std::vector<float> rows, columns, along;
  };
  std::vector<Scratch> scratch(std::size_t(engine.threads()));
  std::vector<std::vector<float>> back(kStripesAtOnce, std::vector<float>(n * values));
  const std::size_t stripes = (points.count + kBlock - 1) / kBlock;
  for (std::size_t begin = 0; begin < stripes; begin += kStripesAtOnce) {
    const int some = int(std::min(kStripesAtOnce, stripes - begin));
    engine.team().share_out_each(some, [&](int stripe, int worker) {
      Scratch& own = scratch[std::size_t(worker)];
      own.rows.resize(kBlock * values);
      own.columns.resize(kBlock * values);
      own.along.resize(n * kBlock);
      const std::size_t first = (begin + std::size_t(stripe)) * kBlock;
      const std::size_t count = std::min(kBlock, points.count - first);
      const auto tall = std::int64_t(count);
      copy_centred(points, first, count, own.rows.data());
      copy_centred_transposed(points, first, count, own.columns.data());
      multiply_transposed(in.data(), wide, own.rows.data(), wide, own.along.data(), tall,
                          std::int64_t(n), tall, wide);
      multiply_transposed(own.along.data(), tall, own.columns.data(), tall,
                          back[std::size_t(stripe)].data(), wide, std::int64_t(n), wide, tall);
    });
    for (int stripe = 0; stripe < some; ++stripe) {
      const std::vector<float>& from = back[std::size_t(stripe)];
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t v = 0; v < values; ++v) out[i][v] += double(from[i * values + v]);
      }
    }
  }
  for (Vector& v : out) {
    for (double& x : v) x /= double(points.count - 1);
  }
  return out;
}

std::vector<Vector> random_vectors(std::size_t count, std::size_t values) {
  const Rng rng(1, Purpose::kDraw);
  std::vector<Vector> vectors(count, Vector(values));
  std::uint64_t item = 0;
  for (Vector& v : vectors) {
    for (double& x : v) x = rng.normal(item++);
  }
  return vectors;
}

// The basis, what the covariance makes of it, and what both tell of the eigenvectors.
struct Krylov {
  std::vector<Vector> basis;
  std::vector<Vector> images;
  std::vector<Vector> products;  // of each basis vector with the images up to its own

  void multiply_new() {
    for (std::size_t i = products.size(); i < basis.size(); ++i) {
      Vector& row = products.emplace_back(i + 1);
      for (std::size_t j = 0; j <= i; ++j) row[j] = dot(basis[i], images[j]);
    }
  }

  Eigenpairs ritz() const {
    const std::size_t n = basis.size();
    Vector projected(n * n);
    for (std::size_t i = 0; i < n; ++i) {
      std::copy(products[i].begin(), products[i].end(), &projected[i * n]);
    }
    return symmetric_eigenpairs(projected, int(n));
  }

  bool settled(const Eigenpairs& pairs, std::size_t wanted) const {
    if (basis.size() < wanted) return false;
    for (std::size_t i = wanted; i-- > 0;) {
      const double* weights = &pairs.vectors[i * basis.size()];
      Vector residual = combine(images, weights);
      add(-pairs.values[i], combine(basis, weights), residual);
      if (std::sqrt(dot(residual, residual)) > kResidual * pairs.values[i]) return false;
    }
    return true;
  }
};

}  // namespace

Eigenpairs leading_covariance_pairs(const Points& points, int wanted, Engine& engine) {
  Krylov space;
  std::vector<Vector> next = random_vectors(std::size_t(wanted + kSpare), points.values);
  Eigenpairs pairs;
  for (int step = 0; step < kSteps; ++step) {
    const std::size_t known = space.basis.size();
    for (Vector& v : next) extend(space.basis, std::move(v));
    if (space.basis.size() == known) break;  // the points span no more
    next = times_covariance(points, std::span(space.basis).subspan(known), engine);
    space.images.insert(space.images.end(), next.begin(), next.end());
    space.multiply_new();
    pairs = space.ritz();
    if (space.settled(pairs, std::size_t(wanted))) break;
  }
  Eigenpairs leading;
  for (std::size_t i = 0; i < std::min(std::size_t(wanted), space.basis.size()); ++i) {
    leading.values.push_back(pairs.values[i]);
    const Vector v = combine(space.basis, &pairs.vectors[i * space.basis.size()]);
    leading.vectors.insert(leading.vectors.end(), v.begin(), v.end());
  }
  return leading;
}

}  // namespace tailor::internal
