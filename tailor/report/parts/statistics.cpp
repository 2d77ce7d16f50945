#include "tailor/report/parts/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

namespace tailor::internal {
namespace {

// Ranks from 1; equal values share the mean of theirs.
std::vector<double> mid_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    for (std::size_t i = first; i <= last; ++i) ranks[order[i]] = double(first + last) / 2 + 1;
    first = last + 1;
  }
  return ranks;
}

// Of `n` values described by `parameters` figures; chance alone has 0 on average.
double corrected(double share, std::size_t n, std::size_t parameters) {
  if (n <= parameters || !std::isfinite(share)) return 0;
  return std::max(0.0, 1 - (1 - share) * double(n - 1) / double(n - parameters));
}

}  // namespace

double number_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return double(*whole);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::numeric_limits<double>::quiet_NaN();
}

double rank_correlation(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> x = mid_ranks(a), y = mid_ranks(b);
  const double middle = (double(x.size()) + 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - middle) * (y[i] - middle);
    xx += (x[i] - middle) * (x[i] - middle);
    yy += (y[i] - middle) * (y[i] - middle);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : std::numeric_limits<double>::quiet_NaN();
}

double chance_correlation(std::size_t n) {
  if (n < 5) return 1;
  const double freedom = double(n) - 2, t = student_quantile(int(n) - 2);
  return t / std::sqrt(freedom + t * t);
}

double explained_share(std::span<const double> values, std::span<const std::size_t> groups) {
  const std::vector<double> ranks = mid_ranks(values);
  const double middle = (double(ranks.size()) + 1) / 2;
  std::map<std::size_t, std::pair<double, double>> sums;  // of ranks from the middle, and how many
  double all = 0, between = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    auto& [sum, count] = sums[groups[i]];
    sum += ranks[i] - middle;
    count += 1;
    all += (ranks[i] - middle) * (ranks[i] - middle);
  }
  for (const auto& [group, entry] : sums) between += entry.first * entry.first / entry.second;
  return all > 0 ? corrected(between / all, ranks.size(), sums.size()) : 0;
}

double explained_by_rank(double correlation, std::size_t n) {
  return corrected(correlation * correlation, n, 2);
}

double student_quantile(int freedom) {
  constexpr double kExact[] = {12.7062, 4.3027, 3.1824, 2.7764, 2.5706};
  if (freedom <= 5) return kExact[std::max(freedom, 1) - 1];
  // Expansion around the normal quantile (Abramowitz and Stegun 26.7.5).
  const double n = freedom, z = 1.959964, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
  return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
         (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

Difference paired_difference(std::span<const double> a, std::span<const double> b) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double n = double(a.size());
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += b[i] - a[i];
  const double mean = a.empty() ? none : sum / n;
  if (a.size() < 3) return {mean, none, none};
  for (std::size_t i = 0; i < a.size(); ++i) squares += std::pow(b[i] - a[i] - mean, 2);
  const double half = student_quantile(int(a.size()) - 1) * std::sqrt(squares / (n - 1) / n);
  return {mean, mean - half, mean + half};
}

Difference share_difference(const Share& a, const Share& b) {
  const double mean = b.value - a.value;
  return {mean, mean - std::hypot(b.value - b.low, a.high - a.value),
          mean + std::hypot(b.high - b.value, a.value - a.low)};
}

}  // namespace tailor::internal
