// The page's drawings as inline SVG: role="img" with a title and a description, colours from the
// stylesheet, and a second sign (dash, mark, label) wherever a colour says something.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tailor/search/records.hpp"
#include "tailor/train/records.hpp"

namespace tailor {

// Accuracy over epochs: blue line with dots for training, dashed orange with squares for the
// watched set where there is one. `id` must be unique on the page.
std::string accuracy_chart(std::string_view id, const std::vector<EpochRecord>& history);
std::string loss_chart(std::string_view id, const std::vector<EpochRecord>& history);

// The candidates over the first two paths that they set (over one path and the score where there is
// only one): deeper blue for a better mean score, the score in per cent beside each point, a ring
// around the best, a cross for candidates without a score. "" without candidates or paths.
std::string search_chart(std::string_view id, const SearchResult& search);

}  // namespace tailor
