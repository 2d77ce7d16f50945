// What lies in a folder, with what tells whether a file has changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tailor/core/file.hpp"

namespace tailor::internal {

struct FolderEntry {
  std::string name;
  PathKind kind = PathKind::kNothing;  // links followed; nothing: a link to what is not there
  std::uint64_t bytes = 0;
  std::int64_t changed_ns = 0;                 // since 1970
  std::uint64_t device = 0, number_on_it = 0;  // two names of one folder have them in common
};

// In the order of the bytes of their names, which is that of code points in UTF-8. Throws what
// cannot_read() says.
std::vector<FolderEntry> folder_entries(const std::filesystem::path& folder);

// The same of one path; its name is the path as given. Throws what cannot_read() says, and
// bad_input where nothing is there.
FolderEntry entry_of(const std::filesystem::path& path);

}  // namespace tailor::internal
