#include "tailor/search/space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

constexpr auto kMostPoints = std::uint64_t(std::numeric_limits<std::int64_t>::max());

// numpy rounds the product before it adds; the volatile keeps the compiler from fusing the two.
double product_plus(double a, double b, double c) {
  const volatile double product = a * b;
  return product + c;
}

Error wrong(const std::string& path, std::string_view what) {
  return bad_input(fmt::format("the search space of {}: {}", path, what));
}

void check(const std::string& path, const Choices& choices) {
  if (choices.empty()) throw wrong(path, "the list of values is empty; give at least one");
  for (const Value& value : choices) {
    const double* number = std::get_if<double>(&value);
    if (number != nullptr && !std::isfinite(*number)) {
      throw wrong(path, fmt::format("{} is no value to try", to_text(value)));
    }
  }
}

void check(const std::string& path, const UniformRange& range) {
  if (!std::isfinite(range.loc) || !std::isfinite(range.scale) ||
      !std::isfinite(range.loc + range.scale)) {
    throw wrong(path, "uniform needs a finite loc and scale");
  }
  if (range.scale < 0) {
    throw wrong(path, fmt::format("uniform needs a scale of at least 0, not {}", range.scale));
  }
}

void check(const std::string& path, const LogUniformRange& range) {
  if (!(range.low > 0) || !(range.low < range.high) || !std::isfinite(range.high)) {
    throw wrong(path, fmt::format("loguniform needs 0 < low < high, not low = {}, high = {}",
                                  range.low, range.high));
  }
}

void check(const std::string& path, const IntegerRange& range) {
  if (range.low >= range.high) {
    throw wrong(path, fmt::format("randint needs low < high (high is never drawn), not [{}, {})",
                                  range.low, range.high));
  }
}

}  // namespace

void validate(const Space& space) {
  std::set<std::string_view> paths;
  for (const Dimension& dimension : space) {
    if (!paths.insert(dimension.path).second) {
      throw wrong(dimension.path, "it is given twice; keep one");
    }
    std::visit([&](const auto& from) { check(dimension.path, from); }, dimension.from);
  }
}

double quantile(const UniformRange& range, double share) {
  return product_plus(share, range.scale, range.loc);
}

double quantile(const LogUniformRange& range, double share) {
  const double log_low = std::log(range.low);
  return std::exp(product_plus(share, std::log(range.high) - log_low, log_low));
}

// The smallest number whose share of all numbers up to it is at least `share`; scipy, too, looks
// whether rounding made it one too large.
double quantile(const IntegerRange& range, double share) {
  const auto low = double(range.low);
  const double count = double(range.high) - low;
  const double number = std::ceil(product_plus(share, count, low)) - 1;
  const double before = std::clamp(number - 1, low, double(range.high));
  return (before - low + 1) / count >= share ? before : number;
}

std::uint64_t grid_size(const Space& space) {
  for (const Dimension& dimension : space) {
    if (!std::holds_alternative<Choices>(dimension.from)) return 0;
  }
  std::uint64_t points = 1;
  for (const Dimension& dimension : space) {
    const std::uint64_t count = std::get<Choices>(dimension.from).size();
    if (count > 0 && points > kMostPoints / count) {
      throw bad_input(
          "the search space has more than 2^63 - 1 grid points; shorten its lists or draw from a "
          "range");
    }
    points *= count;
  }
  return points;
}

std::vector<Space> checked_and_sorted(std::vector<Space> spaces) {
  for (Space& space : spaces) {
    validate(space);
    std::sort(space.begin(), space.end(),
              [](const Dimension& a, const Dimension& b) { return a.path < b.path; });
  }
  return spaces;
}

std::uint64_t grids_size(const std::vector<Space>& spaces) {
  std::uint64_t total = 0;
  for (const Space& space : spaces) {
    total += grid_size(space);  // two numbers below 2^63 cannot overflow
    if (total > kMostPoints) {
      throw bad_input("the search spaces have more than 2^63 - 1 grid points");
    }
  }
  return total;
}

Settings grid_point(const std::vector<Space>& spaces, std::uint64_t index) {
  auto space = spaces.begin();
  for (; index >= grid_size(*space); ++space) index -= grid_size(*space);
  Settings point;
  for (auto dimension = space->rbegin(); dimension != space->rend(); ++dimension) {
    const Choices& choices = std::get<Choices>(dimension->from);
    point[dimension->path] = choices[index % choices.size()];
    index /= choices.size();
  }
  return point;
}

}  // namespace tailor::internal
