#include "tailor/formats/npy.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

static_assert(std::endian::native == std::endian::little, "values are written as they lie");

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
constexpr std::size_t kAlignment = 64;  // numpy's: data that is memory-mapped lies on cache lines

// A Python tuple: (2, 3), but (3,).
std::string tuple_of(const std::vector<std::size_t>& shape) {
  std::string out = "(";
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (d > 0) out += ' ';
    out += std::to_string(shape[d]);
    if (d + 1 < shape.size() || shape.size() == 1) out += ',';
  }
  return out + ')';
}

std::vector<std::uint8_t> encode(std::span<const std::byte> values, std::size_t count,
                                 std::string_view type, const std::vector<std::size_t>& shape) {
  if (std::accumulate(shape.begin(), shape.end(), std::size_t(1), std::multiplies<>()) != count) {
    throw bad_input(
        fmt::format("cannot write {} values as an array of shape {}", count, tuple_of(shape)));
  }
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type,
                                   tuple_of(shape));
  const std::size_t before = kMagic.size() + sizeof(std::uint16_t);
  header.append(kAlignment - 1 - (before + header.size()) % kAlignment, ' ');
  header += '\n';
  if (header.size() > 0xffff) throw bad_input("cannot write an array of so many dimensions");

  std::vector<std::uint8_t> out(kMagic.begin(), kMagic.end());
  out.push_back(std::uint8_t(header.size()));
  out.push_back(std::uint8_t(header.size() >> 8));
  out.insert(out.end(), header.begin(), header.end());
  const auto* data = reinterpret_cast<const std::uint8_t*>(values.data());
  out.insert(out.end(), data, data + values.size());
  return out;
}

}  // namespace

std::vector<std::uint8_t> encode_npy(std::span<const float> values,
                                     const std::vector<std::size_t>& shape) {
  return encode(std::as_bytes(values), values.size(), "<f4", shape);
}

std::vector<std::uint8_t> encode_npy(std::span<const std::uint32_t> values,
                                     const std::vector<std::size_t>& shape) {
  return encode(std::as_bytes(values), values.size(), "<u4", shape);
}

}  // namespace tailor::internal
