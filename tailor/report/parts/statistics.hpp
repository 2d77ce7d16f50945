// The few statistics that the pages compute themselves, with the names of those who found them.
#pragma once

#include <cstddef>
#include <span>

#include "tailor/core/value.hpp"

namespace tailor::internal {

// NaN for a text or a bool.
double number_of(const Value& value);

// Spearman's rank correlation (Pearson's of the mid-ranks); NaN for fewer than two pairs or where
// one side does not vary. Both of equal length, finite.
double rank_correlation(std::span<const double> a, std::span<const double> b);

// The size of a rank correlation that chance alone exceeds in 5 % of `n` unrelated pairs, from
// Student's t with n - 2 degrees of freedom; 1 for fewer than five.
double chance_correlation(std::size_t n);

// How much of the ranks of `values` their groups account for (eta squared of the mid-ranks), 0 .. 1
// and near 0 for groups of chance: corrected for how many there are. 0 where nothing can be said.
double explained_share(std::span<const double> values, std::span<const std::size_t> groups);

// A share of the ranks that a straight line accounts for, corrected likewise.
double explained_by_rank(double correlation, std::size_t n);

// 97.5 % quantile of Student's t; within 0.2 %. `freedom` >= 1.
double student_quantile(int freedom);

struct Difference {
  double mean = 0;
  double low = 0, high = 0;  // 95 % interval; NaN where there is none
};

// The mean of paired differences with Student's interval, which needs three pairs or more here:
// with two it is twelve times as wide as their spread.
Difference paired_difference(std::span<const double> a, std::span<const double> b);

// b - a for two shares whose Wilson intervals are known, as though of independent samples
// (Newcombe, "Interval estimation for the difference between independent proportions", 1998, method
// 10).
struct Share {
  double value = 0, low = 0, high = 0;
};
Difference share_difference(const Share& a, const Share& b);

}  // namespace tailor::internal
