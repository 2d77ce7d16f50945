#include "tailor/core/folder_entries.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace tailor::internal {
namespace {

FolderEntry described(std::string name, const struct stat& status) {
  FolderEntry entry;
  entry.name = std::move(name);
  entry.kind = S_ISREG(status.st_mode)   ? PathKind::kFile
               : S_ISDIR(status.st_mode) ? PathKind::kFolder
                                         : PathKind::kOther;
  entry.bytes = std::uint64_t(status.st_size);
  entry.changed_ns = std::int64_t(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
  entry.device = std::uint64_t(status.st_dev);
  entry.number_on_it = std::uint64_t(status.st_ino);
  return entry;
}

struct CloseListing {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

std::vector<FolderEntry> folder_entries(const std::filesystem::path& folder) {
  const std::unique_ptr<DIR, CloseListing> open(::opendir(folder.c_str()));
  if (!open) throw cannot_read(folder, errno);
  std::vector<FolderEntry> entries;
  while (true) {
    errno = 0;
    const dirent* next = ::readdir(open.get());
    if (next == nullptr) break;
    const std::string name = next->d_name;
    if (name == "." || name == "..") continue;
    struct stat status;
    if (::fstatat(::dirfd(open.get()), name.c_str(), &status, 0) == 0) {
      entries.push_back(described(name, status));
    } else if (errno == ENOENT || errno == ELOOP) {
      entries.push_back({.name = name});
    } else {
      throw cannot_read(folder / name, errno);
    }
  }
  if (errno != 0) throw cannot_read(folder, errno);
  std::ranges::sort(entries, {}, &FolderEntry::name);
  return entries;
}

FolderEntry entry_of(const std::filesystem::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) throw cannot_read(path, errno);
  return described(path.string(), status);
}

}  // namespace tailor::internal
