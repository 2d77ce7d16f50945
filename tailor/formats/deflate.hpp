// Compression of page payloads: the gzip format a browser's DecompressionStream("gzip") reads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tailor::internal {

// Level 9, no time stamp, no name: equal bytes in, equal bytes out.
std::vector<std::uint8_t> gzip(std::span<const std::uint8_t> bytes);

}  // namespace tailor::internal
