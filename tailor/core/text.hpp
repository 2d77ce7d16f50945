// Text as people read it, the same in the terminal and on the pages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tailor/core/shape.hpp"

namespace tailor::internal {

// "4.2 s", "42 s", "3 min 20 s", "1 h 5 min".
std::string duration_text(double seconds);

// A count or a speed: 60000 -> "60,000".
std::string grouped(double number);

// The size of a picture as people name it, width first: "28x28", "400x711 (width x height)". The
// sizes of a layer's values are to_string(Shape): rows, columns, channels.
std::string picture_size(std::uint64_t width, std::uint64_t height);

// The same with its colours: "28x28, grey", "400x711 (width x height), colour".
std::string picture_text(const Shape& shape);

// In lines of at most `columns`, broken at spaces; those after the first begin with `indent`
// spaces, for a text that stands behind as many columns. A longer word has a line of its own.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);

// Length of the UTF-8 sequence that starts `text`, 0 where it is none (RFC 3629: shortest form, no
// surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text);

// Whether all of it is such sequences.
bool is_utf8(std::string_view text);

// The character that one such sequence is.
std::uint32_t code_point(std::string_view sequence);

// Whether one sequence is a control character (C0, DEL, C1), a line separator, a byte order
// mark, or turns the direction of writing.
bool steers_terminal(std::string_view sequence);

// Its line ends as spaces.
std::string one_line(std::string text);

// Text from outside (names, paths, values) as one line that cannot steer a terminal: what is no
// UTF-8, control characters (C0, DEL, C1), line separators and those that turn the direction of
// writing become '?', byte by byte for what is no UTF-8, one for each character otherwise.
std::string printable(std::string_view text);

// printable(), cut to `characters` with an ellipsis: how an error quotes what somebody typed.
std::string excerpt(std::string_view text, std::size_t characters = 60);

}  // namespace tailor::internal
