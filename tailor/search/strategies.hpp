// The strategies that search.strategy can name. A new one is a file in strategies/, which makes a
// Strategy (strategy.hpp) of the options, and its row in the table of strategies.cpp. Options,
// help, errors, dry run, store and report know it then.
#pragma once

#include <string>
#include <vector>

#include "tailor/search/options.hpp"
#include "tailor/search/strategy.hpp"

namespace tailor::internal {

// In the order of the table; the first is the default.
std::vector<std::string> strategy_names();

// "random = RandomizedSearchCV's draws; grid = ...": for help texts.
std::string strategy_help();

// Throws bad_input for a strategy that nobody knows, naming the nearest, and for spaces or options
// that the strategy cannot search.
Strategy make_strategy(const SearchOptions& options);

}  // namespace tailor::internal
