// A search space: for every path of the experiment that varies, where its values come from.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "tailor/core/value.hpp"

namespace tailor {

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

// Number of grid points where every dimension is a list, 0 otherwise.
std::uint64_t grid_size(const Space& space);

}  // namespace tailor
