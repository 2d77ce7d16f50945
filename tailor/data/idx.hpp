// IDX files (yann.lecun.com/exdb/mnist): big-endian magic 0x00 0x00 TYPE NDIM, NDIM sizes, then the
// values. Gzipped or not, told by content, not by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace tailor::internal {

struct IdxArray {
  std::vector<int> dims;
  std::vector<std::uint8_t> values;
};

enum class IdxType { kBytes = 0x08, kIntegers = 0x0c };

// Only type 0x08 (unsigned byte) with 1 to 4 dimensions and less than 2 GiB is accepted. Throws
// bad_input with file name, what is wrong (magic, type, dimensions, zero or absurd counts,
// truncation with expected and found bytes, trailing bytes, bad gzip) and what would be right.
// Never allocates more than the header promises and the file can hold, and never inflates more than
// one byte beyond it.
// Of integers, 32 bits each with the highest byte first, the four bytes are the last dimension.
IdxArray read_idx(const std::filesystem::path& path, IdxType type = IdxType::kBytes);

// The sizes alone, with the same checks of the header; the values stay unread.
std::vector<int> read_idx_dims(const std::filesystem::path& path);

}  // namespace tailor::internal
