// A confusion matrix of more classes than a table of figures can hold: colours instead.
#pragma once

#include <string>
#include <string_view>

#include "tailor/train/records.hpp"

namespace tailor::internal {

// A figure in a box that scrolls where the screen is narrow. Rows and columns have the names of
// their classes, as many as fit.
std::string heat_map_html(std::string_view id, const Evaluation& test);

}  // namespace tailor::internal
