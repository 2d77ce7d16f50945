#include "tailor/core/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "tailor/core/error.hpp"

namespace tailor::internal {

// The lock is not on study.db itself: closing a second descriptor of that file would drop SQLite's
// own locks.
FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "study.db.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    throw failure(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  }
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  ::close(descriptor_);
  if (reason == EWOULDBLOCK) {
    const std::string place = path.has_parent_path() ? path.parent_path().string() : ".";
    throw bad_input(
        fmt::format("another tailor is working in {}; wait for it or choose another --out", place));
  }
  throw failure(fmt::format("cannot lock {}: {}", path.string(), std::strerror(reason)));
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace tailor::internal
