// numpy's array file, version 1.0, little-endian, C order: np.load reads it, memory-mapped if
// wished.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tailor::internal {

// The values' count must be the product of `shape`.
std::vector<std::uint8_t> encode_npy(std::span<const float> values,
                                     const std::vector<std::size_t>& shape);
std::vector<std::uint8_t> encode_npy(std::span<const std::uint32_t> values,
                                     const std::vector<std::size_t>& shape);

}  // namespace tailor::internal
