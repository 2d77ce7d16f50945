// Text as people read it, the same in the terminal and on the pages.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tailor::internal {

// "4.2 s", "42 s", "3 min 20 s", "1 h 5 min".
std::string duration_text(double seconds);

// A count or a speed: 60000 -> "60,000".
std::string grouped(double number);

// Length of the UTF-8 sequence that starts `text`, 0 where it is none (RFC 3629: shortest form, no
// surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text);

// Whether all of it is such sequences.
bool is_utf8(std::string_view text);

// Its line ends as spaces.
std::string one_line(std::string text);

}  // namespace tailor::internal
