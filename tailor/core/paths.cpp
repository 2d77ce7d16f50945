// Questions about paths, and folders.
#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

Error failed(const char* doing, const fs::path& path, int code) {
  return failure(
      fmt::format("cannot {} {}: {}", doing, path.string(), std::generic_category().message(code)));
}

// False where nothing is there.
bool look(const fs::path& path, struct stat& status) {
  if (::stat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  throw cannot_read(path, errno);
}

}  // namespace

Error cannot_read(const fs::path& path, int code) {
  const std::string message =
      fmt::format("cannot read {}: {}", path.string(), std::generic_category().message(code));
  switch (code) {
    case ENXIO:  // a socket, a device that is not there
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return bad_input(message);
    default:
      return failure(message);
  }
}

PathKind kind_of(const fs::path& path) {
  struct stat status {};
  if (!look(path, status)) return PathKind::kNothing;
  if (S_ISREG(status.st_mode)) return PathKind::kFile;
  return S_ISDIR(status.st_mode) ? PathKind::kFolder : PathKind::kOther;
}

bool path_exists(const fs::path& path) {
  return kind_of(path) != PathKind::kNothing;
}

bool is_file(const fs::path& path) {
  return kind_of(path) == PathKind::kFile;
}

bool is_folder(const fs::path& path) {
  return kind_of(path) == PathKind::kFolder;
}

bool same_place(const fs::path& a, const fs::path& b) {
  struct stat one {
  }, other{};
  return look(a, one) && look(b, other) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

fs::path absolute_path(const fs::path& path) {
  std::error_code code;
  const fs::path absolute = fs::absolute(path, code);
  return code ? path : absolute.lexically_normal();
}

void remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return;
  throw failed("remove", path, errno);
}

void remove_empty_folder(const fs::path& path) {
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return;
  throw failed("remove", path, errno);
}

std::vector<fs::path> list_folder(const fs::path& path) {
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
  if (folder == nullptr) throw cannot_read(path, errno);
  std::vector<fs::path> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr && errno != 0) throw cannot_read(path, errno);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void make_folder(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code && fs::is_symlink(fs::symlink_status(path, code)) && !path_exists(path)) {
    throw bad_input(
        fmt::format("cannot create {}: it is a link to what is not there", path.string()));
  }
  if (code) throw failed("create", path, code.value());
  if (!is_folder(path)) throw failed("create", path, ENOTDIR);
}

}  // namespace tailor::internal
