// Names of classes as they come from outside: a file beside the images, a model's card.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tailor::internal {

// Throws bad_input "PLACE: what is wrong" for names that are no text in UTF-8, empty, longer than
// kMostNameBytes or there twice, and for more than kMostClasses of them; `place(i)` says where the
// i-th stands.
void check_class_names(const std::vector<std::string>& names,
                       const std::function<std::string(std::size_t)>& place);

// One name a line, in label order; empty lines, a byte order mark and carriage returns at the ends
// of lines do not count. Checked as above.
std::vector<std::string> read_class_names(const std::filesystem::path& path);

}  // namespace tailor::internal
