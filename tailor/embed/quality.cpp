#include "tailor/embed/quality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/core/target/clones.hpp"
#include "tailor/embed/neighbours/neighbours.hpp"

namespace tailor::internal {

namespace {

constexpr int kVoters = 10;
constexpr std::size_t kMeasured = 512;  // points measured at once; 50 values of each fit the cache
constexpr std::size_t kSampled = 64;    // sampled points that a block is measured from

// One formula and one order of terms wherever distances are compared.
[[gnu::always_inline]] inline double add(double sum, float a, float b) {
  const double difference = double(a) - double(b);
  return sum + difference * difference;
}

// To the squared distances from `own` of kMeasured points, one value of each.
TAILOR_CLONES void add_value(double* distance, const float* column, float own) {
  for (std::size_t i = 0; i < kMeasured; ++i) distance[i] = add(distance[i], column[i], own);
}

// Exact ranks among all points by distance in space: how many are nearer than the map's neighbours.
class Ranks {
 public:
  Ranks(std::span<const float> space, std::size_t points)
      : space_(space), points_(points), values_(space.size() / points) {}

  struct Row {  // a sampled point with its neighbours on the map
    std::uint32_t point = 0;
    std::vector<std::uint32_t> neighbours;
    std::vector<double> distance;     // squared, of the neighbours
    std::vector<std::uint32_t> rank;  // nearer ones so far
    double farthest = 0;
  };

  Row row(std::uint32_t point, std::span<const std::uint32_t> neighbours) const {
    Row row{point, {neighbours.begin(), neighbours.end()}, {}, {}, 0};
    row.rank.resize(neighbours.size());
    for (const std::uint32_t n : neighbours) {
      double sum = 0;
      for (std::size_t v = 0; v < values_; ++v) sum = add(sum, at(n, v), at(point, v));
      row.distance.push_back(sum);
    }
    row.farthest = std::ranges::max(row.distance);
    return row;
  }

  // Counts all points into all rows.
  void count(std::span<Row> rows) const {
    std::vector<float> block(kMeasured * values_);
    for (std::size_t first = 0; first < points_; first += kMeasured) {
      const std::size_t count = std::min(kMeasured, points_ - first);
      for (std::size_t i = 0; i < count; ++i)
        for (std::size_t v = 0; v < values_; ++v) block[v * kMeasured + i] = at(first + i, v);
      for (Row& row : rows) count_block(row, block, first, count);
    }
  }

 private:
  float at(std::size_t point, std::size_t value) const { return space_[point * values_ + value]; }

  void count_block(Row& row, const std::vector<float>& block, std::size_t first,
                   std::size_t count) const {
    std::array<double, kMeasured> distance{};
    for (std::size_t v = 0; v < values_; ++v) {
      add_value(distance.data(), &block[v * kMeasured], at(row.point, v));
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t other = first + i;
      if (distance[i] > row.farthest || other == row.point) continue;
      for (std::size_t m = 0; m < row.rank.size(); ++m) {
        row.rank[m] += distance[i] < row.distance[m] ||
                       (distance[i] == row.distance[m] && other < row.neighbours[m]);
      }
    }
  }

  std::span<const float> space_;
  std::size_t points_;
  std::size_t values_;
};

std::vector<std::uint32_t> sample(std::size_t points, int sampled, std::uint64_t seed) {
  std::vector<std::uint32_t> rows(points);
  std::iota(rows.begin(), rows.end(), 0u);
  if (sampled < 1 || std::size_t(sampled) >= points) return rows;
  rows = Rng(seed, Purpose::kDraw).permutation(std::uint32_t(points));
  rows.resize(std::size_t(sampled));
  return rows;
}

// 1 - 2 / (m k (2n - 3k - 1)) times the sum over m sampled points and their k nearest on the map of
// rank in space - k, where that is positive.
double trustworthiness(std::span<const float> space, const Neighbours& map, int k,
                       const std::vector<std::uint32_t>& sampled, Engine& engine) {
  const Ranks ranks(space, map.points);
  std::vector<std::uint64_t> excesses((sampled.size() + kSampled - 1) / kSampled);
  engine.team().share_out_each(int(excesses.size()), [&](int part, int) {
    const std::size_t first = std::size_t(part) * kSampled;
    std::vector<Ranks::Row> rows;
    for (std::size_t i = first; i < std::min(first + kSampled, sampled.size()); ++i) {
      rows.push_back(ranks.row(sampled[i], std::span(map.index).subspan(
                                               sampled[i] * std::size_t(map.k), std::size_t(k))));
    }
    ranks.count(rows);
    for (const Ranks::Row& row : rows) {
      for (const std::uint32_t nearer : row.rank)
        excesses[std::size_t(part)] +=
            std::uint64_t(std::max<std::int64_t>(0, std::int64_t(nearer) + 1 - k));
    }
  });
  const auto excess = std::accumulate(excesses.begin(), excesses.end(), std::uint64_t(0));
  const double n = double(map.points);
  return 1 - 2 * double(excess) / (double(sampled.size()) * k * (2 * n - 3 * k - 1));
}

double kept_neighbours(const Neighbours& space, const Neighbours& map, int k) {
  std::uint64_t kept = 0;
  for (std::size_t i = 0; i < map.points; ++i) {
    const auto in_space = std::span(space.index).subspan(i * std::size_t(space.k), std::size_t(k));
    for (int m = 0; m < k; ++m) {
      const std::uint32_t neighbour = map.index[i * std::size_t(map.k) + std::size_t(m)];
      kept += std::ranges::find(in_space, neighbour) != in_space.end();
    }
  }
  return double(kept) / (double(map.points) * k);
}

}  // namespace

double majority_accuracy(const Neighbours& neighbours, int k, std::span<const Label> labels) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < neighbours.points; ++i) {
    const std::uint32_t* row = &neighbours.index[i * std::size_t(neighbours.k)];
    std::array<int, kMostClasses> votes{};
    for (int m = 0; m < k; ++m) ++votes[labels[row[m]]];
    const int most = *std::ranges::max_element(votes);
    int m = 0;
    while (votes[labels[row[m]]] != most) ++m;
    right += labels[row[m]] == labels[i];
  }
  return double(right) / double(neighbours.points);
}

MapQuality map_quality(std::span<const float> space, const Neighbours& space_neighbours,
                       std::span<const float> map, int dimensions, std::span<const Label> labels,
                       int sampled, std::uint64_t seed, Engine& engine) {
  const std::size_t points = space_neighbours.points;
  if (map.size() != points * std::size_t(dimensions)) {
    throw bad_input(fmt::format("a map of {} points in {} dimensions cannot be {} numbers", points,
                                dimensions, map.size()));
  }
  const int k = std::min(kVoters, space_neighbours.k);
  const Neighbours map_neighbours = nearest_neighbours(map, points, k, engine);
  const std::vector<std::uint32_t> rows = sample(points, sampled, seed);
  MapQuality quality;
  quality.sampled = int(rows.size());
  const int ranked = std::min(k, int((points - 1) / 2));
  quality.trustworthiness =
      ranked < 1 ? 1 : trustworthiness(space, map_neighbours, ranked, rows, engine);
  quality.kept_neighbours = kept_neighbours(space_neighbours, map_neighbours, k);
  if (!labels.empty()) {
    quality.map_accuracy = majority_accuracy(map_neighbours, k, labels);
    quality.space_accuracy = majority_accuracy(space_neighbours, k, labels);
  }
  return quality;
}

}  // namespace tailor::internal
