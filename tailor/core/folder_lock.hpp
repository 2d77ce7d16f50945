// Two processes must not work on one run: whoever claims its folder holds this lock meanwhile.
#pragma once

#include <filesystem>

#include "tailor/core/descriptor.hpp"

namespace tailor::internal {

// An exclusive lock on `folder`/study.db.lock for as long as this object lives; the kernel sets it
// free if the process dies. What killed processes left half-written in the folder is removed. The
// file's name is older than this class, and a tailor of any version must respect it. Throws
// bad_input where another process holds it, failure where the file cannot be written or locked.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);

 private:
  FileDescriptor file_;
};

}  // namespace tailor::internal
