#include "tailor/embed/tsne/affinities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/embed/tsne/tsne_blocks.hpp"

namespace tailor::internal {
namespace {

constexpr double kEntropyTolerance = 1e-8;  // openTSNE's
constexpr int kMaxIterations = 100;

// Writes exp(-sharpness x excess) and returns entropy and variance of `excess` under it.
struct Spread {
  double total = 0;
  double entropy = 0;
  double variance = 0;
};

Spread weigh(std::span<const double> excess, double sharpness, std::span<double> weight) {
  Spread spread;
  double first = 0;
  double second = 0;
  for (std::size_t i = 0; i < excess.size(); ++i) {
    weight[i] = std::exp(-sharpness * excess[i]);
    spread.total += weight[i];
    first += weight[i] * excess[i];
    second += weight[i] * excess[i] * excess[i];
  }
  const double mean = first / spread.total;
  spread.entropy = std::log(spread.total) + sharpness * mean;
  spread.variance = std::max(0.0, second / spread.total - mean * mean);
  return spread;
}

// Fills `weight` with the probabilities of one point's neighbours. Newton's method on the logarithm
// of the sharpness needs 5 steps where plain bisection needs 30; bisection takes over where a step
// leaves the bracket.
void probabilities(std::span<const float> distance, double perplexity, std::span<double> excess,
                   std::span<double> weight) {
  const double nearest = double(distance[0]) * distance[0];
  double mean = 0;
  for (std::size_t i = 0; i < distance.size(); ++i) {
    excess[i] = double(distance[i]) * distance[i] - nearest;
    mean += excess[i] / double(distance.size());
  }
  const double wanted = std::log(perplexity);
  if (!(mean > 0)) {  // all equally far, as constant data are
    std::fill(weight.begin(), weight.end(), 1.0 / double(weight.size()));
    return;
  }
  for (double& e : excess) e /= mean;
  double t = 0;  // logarithm of the sharpness
  double low = -50;
  double high = 50;
  Spread spread = weigh(excess, 1, weight);
  for (int i = 0; i < kMaxIterations; ++i) {
    const double surplus = spread.entropy - wanted;
    if (std::abs(surplus) < kEntropyTolerance) break;
    (surplus > 0 ? low : high) = t;
    const double sharpness = std::exp(t);
    const double slope = sharpness * sharpness * spread.variance;
    const double newton = slope > 0 ? t + surplus / slope : high;
    t = newton > low && newton < high ? newton : (low + high) / 2;
    spread = weigh(excess, std::exp(t), weight);
  }
  for (double& w : weight) w /= spread.total;
}

// One direction only: row i holds how much i wants each of its neighbours, k to a row.
std::vector<float> directed(const Neighbours& neighbours, double perplexity, Team& team) {
  const auto k = std::size_t(neighbours.k);
  std::vector<float> out(neighbours.points * k);
  for_blocks(neighbours.points, team, [&](std::size_t begin, std::size_t end) {
    std::vector<double> excess(k);
    std::vector<double> weight(k);
    for (std::size_t i = begin; i < end; ++i) {
      probabilities({neighbours.distance.data() + i * k, k}, perplexity, excess, weight);
      std::copy(weight.begin(), weight.end(), out.begin() + std::ptrdiff_t(i * k));
    }
  });
  return out;
}

struct Entry {
  std::uint32_t column;
  float value;
};

// The transposed directed matrix: who wants i, by their number.
struct Transposed {
  std::vector<std::size_t> row_start;
  std::vector<Entry> entries;
};

Transposed transposed(const Neighbours& neighbours, std::span<const float> value) {
  const auto k = std::size_t(neighbours.k);
  Transposed out;
  out.row_start.assign(neighbours.points + 1, 0);
  for (const std::uint32_t column : neighbours.index) ++out.row_start[column + 1];
  for (std::size_t i = 0; i < neighbours.points; ++i) out.row_start[i + 1] += out.row_start[i];
  out.entries.resize(value.size());
  std::vector<std::size_t> next(out.row_start.begin(), out.row_start.end() - 1);
  for (std::size_t e = 0; e < value.size(); ++e) {
    out.entries[next[neighbours.index[e]]++] = {std::uint32_t(e / k), value[e]};
  }
  return out;
}

// Two rows sorted by column into one; what both have is added up. Nothing is kept that is zero.
void merge(std::span<const Entry> a, std::span<const Entry> b, double scale,
           std::vector<Entry>& out) {
  out.clear();
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    const bool from_a = j == b.size() || (i < a.size() && a[i].column <= b[j].column);
    const bool from_b = i == a.size() || (j < b.size() && b[j].column <= a[i].column);
    const std::uint32_t column = from_a ? a[i].column : b[j].column;
    const double sum = (from_a ? double(a[i++].value) : 0) + (from_b ? double(b[j++].value) : 0);
    const auto value = float(sum * scale);
    if (value > 0) out.push_back({column, value});
  }
}

std::size_t padded(std::size_t entries) {
  return (entries + Affinities::kRowLanes - 1) / Affinities::kRowLanes * Affinities::kRowLanes;
}

// Calls f(i, row) for every merged row. It runs twice, to measure and to fill: merging is cheaper
// than keeping every row in a vector of its own.
template <typename F>
void for_merged_rows(const Neighbours& neighbours, std::span<const float> value,
                     const Transposed& incoming, Team& team, F f) {
  const auto k = std::size_t(neighbours.k);
  const double scale = 0.5 / double(neighbours.points);
  for_blocks(neighbours.points, team, [&](std::size_t begin, std::size_t end) {
    std::vector<Entry> own(k);
    std::vector<Entry> row;
    for (std::size_t i = begin; i < end; ++i) {
      for (std::size_t e = 0; e < k; ++e) own[e] = {neighbours.index[i * k + e], value[i * k + e]};
      std::sort(own.begin(), own.end(),
                [](const Entry& a, const Entry& b) { return a.column < b.column; });
      const std::size_t first = incoming.row_start[i];
      merge(own, {incoming.entries.data() + first, incoming.row_start[i + 1] - first}, scale, row);
      f(i, row);
    }
  });
}

}  // namespace

double held_perplexity(const Neighbours& neighbours, double perplexity) {
  return std::min(perplexity, std::max(1.0, neighbours.k / 3.0));
}

Affinities affinities(const Neighbours& neighbours, double perplexity, Team& team) {
  if (!(perplexity >= 1)) throw bad_input(fmt::format("perplexity {} is below 1", perplexity));
  const std::vector<float> value =
      directed(neighbours, held_perplexity(neighbours, perplexity), team);
  const Transposed incoming = transposed(neighbours, value);

  Affinities out;
  out.row_start.assign(neighbours.points + 1, 0);
  for_merged_rows(neighbours, value, incoming, team,
                  [&](std::size_t i, std::span<const Entry> row) {
                    out.row_start[i + 1] = padded(row.size());
                  });
  for (std::size_t i = 0; i < neighbours.points; ++i) out.row_start[i + 1] += out.row_start[i];

  out.column.resize(out.row_start.back());
  out.value.resize(out.row_start.back());
  std::vector<double> entropy(neighbours.points);
  for_merged_rows(neighbours, value, incoming, team,
                  [&](std::size_t i, std::span<const Entry> row) {
                    std::size_t at = out.row_start[i];
                    for (const Entry& entry : row) {
                      out.column[at] = entry.column;
                      out.value[at++] = entry.value;
                      entropy[i] -= double(entry.value) * std::log(double(entry.value));
                    }
                    for (; at < out.row_start[i + 1]; ++at) out.column[at] = std::uint32_t(i);
                  });
  for (const double e : entropy) out.entropy += e;
  return out;
}

Affinities renumbered(const Affinities& old, std::span<const std::uint32_t> order, Team& team) {
  const std::size_t points = old.points();
  std::vector<std::uint32_t> place(points);
  Affinities out;
  out.entropy = old.entropy;
  out.row_start.assign(points + 1, 0);
  for (std::size_t i = 0; i < points; ++i) {
    place[order[i]] = std::uint32_t(i);
    out.row_start[i + 1] = out.row_start[i] + old.row_start[order[i] + 1] - old.row_start[order[i]];
  }
  out.column.resize(old.column.size());
  out.value.resize(old.value.size());
  for_blocks(points, team, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      std::size_t at = out.row_start[i];
      for (std::size_t e = old.row_start[order[i]]; e < old.row_start[order[i] + 1]; ++e, ++at) {
        out.column[at] = place[old.column[e]];
        out.value[at] = old.value[e];
      }
    }
  });
  return out;
}

}  // namespace tailor::internal
