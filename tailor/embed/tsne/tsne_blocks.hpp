// Points in fixed blocks: threads take whole blocks, and sums over points are sums over blocks in
// their order, so the number of threads changes no byte.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "tailor/core/team/team.hpp"

namespace tailor::internal {

constexpr std::size_t kPointsPerBlock = 512;  // 140 blocks at 70,000 points: even shares

// f(i, worker) for i < count, in any order.
template <typename F>
void for_each_index(std::size_t count, Team& team, F f) {
  team.share_out(int(count), 1, [&](int first, int last, int worker) {
    for (int i = first; i < last; ++i) f(std::size_t(i), worker);
  });
}

// f(begin, end) for every block of points.
template <typename F>
void for_blocks(std::size_t points, Team& team, F f) {
  const std::size_t blocks = (points + kPointsPerBlock - 1) / kPointsPerBlock;
  for_each_index(blocks, team, [&](std::size_t block, int) {
    f(block * kPointsPerBlock, std::min(points, (block + 1) * kPointsPerBlock));
  });
}

// The sum of f(begin, end) over all blocks; T adds with +=.
template <typename T, typename F>
T sum_blocks(std::size_t points, Team& team, F f) {
  std::vector<T> parts((points + kPointsPerBlock - 1) / kPointsPerBlock);
  for_blocks(points, team, [&](std::size_t begin, std::size_t end) {
    parts[begin / kPointsPerBlock] = f(begin, end);
  });
  T sum{};
  for (const T& part : parts) sum += part;
  return sum;
}

}  // namespace tailor::internal
