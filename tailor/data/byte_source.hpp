// A file as a stream of bytes, inflated on the way if it is gzipped (RFC 1952).
#pragma once

#include <zlib.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "tailor/core/file.hpp"

namespace tailor::internal {

class ByteSource {
 public:
  // Throws as InputFile does.
  explicit ByteSource(const std::filesystem::path& path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Fills `out` as far as the file goes and returns how many bytes that were; fewer than asked only
  // at the end. Checksums are checked when the end is reached, so whoever wants a whole file asks
  // for one byte more than it should have. Throws bad_input for broken gzip data and for
  // bytes after it other than zeros.
  std::size_t read(std::span<std::uint8_t> out);

  bool truncated() const { return truncated_; }  // gzip data that stopped before their end
  bool gzipped() const { return gzipped_; }
  std::uint64_t file_bytes() const { return file_.size(); }  // as stored
  std::uint64_t most_bytes() const;  // what the file can hold at most, once inflated

 private:
  std::size_t read_inflated(std::span<std::uint8_t> out);
  bool refill();
  bool next_member();

  std::string name_;
  InputFile file_;
  bool gzipped_ = false;
  bool ended_ = false;
  bool truncated_ = false;
  z_stream inflater_ = {};
  std::array<std::uint8_t, 1 << 16> input_;
};

}  // namespace tailor::internal
