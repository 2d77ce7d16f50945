// Files as memory: read without a copy, and written without holding their bytes twice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace tailor::internal {

// All of a file, to be read. Changes that others make to it are seen or not: for files that are
// replaced as a whole and never changed. Throws as InputFile does.
std::shared_ptr<const void> map_file(const std::filesystem::path& path,
                                     std::span<const std::uint8_t>& bytes);

// A file that comes to be under its name when it is finished, and not before.
class FileInTheMaking {
 public:
  // Reserves the room on the disk. Throws failure, that there is none included.
  FileInTheMaking(const std::filesystem::path& path, std::uint64_t bytes);
  ~FileInTheMaking();  // what is not finished is removed
  FileInTheMaking(const FileInTheMaking&) = delete;

  std::span<std::uint8_t> bytes() { return bytes_; }
  // With its first `size` bytes. Throws failure.
  void finish(std::uint64_t size);

 private:
  std::filesystem::path path_, temporary_;
  int file_ = -1;
  std::span<std::uint8_t> bytes_;
};

}  // namespace tailor::internal
