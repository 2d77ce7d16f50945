// What can be read from a search's figures, in sentences that claim no more than they show.
#pragma once

#include <string>
#include <vector>

#include "tailor/report/charts/search_view.hpp"

namespace tailor::internal {

// One hyperparameter against the score: its rank correlation where it is a number, the values with
// the best and the worst mean where it is not. "" with fewer than five scores.
std::string slice_finding(const SearchView& view, const std::string& path);

// How far ahead the best is, which hyperparameters moved with the score, what failed.
std::vector<std::string> search_findings(const SearchView& view);

}  // namespace tailor::internal
