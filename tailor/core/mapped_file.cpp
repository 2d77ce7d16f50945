#include "tailor/core/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {

std::shared_ptr<const void> map_file(const std::filesystem::path& path,
                                     std::span<const std::uint8_t>& bytes) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) throw cannot_read(path, errno);
  struct stat status;
  const bool known = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = known ? std::size_t(status.st_size) : 0;
  void* start = size == 0 ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  const int code = errno;
  ::close(file);
  if (size == 0) throw bad_input(fmt::format("{} is empty or no regular file", path.string()));
  if (start == MAP_FAILED) throw cannot_read(path, code);
  bytes = {static_cast<const std::uint8_t*>(start), size};
  return {start, [size](const void* begin) { ::munmap(const_cast<void*>(begin), size); }};
}

FileInTheMaking::FileInTheMaking(const std::filesystem::path& path, std::uint64_t bytes)
    : path_(path) {
  static std::atomic<int> number = 0;
  temporary_ = path;
  temporary_ +=
      fmt::format(".{}.{}.tmp", ::getpid(), number++);  // as remove_leftovers() knows them
  const auto fail = [&](int code) {
    return failure(fmt::format("cannot write {}: {}", path_.string(), std::strerror(code)));
  };
  file_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file_ < 0) throw fail(errno);
  // Without its room a full disk would be a signal in the middle of the work.
  int code = ::posix_fallocate(file_, 0, off_t(bytes));
  void* start = MAP_FAILED;
  if (code == 0) {
    start = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (start == MAP_FAILED) code = errno;
  }
  if (code != 0) {
    ::close(file_);
    ::unlink(temporary_.c_str());
    throw fail(code);
  }
  bytes_ = {static_cast<std::uint8_t*>(start), bytes};
}

FileInTheMaking::~FileInTheMaking() {
  if (bytes_.data() != nullptr) ::munmap(bytes_.data(), bytes_.size());
  if (file_ >= 0) {
    ::close(file_);
    ::unlink(temporary_.c_str());
  }
}

void FileInTheMaking::finish(std::uint64_t size) {
  ::munmap(bytes_.data(), bytes_.size());
  bytes_ = {};
  const bool done = ::ftruncate(file_, off_t(size)) == 0 && ::fsync(file_) == 0 &&
                    ::rename(temporary_.c_str(), path_.c_str()) == 0;
  if (!done) {
    throw failure(fmt::format("cannot write {}: {}", path_.string(), std::strerror(errno)));
  }
  ::close(file_);
  file_ = -1;
}

}  // namespace tailor::internal
