// Open files as the system numbers them.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace tailor::internal {

// Owns one; -1 for none.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() { close(); }

  int get() const { return fd_; }

  // False, with errno, if the file system reports a late write error.
  bool close() noexcept;

 private:
  int fd_;
};

// Writes all of it and returns 0, or errno where that failed. Never throws, allocates nothing, and
// may be called by a handler of signals or of a want of memory.
int write_all(int descriptor, std::string_view text) noexcept;

// As many of `size` bytes as there are before the end; -1, with errno, where that failed.
std::ptrdiff_t read_all(int descriptor, void* out, std::size_t size) noexcept;

// To be called before anything is opened. A standard descriptor (0, 1, 2) that is closed would be
// given to the first file that is opened, and what is meant for the terminal would be written into
// that. So each is opened on /dev/null, the wrong way round: reading input that is not there and
// writing a result that nobody can get still fail.
void open_standard_descriptors() noexcept;

}  // namespace tailor::internal
