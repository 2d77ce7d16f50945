#include "tailor/study/ready_cache.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/folder_entries.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSourceFile = "source.txt";

// Changed where the same pictures would become other bytes.
constexpr int kMaking = 2;

std::string stamp_of(const fs::path& path) {
  const FolderEntry entry = entry_of(path);
  return fmt::format("{}\t{}\t{}\n", entry.name, entry.bytes, entry.changed_ns);
}

// Sizes and times of files that a list names; each folder's entries are asked for once.
std::vector<std::string> stamps_of_files(const fs::path& root,
                                         const std::vector<std::string>& files) {
  std::map<std::string, std::map<std::string, std::string>> folders;
  std::vector<std::string> stamps;
  for (const fs::path file : files) {
    const auto [at, is_new] = folders.try_emplace(file.parent_path().string());
    const fs::path folder = root / file.parent_path();
    if (is_new && is_folder(folder)) {
      for (const FolderEntry& entry : folder_entries(folder)) {
        at->second.emplace(entry.name, fmt::format("{} {}", entry.bytes, entry.changed_ns));
      }
    }
    const auto known = at->second.find(file.filename().string());
    stamps.push_back(known == at->second.end() ? "" : known->second);
  }
  return stamps;
}

// Names, sizes and times of all that is read.
std::string stamps_of(const Source& source) {
  std::string text;
  for (const fs::path& input : source.inputs) text += stamp_of(input);
  if (!source.pictures) return text;
  for (const auto& [split, read] : source.parts) {
    text += fmt::format("{}\n", to_string(split));
    SourcePart part = read();
    if (part.stamps.empty()) part.stamps = stamps_of_files(source.root, part.files);
    for (std::size_t i = 0; i < part.files.size(); ++i) {
      text += fmt::format("{}\t{}\t{}", part.files[i], part.set.labels[i], part.stamps[i]);
      if (!part.groups.empty()) text += "\t" + part.groups[i];
      text += '\n';
    }
    for (const std::string& name : part.set.class_names) text += name + '\n';
  }
  return text;
}

std::string options_text(const DataOptions& o) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {}\n", kMaking,
                     fmt::join(o.image.size, "x"), o.image.channels, o.image.fit, o.image.filter,
                     fmt::join(o.image.background, ","), o.image.upright, o.transpose, o.invert,
                     o.bad_files, o.group, o.test_size, o.validation_size, o.random_state,
                     absolute_path(o.dir).string());
}

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

fs::path set_folder(const DataOptions& options, const Source& source) {
  const fs::path cache = cache_folder();
  if (cache.empty()) return {};
  const std::string text = options_text(options) + stamps_of(source);
  const std::string key =
      sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return cache / key.substr(0, 32);
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

bool forget(const KeptSet& set) {
  if (!is_folder(set.folder)) return true;  // somebody else did
  remove_leftovers(set.folder);
  for (const FolderEntry& entry : folder_entries(set.folder)) {
    if (is_our_file(entry.name)) remove_file(set.folder / entry.name);
  }
  if (!list_folder(set.folder).empty()) return false;
  try {
    remove_empty_folder(set.folder);
    return true;
  } catch (const Error&) {
    if (is_folder(set.folder) && !list_folder(set.folder).empty()) return false;  // just now
    throw;
  }
}

}  // namespace tailor::internal
