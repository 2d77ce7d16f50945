#include "tailor/formats/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window; 16 more asks for gzip's frame
constexpr int kMemory = 9;            // the most zlib uses: 1 % smaller, no slower

// zlib counts in unsigned int: more than 4 GiB go through it piece by piece.
constexpr std::size_t kPiece = std::numeric_limits<uInt>::max();

}  // namespace

std::vector<std::uint8_t> gzip(std::span<const std::uint8_t> bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw failure("cannot start zlib: out of memory");
  }
  const struct End {
    z_stream& stream;
    ~End() { deflateEnd(&stream); }
  } end{stream};

  std::vector<std::uint8_t> out(deflateBound(&stream, bytes.size()));
  std::size_t read = 0, written = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t in = std::min(kPiece, bytes.size() - read);
    const std::size_t room = std::min(kPiece, out.size() - written);
    stream.next_in = const_cast<Bytef*>(bytes.data() + read);
    stream.avail_in = uInt(in);
    stream.next_out = out.data() + written;
    stream.avail_out = uInt(room);
    status = deflate(&stream, read + in == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    read += in - stream.avail_in;
    written += room - stream.avail_out;
  }
  if (status != Z_STREAM_END) throw failure("zlib did not finish");
  out.resize(written);
  return out;
}

}  // namespace tailor::internal
