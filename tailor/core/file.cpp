#include "tailor/core/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

std::string reason(int code) {
  return std::generic_category().message(code);
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }

  // False, with errno, if the file system reports a late write error.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

// Never waits: a pipe opened for reading would.
FileDescriptor open_for_reading(const fs::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    const int code = errno;
    const std::string message = fmt::format("cannot read {}: {}", path.string(), reason(code));
    throw code == ENOENT || code == ENOTDIR ? bad_input(message) : failure(message);
  }
  return file;
}

std::size_t regular_size(const FileDescriptor& file, const fs::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    throw failure(fmt::format("cannot read {}: {}", path.string(), reason(errno)));
  }
  if (!S_ISREG(status.st_mode)) {
    throw bad_input(fmt::format("cannot read {}: it is not a regular file", path.string()));
  }
  return std::size_t(status.st_size);
}

// The whole file, even if it grew or shrank since its size was asked. `Bytes` is std::string or
// std::vector<std::uint8_t>.
template <typename Bytes>
Bytes read_whole(const fs::path& path) {
  const FileDescriptor file = open_for_reading(path);
  Bytes bytes(regular_size(file, path) + 1, 0);
  std::size_t done = 0;
  while (true) {
    if (done == bytes.size()) bytes.resize(bytes.size() * 2);
    const ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw failure(fmt::format("cannot read {}: {}", path.string(), reason(errno)));
    if (got == 0) break;
    done += std::size_t(got);
  }
  bytes.resize(done);
  return bytes;
}

// A new file beside the one it will replace; removed again unless renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target)
      : target_(target),
        path_(unused_name(target)),
        file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
    if (file_.get() < 0) throw error();
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!renamed_) ::unlink(path_.c_str());
  }

  void write(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw error();
      bytes = bytes.subspan(std::size_t(written));
    }
  }

  void rename_over_target() {
    if (::fsync(file_.get()) != 0 || !file_.close()) throw error();
    if (::rename(path_.c_str(), target_.c_str()) != 0) throw error();
    renamed_ = true;
  }

 private:
  // Unique among threads by the counter, among processes by the id.
  static fs::path unused_name(const fs::path& target) {
    static std::atomic<unsigned> counter{0};
    fs::path name = target;
    name += fmt::format(".{}.{}.tmp", ::getpid(), counter.fetch_add(1));
    return name;
  }

  Error error() const {
    return failure(fmt::format("cannot write {}: {}", target_.string(), reason(errno)));
  }

  fs::path target_;
  fs::path path_;
  FileDescriptor file_;
  bool renamed_ = false;
};

// Makes the new name itself survive a power cut.
void sync_folder(const fs::path& path) {
  const fs::path parent = path.parent_path();
  const fs::path folder = parent.empty() ? fs::path(".") : parent;
  const FileDescriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // EINVAL: a file system whose folders cannot be synced.
  if (file.get() < 0 || (::fsync(file.get()) != 0 && errno != EINVAL)) {
    throw failure(fmt::format("cannot sync {}: {}", folder.string(), reason(errno)));
  }
}

// What is to be replaced: the file that `path` names, or a symbolic link at its end points to. A
// device or a pipe would not be written to but removed.
fs::path target_of(const fs::path& path) {
  constexpr int kMostLinks = 40;  // as Linux follows
  std::error_code unknown;        // then opening or renaming says why
  fs::path target = path;
  for (int links = 0; links < kMostLinks && fs::is_symlink(target, unknown); ++links) {
    target = target.parent_path() / fs::read_symlink(target, unknown);
  }
  if (fs::is_symlink(target, unknown)) {
    throw failure(fmt::format("cannot write {}: {}", path.string(), reason(ELOOP)));
  }
  const fs::file_status status = fs::status(target, unknown);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw failure(fmt::format("cannot write {}: it is not a regular file", path.string()));
  }
  return target;
}

}  // namespace

std::vector<std::uint8_t> read_file(const fs::path& path) {
  return read_whole<std::vector<std::uint8_t>>(path);
}

std::string read_text(const fs::path& path) {
  return read_whole<std::string>(path);
}

void write_file_atomic(const fs::path& path, std::span<const std::uint8_t> bytes) {
  const fs::path target = target_of(path);
  TemporaryFile file(target);
  file.write(bytes);
  file.rename_over_target();
  sync_folder(target);
}

void write_file_atomic(const fs::path& path, std::string_view text) {
  write_file_atomic(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void make_folder(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (!code && !fs::is_directory(path, code) && !code) {
    code = std::make_error_code(std::errc::not_a_directory);
  }
  if (code) throw failure(fmt::format("cannot create {}: {}", path.string(), code.message()));
}

}  // namespace tailor::internal
