// Files: whole reads, and writes that are all or nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailor::internal {

// Throws bad_input when it does not exist or is not a regular file, failure when it cannot be read.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);

// Writes to a temporary name in the same folder, syncs it, renames it over `path` and syncs the
// folder: a reader sees the old bytes or the new ones, never half. Of a symbolic link, what it
// points to is replaced. Throws failure naming the path and the reason, for what is not a regular
// file too; leaves no temporary file behind.
void write_file_atomic(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_file_atomic(const std::filesystem::path& path, std::string_view text);

// mkdir -p; throws failure ("cannot create runs/x: Read-only file system").
void make_folder(const std::filesystem::path& path);

// SHA-256 as 64 hex digits (FIPS 180-4): fingerprints of data, experiments and weights.
std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace tailor::internal
