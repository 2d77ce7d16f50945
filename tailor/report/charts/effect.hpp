// What a hyperparameter does to the score, as far as the candidates show it.
#pragma once

#include <string>

#include "tailor/search/records.hpp"

namespace tailor::internal {

// Of the order of the candidates' scores. A number is tried as a rise or fall and as groups of
// values, since the best may lie in the middle; a text as the groups that it makes.
struct Effect {
  double share = 0;    // 0 .. 1, how much of the order it accounts for
  bool clear = false;  // more than chance: a rise or fall, or for texts a difference of groups
};

// Nothing for a path with fewer than five scores.
Effect effect_of(const SearchResult& search, const std::string& path);

// Whether `a` goes before `b`: clear effects first, then the larger one.
bool matters_more(const Effect& a, const Effect& b);

}  // namespace tailor::internal
