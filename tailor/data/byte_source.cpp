#include "tailor/data/byte_source.hpp"

#include <fmt/format.h>

#include <new>

#include "tailor/core/error.hpp"

namespace tailor::internal {

namespace {

constexpr int kGzipOnly = 15 + 16;             // zlib's windowBits for gzip with the largest window
constexpr std::uint64_t kLargestRatio = 1032;  // of deflate: 258 bytes from 2 bits

}  // namespace

ByteSource::ByteSource(const std::filesystem::path& path) : name_(path.string()), file_(path) {
  std::array<std::uint8_t, 2> magic = {};
  gzipped_ = file_.read(magic) == magic.size() && magic[0] == 0x1f && magic[1] == 0x8b;
  file_.rewind();
  if (gzipped_ && inflateInit2(&inflater_, kGzipOnly) != Z_OK) {
    throw std::bad_alloc();
  }
}

ByteSource::~ByteSource() {
  if (gzipped_) inflateEnd(&inflater_);
}

std::uint64_t ByteSource::most_bytes() const {
  return gzipped_ ? file_.size() * kLargestRatio : file_.size();
}

std::size_t ByteSource::read(std::span<std::uint8_t> out) {
  return gzipped_ ? read_inflated(out) : file_.read(out);
}

// zlib counts in 32 bits, but an IDX file is below 2 GiB, so one call's `out` always fits.
std::size_t ByteSource::read_inflated(std::span<std::uint8_t> out) {
  inflater_.next_out = out.data();
  inflater_.avail_out = uInt(out.size());
  while (inflater_.avail_out > 0 && !ended_) {
    if (inflater_.avail_in == 0 && !refill()) {
      truncated_ = true;
      break;
    }
    const int status = inflate(&inflater_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      ended_ = !next_member();
    } else if (status == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (status != Z_OK) {
      const char* reason = inflater_.msg != nullptr ? inflater_.msg : zError(status);
      throw bad_input(fmt::format("{}: broken gzip data ({}); get the file again", name_, reason));
    }
  }
  return out.size() - inflater_.avail_out;
}

bool ByteSource::refill() {
  inflater_.next_in = input_.data();
  inflater_.avail_in = uInt(file_.read(input_));
  return inflater_.avail_in > 0;
}

// A gzip file may be several members in a row (RFC 1952, 2.2), and zeros at its end fill a tape's
// or a disk's block, as gzip(1) knows; anything else after a member is refused.
bool ByteSource::next_member() {
  bool padded = false;
  while ((inflater_.avail_in > 0 || refill()) && *inflater_.next_in == 0) {
    ++inflater_.next_in;
    --inflater_.avail_in;
    padded = true;
  }
  if (inflater_.avail_in == 0) return false;
  if (padded || *inflater_.next_in != 0x1f) {
    throw bad_input(
        fmt::format("{}: trailing bytes after the gzip data; get the file again", name_));
  }
  inflateReset(&inflater_);
  return true;
}

}  // namespace tailor::internal
