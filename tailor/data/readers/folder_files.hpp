// The files of a folder that may be pictures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tailor::internal {

// Those below `root`/`below`, those of nested folders too, as paths below the root ("" for `below`
// is the root itself), in the order of their bytes. What is_left_out() names is left out. A folder
// that holds itself by a link is entered once. Throws what cannot_read() says.
std::vector<std::string> files_below(const std::filesystem::path& root, const std::string& below);

}  // namespace tailor::internal
