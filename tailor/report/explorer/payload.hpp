// What the explorer page carries as bytes, and how they are packed: the page's script
// (web/explorer_store.js) is the other half of every function here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tailor/report/explorer/explorer.hpp"

namespace tailor::internal {

// How large the page may become: 12 MB up to 10,000 points, 40 MB at 70,000 and more, evenly
// between.
std::size_t explorer_budget(std::size_t points);

// Little endian, column by column: u32 index, u16 confidence (65535 = certain), u16 label, u16
// predicted, u8 split (1 = test).
std::vector<std::uint8_t> packed_columns(const ExplorerData& data);

// The last frame as 16-bit screen coordinates, point by point.
std::vector<std::uint8_t> packed_end(const Embedding& map);

// Which frames the page keeps so that a way costs at most `values` coordinates: the first, the
// last and others evenly between.
std::vector<std::size_t> kept_frames(const Embedding& map, std::size_t values);

// The kept frames but the last, from the end to the start, gzipped: each coordinate rounded to
// `bits` bits less what the frame after it has there, zigzagged (0, -1, 1, -2 ...); per frame the
// low bytes, then the high ones.
std::vector<std::uint8_t> packed_way(const Embedding& map, const std::vector<std::size_t>& kept,
                                     int bits);

// The first `k` neighbours of each point, gzipped: all first bytes of the indices (lowest), then
// all second ones, as many as the largest index needs.
std::vector<std::uint8_t> packed_neighbours(const Neighbours& neighbours, int k);
int neighbour_bytes(std::size_t points);

}  // namespace tailor::internal
