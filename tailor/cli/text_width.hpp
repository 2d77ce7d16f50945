// Text from strangers' files (class names) on a terminal: how many columns it takes, cut to fit,
// and no control characters that could steer the terminal. One code point counts as one column.
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

// Control characters become '?'.
std::string printable(std::string_view text);

}  // namespace tailor::internal
