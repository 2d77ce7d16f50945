#include "tailor/search/strategies.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace strategies {

// Each is defined in the file of its name under strategies/.
Strategy random(const SearchOptions& options);
Strategy grid(const SearchOptions& options);
Strategy sobol(const SearchOptions& options);

}  // namespace strategies

namespace {

struct Row {
  std::string_view name;
  std::string_view help;
  Strategy (*make)(const SearchOptions& options);
};

constexpr std::array kStrategies = {
    Row{"random", "n_iter draws, scikit-learn's RandomizedSearchCV", strategies::random},
    Row{"grid", "every point of lists, scikit-learn's GridSearchCV", strategies::grid},
    Row{"sobol", "n_iter evenly spread points, scipy's qmc.Sobol", strategies::sobol},
};

}  // namespace

std::vector<std::string> strategy_names() {
  std::vector<std::string> names;
  for (const Row& row : kStrategies) names.emplace_back(row.name);
  return names;
}

std::string strategy_help() {
  std::string help;
  for (const Row& row : kStrategies) {
    help += fmt::format("{}{} = {}", help.empty() ? "" : "; ", row.name, row.help);
  }
  return help;
}

Strategy make_strategy(const SearchOptions& options) {
  const auto row = std::find_if(kStrategies.begin(), kStrategies.end(),
                                [&](const Row& one) { return one.name == options.strategy; });
  if (row != kStrategies.end()) return row->make(options);
  const std::string nearest = nearest_name(options.strategy, strategy_names());
  throw bad_input(fmt::format("search.strategy must be one of {}, not \"{}\"{}",
                              fmt::join(strategy_names(), ", "), options.strategy,
                              nearest.empty() ? "" : "; did you mean " + nearest + "?"));
}

}  // namespace tailor::internal
