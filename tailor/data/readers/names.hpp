// What names mean that people give to folders, columns and files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tailor/data/split.hpp"

namespace tailor::internal {

// Of no set: hidden files, what archives and desktops leave behind (__MACOSX, Thumbs.db), and what
// begins with an underscore.
bool is_left_out(std::string_view name);

// "train"; "test"; "val", "valid", "validation": in upper case, too.
std::optional<Split> split_named(std::string_view name);

// Without blanks around, in lower case (ASCII).
std::string plain_name(std::string_view name);

// Throws bad_input where two names differ in case or blanks only.
void check_spellings(const std::vector<std::string>& names, const std::string& source);

// "a, b, c and 7 more".
std::string few_of(const std::vector<std::string>& names);

}  // namespace tailor::internal
