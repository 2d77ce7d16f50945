// What names mean that people give to folders, columns and files.
#pragma once

#include <algorithm>
#include <cstddef>
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

// Throws bad_input for fewer than two classes or more than kMostClasses.
void check_class_count(std::size_t classes, const std::string& source);

// The classes that labels of numbers stand for: each once, ascending. Throws as
// check_class_count().
template <class Number>
std::vector<Number> classes_of(std::vector<Number> labels, const std::string& source) {
  std::ranges::sort(labels);
  labels.erase(std::ranges::unique(labels).begin(), labels.end());
  check_class_count(labels.size(), source);
  return labels;
}

// "a, b, c and 7 more".
std::string few_of(const std::vector<std::string>& names);

}  // namespace tailor::internal
