// One axis of a chart: from values of any kind to positions along it and the ticks that name them.
#pragma once

#include <string>
#include <vector>

#include "tailor/core/value.hpp"

namespace tailor::internal {

struct Tick {
  double at = 0;  // 0 .. 1 along the axis
  std::string text;
};

struct Axis {
  std::vector<double> positions;  // 0 .. 1 for every value given; NaN where it has no place
  std::vector<Tick> ticks;
};

// Values of one search dimension. Positive numbers that span a factor of 5 or more and lie more
// evenly by their logarithms than by themselves (drawn log-uniformly, or as 8, 16, 32, 64) stand on
// a logarithmic axis; texts, booleans and mixtures each get a place of their own, in order of their
// text. Points keep a margin of 6 % to both ends.
Axis make_axis(const std::vector<Value>& values);

// Plain numbers between round limits that hold all finite ones. `floor` and `ceiling` are limits
// the axis never goes beyond, such as 0 and 1 for a share; it spans no less than `least`, so that
// differences that mean nothing do not fill it.
struct Limits {
  double low = 0;
  double high = 1;
  double step = 1;  // between ticks: 1, 2 or 5 times a power of ten
};
Limits round_limits(const std::vector<double>& values, double floor, double ceiling,
                    double least = 0);

// The multiples of `step` within low and high, rounding allowed for; none where there are more than
// anybody reads, as between numbers that a double hardly tells apart.
std::vector<double> multiples_within(double low, double high, double step);

// Digits after the point that tell neighbouring ticks apart.
int digits_for(double step);

}  // namespace tailor::internal
