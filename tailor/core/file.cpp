#include "tailor/core/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <optional>
#include <string>
#include <system_error>

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

std::string reason(int code) {
  return std::generic_category().message(code);
}

Error cannot_write(const fs::path& path, const std::string& why) {
  return failure(fmt::format("cannot write {}: {}", path.string(), why));
}

// The whole file, even if it grew or shrank since its size was asked. `Bytes` is std::string or
// std::vector<std::uint8_t>.
template <typename Bytes>
Bytes read_whole(const fs::path& path, std::uint64_t most_bytes) {
  InputFile file(path);
  const auto refuse_above = [&](std::uint64_t found) {
    if (found <= most_bytes) return;
    throw bad_input(fmt::format("{} has more than the {} bytes that such a file may have",
                                path.string(), most_bytes));
  };
  refuse_above(file.size());
  Bytes bytes(file.size() + 1, 0);
  std::size_t done = 0;
  while (true) {
    const std::span<std::uint8_t> room{reinterpret_cast<std::uint8_t*>(bytes.data()) + done,
                                       bytes.size() - done};
    const std::size_t got = file.read(room);
    done += got;
    refuse_above(done);
    if (got < room.size()) break;
    bytes.resize(bytes.size() * 2);
  }
  bytes.resize(done);
  return bytes;
}

// While it lives, no signal's handler runs on this thread: one that ends the process at once would
// leave a temporary file.
class HoldSignals {
 public:
  HoldSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~HoldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HoldSignals(const HoldSignals&) = delete;

 private:
  sigset_t before_;
};

// A temporary name in the folder of what it will replace: NAME.PROCESS.NUMBER.tmp.
struct TemporaryName {
  std::string target;
  pid_t process = 0;
};

std::optional<TemporaryName> parse_temporary(std::string_view name) {
  constexpr std::string_view kEnd = ".tmp";
  if (!name.ends_with(kEnd)) return std::nullopt;
  name.remove_suffix(kEnd.size());
  const auto take_number = [&]() -> std::optional<pid_t> {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    pid_t number = -1;
    const auto [end, fault] =
        std::from_chars(name.data() + dot + 1, name.data() + name.size(), number);
    const bool whole = fault == std::errc() && end == name.data() + name.size() && number >= 0;
    name = name.substr(0, dot);
    return whole ? std::optional(number) : std::nullopt;
  };
  if (!take_number()) return std::nullopt;
  const std::optional<pid_t> process = take_number();
  if (!process || *process < 1 || name.empty()) return std::nullopt;
  return TemporaryName{std::string(name), *process};
}

bool is_gone(pid_t process) {
  return ::kill(process, 0) != 0 && errno == ESRCH;
}

// Ours: a regular file of this user.
bool is_ours(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         status.st_uid == ::geteuid();
}

fs::path folder_of(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

// A new file beside the one it will replace; removed again unless renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) : target_(target), file_(open_new()) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!renamed_) ::unlink(path_.c_str());
  }

  void write(std::span<const std::uint8_t> bytes) {
    const int code =
        write_all(file_.get(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (code != 0) throw cannot_write(target_, reason(code));
  }

  void rename_over_target() {
    if (::fsync(file_.get()) != 0 || !file_.close() ||
        ::rename(path_.c_str(), target_.c_str()) != 0) {
      throw cannot_write(target_, reason(errno));
    }
    renamed_ = true;
  }

 private:
  // Unique among threads by the counter, among processes by the id; not so where a killed process
  // had this one's, as all have in containers.
  FileDescriptor open_new() {
    static std::atomic<unsigned> counter{0};
    while (true) {
      const std::string end = fmt::format(".{}.{}.tmp", ::getpid(), counter.fetch_add(1));
      const std::string name = target_.filename().string();
      path_ = folder_of(target_) / (name.substr(0, NAME_MAX - end.size()) + end);
      const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (file >= 0) return FileDescriptor(file);
      if (errno != EEXIST) throw cannot_write(target_, reason(errno));
    }
  }

  fs::path target_;
  fs::path path_;
  FileDescriptor file_;
  bool renamed_ = false;
};

// Makes the new name itself survive a power cut.
void sync_folder(const fs::path& folder) {
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
  fs::path target = path;
  // A pipe behind /dev/stdout has a name that leads nowhere.
  struct stat end {};
  if (::stat(path.c_str(), &end) == 0 && !S_ISREG(end.st_mode)) {
    throw cannot_write(path, "it is not a regular file");
  }
  for (int links = 0; links <= kMostLinks; ++links) {
    struct stat status {};
    if (::lstat(target.c_str(), &status) != 0) {
      if (errno == ENOENT) return target;
      throw cannot_write(path, reason(errno));
    }
    if (S_ISREG(status.st_mode)) return target;
    if (!S_ISLNK(status.st_mode)) throw cannot_write(path, "it is not a regular file");
    std::error_code code;
    target = target.parent_path() / fs::read_symlink(target, code);
    if (code) throw cannot_write(path, code.message());
  }
  throw cannot_write(path, reason(ELOOP));
}

// A name that was killed while it was written is of no use to anybody; that it cannot be removed
// is no reason to stop.
void remove_leftovers_of(const fs::path& target) {
  const fs::path folder = folder_of(target);
  try {
    for (const fs::path& name : list_folder(folder)) {
      const auto temporary = parse_temporary(name.native());
      if (!temporary || temporary->target != target.filename().native()) continue;
      if (is_gone(temporary->process) && is_ours(folder / name)) remove_file(folder / name);
    }
  } catch (const Error&) {
  }
}

}  // namespace

InputFile::InputFile(const fs::path& path)
    : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  struct stat status {};
  if (file_.get() < 0 || ::fstat(file_.get(), &status) != 0) throw cannot_read(path, errno);
  if (!S_ISREG(status.st_mode)) {
    throw bad_input(fmt::format("cannot read {}: it is not a regular file", path.string()));
  }
  size_ = std::uint64_t(status.st_size);
}

std::size_t InputFile::read(std::span<std::uint8_t> out) {
  const std::ptrdiff_t got = read_all(file_.get(), out.data(), out.size());
  if (got < 0) throw cannot_read(path_, errno);
  return std::size_t(got);
}

void InputFile::rewind() {
  if (::lseek(file_.get(), 0, SEEK_SET) != 0) throw cannot_read(path_, errno);
}

std::vector<std::uint8_t> read_file(const fs::path& path, std::uint64_t most_bytes) {
  return read_whole<std::vector<std::uint8_t>>(path, most_bytes);
}

std::string read_text(const fs::path& path, std::uint64_t most_bytes) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string text = read_whole<std::string>(path, most_bytes);
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

std::uint64_t size_of_file(const fs::path& path) {
  return InputFile(path).size();
}

void write_file_atomic(const fs::path& path, std::span<const std::uint8_t> bytes) {
  const fs::path target = target_of(path);
  {
    const HoldSignals meanwhile;
    TemporaryFile file(target);
    file.write(bytes);
    file.rename_over_target();
  }
  sync_folder(folder_of(target));
  remove_leftovers_of(target);
}

void write_file_atomic(const fs::path& path, std::string_view text) {
  write_file_atomic(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void check_writable(const fs::path& path) {
  const HoldSignals meanwhile;
  const TemporaryFile file(target_of(path));
}

// A name with this process's own number is another's that had it before: nothing is written yet.
void remove_leftovers(const fs::path& folder) {
  for (const fs::path& name : list_folder(folder)) {
    const auto temporary = parse_temporary(name.native());
    if (!temporary) continue;
    const bool stale = is_gone(temporary->process) || temporary->process == ::getpid();
    if (stale && is_ours(folder / name)) remove_file(folder / name);
  }
}

}  // namespace tailor::internal
