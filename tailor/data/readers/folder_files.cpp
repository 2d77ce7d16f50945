#include "tailor/data/readers/folder_files.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "tailor/core/folder_entries.hpp"
#include "tailor/data/readers/names.hpp"

namespace tailor::internal {
namespace {

using Places = std::set<std::pair<std::uint64_t, std::uint64_t>>;

void collect(const std::filesystem::path& root, const std::string& below, Places& seen,
             std::vector<FolderFile>& files) {
  for (const FolderEntry& entry : folder_entries(root / below)) {
    if (is_left_out(entry.name)) continue;
    const std::string path = below.empty() ? entry.name : below + "/" + entry.name;
    if (entry.kind == PathKind::kFolder) {
      if (seen.emplace(entry.device, entry.number_on_it).second) collect(root, path, seen, files);
    } else {
      // Whatever it is: who reads it says why it is no picture.
      files.push_back({path, entry.bytes, entry.changed_ns});
    }
  }
}

}  // namespace

std::vector<FolderFile> files_below(const std::filesystem::path& root, const std::string& below) {
  const FolderEntry folder = entry_of(root / below);
  Places seen = {{folder.device, folder.number_on_it}};
  std::vector<FolderFile> files;
  collect(root, below, seen, files);
  std::ranges::sort(files, {}, &FolderFile::path);
  return files;
}

}  // namespace tailor::internal
