// Files: whole reads, writes that are all or nothing, and questions about paths that always have an
// answer. Only core/ asks the file system itself (tools/check_layers): std::filesystem's own
// functions throw what no command expects, or return false where they do not know.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tailor/core/descriptor.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"

namespace tailor::internal {

// What errno says of a path that was to be read: bad_input where there is nothing of that name or
// no name at all (ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG), failure for all else, a permission
// that lacks included: what was named may well be right.
Error cannot_read(const std::filesystem::path& path, int code);

// Of a file, open for reading. Throws what cannot_read() says, and bad_input for what is not a
// regular file; opening one never waits, as that of a pipe would.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);

  std::uint64_t size() const { return size_; }

  // As many bytes as there are before the end. Throws failure.
  std::size_t read(std::span<std::uint8_t> out);
  void rewind();

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

// All of a file that has no more than `most_bytes`; one of more is bad_input before it is in
// memory.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                    std::uint64_t most_bytes = std::uint64_t(-1));

// The same of a text that people write, without the byte order mark it may begin with.
std::string read_text(const std::filesystem::path& path, std::uint64_t most_bytes = kMostTextBytes);

// Writes to a temporary name in the same folder, syncs it, renames it over `path` and syncs the
// folder: a reader sees the old bytes or the new ones, never half. Of a symbolic link, what it
// points to is replaced. Throws failure naming the path and the reason, for what is not a regular
// file too; leaves no temporary file behind, and removes those of the same name that processes left
// which were killed while they wrote.
void write_file_atomic(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_file_atomic(const std::filesystem::path& path, std::string_view text);

// Throws what write_file_atomic would throw now, and changes nothing: for work whose result nobody
// could keep.
void check_writable(const std::filesystem::path& path);

// What a path names, links followed. Nothing where it or a folder on the way to it is not there;
// throws what cannot_read() says where that cannot be found out.
enum class PathKind { kNothing, kFile, kFolder, kOther };
PathKind kind_of(const std::filesystem::path& path);
bool path_exists(const std::filesystem::path& path);
bool is_file(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);
bool same_place(const std::filesystem::path& a, const std::filesystem::path& b);  // both are there

// Of a file that is there. Throws as InputFile does.
std::uint64_t size_of_file(const std::filesystem::path& path);

// From the root on; as it is where nobody knows the working folder any more.
std::filesystem::path absolute_path(const std::filesystem::path& path);

// Nothing where it is not there. Throws failure.
void remove_file(const std::filesystem::path& path);

// Nothing where it is not there. Throws failure, also where it is not empty.
void remove_empty_folder(const std::filesystem::path& path);

// The names in a folder, in their order. Throws what cannot_read() says.
std::vector<std::filesystem::path> list_folder(const std::filesystem::path& path);

// mkdir -p; throws failure ("cannot create runs/x: Read-only file system").
void make_folder(const std::filesystem::path& path);

// Removes what write_file_atomic of a killed process left in this folder, whatever its name: files
// called NAME.PROCESS.NUMBER.tmp that are ours and whose process is gone. For whoever holds the
// folder's lock. Throws failure.
void remove_leftovers(const std::filesystem::path& folder);

// SHA-256 as 64 hex digits (FIPS 180-4): fingerprints of data, experiments and weights.
std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace tailor::internal
