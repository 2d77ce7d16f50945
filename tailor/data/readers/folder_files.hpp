// The files of a folder that may be pictures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tailor::internal {

struct FolderFile {
  std::string path;  // below the root
  std::uint64_t bytes = 0;
  std::int64_t changed_ns = 0;  // since 1970
};

// Those below `root`/`below`, those of nested folders too, as paths below the root ("" for `below`
// is the root itself), in the order of their paths' bytes. What is_left_out() names is left out. A
// folder that holds itself by a link is entered once. Throws what cannot_read() says.
std::vector<FolderFile> files_below(const std::filesystem::path& root, const std::string& below);

}  // namespace tailor::internal
