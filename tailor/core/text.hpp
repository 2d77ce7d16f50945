// Text as people read it, the same in the terminal and on the pages.
#pragma once

#include <string>

namespace tailor::internal {

// "4.2 s", "42 s", "3 min 20 s", "1 h 5 min".
std::string duration_text(double seconds);

// A count or a speed: 60000 -> "60,000".
std::string grouped(double number);

// Its line ends as spaces.
std::string one_line(std::string text);

}  // namespace tailor::internal
