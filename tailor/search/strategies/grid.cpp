// scikit-learn's GridSearchCV: every point of the grid, in ParameterGrid's order.
#include <fmt/format.h>

#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/search/strategies.hpp"

namespace tailor::internal::strategies {
namespace {

void refuse_ranges(const std::vector<Space>& spaces) {
  for (const Space& space : spaces) {
    for (const Dimension& dimension : space) {
      if (std::holds_alternative<Choices>(dimension.from)) continue;
      throw bad_input(fmt::format(
          "search.strategy = \"grid\" needs a list of values for {}, not a range; list them, or "
          "search with \"random\" or \"sobol\"",
          dimension.path));
    }
  }
}

}  // namespace

// n_iter means nothing here, as GridSearchCV has none: the grid says how many candidates there are.
Strategy grid(const SearchOptions& options) {
  refuse_ranges(options.spaces);
  const std::vector<Space> spaces = checked_and_sorted(options.spaces);
  const std::uint64_t points = grids_size(spaces);
  if (points > kMostCandidates) {
    throw bad_input(fmt::format(
        "the grid of search.space has {} points, more than the {} that search.strategy = \"grid\" "
        "takes; shorten its lists, or search n_iter of them with \"random\"",
        points, kMostCandidates));
  }
  std::vector<Settings> candidates;
  for (std::uint64_t i = 0; i < points; ++i) candidates.push_back(grid_point(spaces, i));
  return {.propose = one_after_the_other(std::move(candidates)),
          .warning = "",
          .params_descending = false};
}

}  // namespace tailor::internal::strategies
