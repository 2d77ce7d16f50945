#include "tailor/study/ready_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "tailor/core/file.hpp"
#include "tailor/core/folder_entries.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSourceFile = "source.txt";

// A key is 32 digits; a folder of another name is not ours.
bool is_key(const std::string& name) {
  return name.size() == 32 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_our_file(const std::string& name) {
  return name.ends_with(".ready") || name == kSourceFile || name == "identity.txt" ||
         name == "bad_files.csv";
}

}  // namespace

fs::path cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && fs::path(cache).is_absolute()) return fs::path(cache) / "tailor";
  const char* home = std::getenv("HOME");
  if (home == nullptr || !fs::path(home).is_absolute()) return {};
  return fs::path(home) / ".cache" / "tailor";
}

void make_set_folder(const fs::path& folder, const fs::path& source) {
  make_folder(folder);
  if (!path_exists(folder / kSourceFile)) {
    write_file_atomic(folder / kSourceFile, absolute_path(source).string());
  }
}

std::vector<KeptSet> kept_sets() {
  std::vector<KeptSet> sets;
  const fs::path all = cache_folder();
  if (all.empty() || !is_folder(all)) return sets;
  for (const FolderEntry& entry : folder_entries(all)) {
    if (entry.kind != PathKind::kFolder || !is_key(entry.name)) continue;
    KeptSet& set = sets.emplace_back();
    set.folder = all / entry.name;
    for (const FolderEntry& file : folder_entries(set.folder)) {
      set.bytes += file.bytes;
      set.changed_ns = std::max(set.changed_ns, file.changed_ns);
    }
    const fs::path source = set.folder / kSourceFile;
    if (is_file(source)) set.source = read_text(source);
  }
  std::ranges::stable_sort(sets, {}, &KeptSet::changed_ns);
  return sets;
}

void forget(const KeptSet& set) {
  remove_leftovers(set.folder);
  for (const FolderEntry& entry : folder_entries(set.folder)) {
    if (is_our_file(entry.name)) remove_file(set.folder / entry.name);
  }
  remove_empty_folder(set.folder);
}

}  // namespace tailor::internal
