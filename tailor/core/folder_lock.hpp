// Two processes must not work on one run: whoever claims its folder holds this lock meanwhile.
#pragma once

#include <filesystem>

namespace tailor::internal {

// An exclusive lock on `folder`/study.db.lock for as long as this object lives; the kernel sets it
// free if the process dies. The file's name is older than this class, and a tailor of any version
// must respect it. Throws bad_input where another process holds it, failure where the file cannot
// be written or locked.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

 private:
  int descriptor_ = -1;
};

}  // namespace tailor::internal
