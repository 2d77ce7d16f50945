// scipy's qmc.Sobol: points that fill the space evenly, each coordinate taken through the inverse
// of its parameter's distribution.
#include <fmt/format.h>

#include <bit>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/search/sobol_points.hpp"
#include "tailor/search/strategies.hpp"

namespace tailor::internal::strategies {
namespace {

// The value at a share of the distribution, 0 <= share < 1. At 0, where scipy's randint says low -
// 1 and its loguniform may miss low by a bit, it is the lowest there is. A list counts as randint
// over its places.
struct ValueAt {
  double share;

  Value operator()(const Choices& choices) const {
    return choices[std::size_t(integer_of({0, std::int64_t(choices.size())}))];
  }
  Value operator()(const UniformRange& range) const { return quantile(range, share); }
  Value operator()(const LogUniformRange& range) const {
    return share == 0 ? range.low : quantile(range, share);
  }
  Value operator()(const IntegerRange& range) const { return integer_of(range); }

 private:
  std::int64_t integer_of(const IntegerRange& range) const {
    const double number = quantile(range, share);
    if (number <= double(range.low)) return range.low;
    return number >= double(range.high - 1) ? range.high - 1 : std::int64_t(number);
  }
};

void refuse_what_has_no_points(const SearchOptions& options) {
  if (options.spaces.size() != 1) {
    throw bad_input(fmt::format(
        "search.strategy = \"sobol\" fills one [search.space], not {}; join them, or search with "
        "\"random\"",
        options.spaces.size()));
  }
  const std::size_t dimensions = options.spaces[0].size();
  if (dimensions > SobolPoints::kMostDimensions) {
    throw bad_input(fmt::format(
        "search.strategy = \"sobol\" fills spaces of at most {} options, not {}; fix some of them, "
        "or search with \"random\"",
        SobolPoints::kMostDimensions, dimensions));
  }
  if (options.n_iter < 1 || std::uint64_t(options.n_iter) > kMostCandidates) {
    throw bad_input(fmt::format("search.n_iter must be between 1 and {}, not {}", kMostCandidates,
                                options.n_iter));
  }
}

std::string warning_of(const Space& space, int n_iter) {
  const std::uint64_t points = grid_size(space);
  if (points > 0 && points < std::uint64_t(n_iter)) {
    return fmt::format(
        "search.space has {} points and n_iter is {}, so candidates come again; search.strategy = "
        "\"grid\" takes each of them once",
        points, n_iter);
  }
  const auto count = std::uint32_t(n_iter);
  if (std::has_single_bit(count)) return "";
  return fmt::format(
      "Sobol points fill a space evenly where n_iter is a power of two, such as {} or {}; it is {}",
      std::bit_floor(count), std::bit_ceil(count), n_iter);
}

Settings settings_at(const Space& space, const std::vector<double>& point) {
  Settings settings;
  for (std::size_t i = 0; i < space.size(); ++i) {
    settings[space[i].path] = std::visit(ValueAt{point[i]}, space[i].from);
  }
  return settings;
}

}  // namespace

Strategy sobol(const SearchOptions& options) {
  refuse_what_has_no_points(options);
  const Space space = checked_and_sorted(options.spaces).front();
  SobolPoints points(space.size(), std::uint32_t(options.random_state));
  std::vector<Settings> candidates;
  for (int i = 0; i < options.n_iter; ++i) candidates.push_back(settings_at(space, points.next()));
  return {.propose = one_after_the_other(std::move(candidates)),
          .warning = warning_of(space, options.n_iter),
          .params_descending = false};
}

}  // namespace tailor::internal::strategies
