// What stands before the values of a NumPy array file (numpy.lib.format, versions 1 to 3).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tailor::internal {

struct NpyHeader {
  std::string type;            // as NumPy's descr: "|u1", "<i8", "<f4"
  bool columns_first = false;  // fortran_order
  std::vector<std::uint64_t> shape;
  std::size_t bytes = 0;  // of the header: where the values begin

  std::size_t value_bytes() const;  // of one value; 0 for a type that is not of fixed-size numbers
};

// The header is at most this long, which `bytes` must hold where the file does.
inline constexpr std::size_t kMostNpyHeader = 64 * 1024;

// Throws bad_input naming `source` for what is no header, objects (pickles) included.
NpyHeader read_npy_header(std::span<const std::uint8_t> bytes, const std::string& source);

}  // namespace tailor::internal
