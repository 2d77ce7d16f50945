// How many columns text takes on a terminal, and text cut to fit. One code point counts as one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tailor::internal {

std::size_t text_columns(std::string_view text);

// At most `columns` columns; what is cut ends in an ellipsis.
std::string cut_to(std::string_view text, std::size_t columns);

// cut_to, then filled up with spaces.
std::string padded(std::string_view text, std::size_t columns);

}  // namespace tailor::internal
