// The search as a reader wants it: a table to sort, charts of what mattered, what it cost.
#pragma once

#include <string>

#include "tailor/report/run/report.hpp"

namespace tailor::internal {

// The inside of the search's <section>; "" without candidates.
std::string search_part(const SearchResult& search);

}  // namespace tailor::internal
