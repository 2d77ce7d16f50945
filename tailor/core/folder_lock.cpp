#include "tailor/core/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {

// The lock is not on study.db itself: closing a second descriptor of that file would drop SQLite's
// own locks.
FolderLock::FolderLock(const std::filesystem::path& folder)
    : file_(::open((folder / "study.db.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  const std::string name = (folder / "study.db.lock").string();
  if (file_.get() < 0) {
    throw failure(fmt::format("cannot write {}: {}", name, std::strerror(errno)));
  }
  const std::filesystem::path place = folder.empty() ? "." : folder;
  if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      throw failure(fmt::format("cannot lock {}: {}", name, std::strerror(errno)));
    }
    throw bad_input(fmt::format(
        "another tailor is working in {}; wait for it or choose another --out", place.string()));
  }
  remove_leftovers(place);
}

}  // namespace tailor::internal
