#include "tailor/search/space.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "tailor/core/error.hpp"

namespace tailor {
namespace {

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

std::uint64_t grid_size(const Space& space) {
  constexpr auto kMost = std::uint64_t(std::numeric_limits<std::int64_t>::max());
  for (const Dimension& dimension : space) {
    if (!std::holds_alternative<Choices>(dimension.from)) return 0;
  }
  std::uint64_t points = 1;
  for (const Dimension& dimension : space) {
    const std::uint64_t count = std::get<Choices>(dimension.from).size();
    if (count > 0 && points > kMost / count) {
      throw bad_input(
          "the search space has more than 2^63 - 1 grid points; shorten its lists or draw from a "
          "range");
    }
    points *= count;
  }
  return points;
}

}  // namespace tailor
