// A search space: for every path of the experiment that varies, where its values come from.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "tailor/core/value.hpp"

namespace tailor::internal {

struct UniformRange {  // scipy.stats.uniform(loc, scale): [loc, loc + scale]
  double loc = 0;
  double scale = 1;
};
struct LogUniformRange {  // scipy.stats.loguniform(low, high)
  double low = 1e-4;
  double high = 1e-1;
};
struct IntegerRange {  // scipy.stats.randint(low, high): high excluded
  std::int64_t low = 0;
  std::int64_t high = 1;
};

using Choices = std::vector<Value>;

struct Dimension {
  std::string path;  // "model.kernels"
  std::variant<Choices, UniformRange, LogUniformRange, IntegerRange> from;
};

// One dict of scikit-learn's param_distributions, sorted by path.
using Space = std::vector<Dimension>;

// Values that differ from what scipy would accept (empty list, scale < 0, low >= high, log of 0)
// throw bad_input with the path.
void validate(const Space& space);

// Below which a share of the distribution lies, 0 < share < 1: _ppf() of scipy's, bit for bit.
double quantile(const UniformRange& range, double share);
double quantile(const LogUniformRange& range, double share);
double quantile(const IntegerRange& range, double share);  // a whole number

// Number of grid points where every dimension is a list, 0 otherwise.
std::uint64_t grid_size(const Space& space);

// What scikit-learn makes of a list of dicts before it looks at them: every space validated, and
// its dimensions sorted by path.
std::vector<Space> checked_and_sorted(std::vector<Space> spaces);

// list(ParameterGrid(spaces)) without making the list, of sorted spaces that hold lists only: how
// long it is, and what stands at a place in it. The spaces follow one another; in each the last
// path turns fastest. Throws bad_input for 2^63 points and more.
std::uint64_t grids_size(const std::vector<Space>& spaces);
Settings grid_point(const std::vector<Space>& spaces, std::uint64_t index);

}  // namespace tailor::internal
