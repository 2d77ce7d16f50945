#include "tailor/formats/deflate.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace tailor::internal {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes gunzip(const Bytes& packed, std::size_t size) {
  Bytes out(size + 1);
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = uInt(packed.size());
  stream.next_out = out.data();
  stream.avail_out = uInt(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

Bytes sixteen_values(std::size_t size) {
  Bytes bytes(size);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525 + 1013904223;
    bytes[i] = std::uint8_t(state >> 28);
  }
  return bytes;
}

TEST(Deflate, EveryByteComesBack) {
  for (const std::size_t size : {0, 1, 1000, 300'000}) {
    const Bytes bytes = sixteen_values(size);
    EXPECT_EQ(gunzip(gzip(bytes), size), bytes);
  }
}

TEST(Deflate, HoldsNoTimeAndNoNameAndCompresses) {
  const Bytes packed = gzip(sixteen_values(300'000));
  EXPECT_EQ(Bytes(packed.begin(), packed.begin() + 8), (Bytes{0x1f, 0x8b, 8, 0, 0, 0, 0, 0}));
  EXPECT_LT(packed.size(), 200'000u);
}

}  // namespace
}  // namespace tailor::internal
