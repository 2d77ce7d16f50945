// What others send us through a pipe.
#pragma once

#include <string>
#include <vector>

namespace tailor::internal {

// All lines up to the end, without their ends. Throws failure where it cannot be read, bad_input
// for more than kMostTextBytes.
std::vector<std::string> lines_of_standard_input();

}  // namespace tailor::internal
