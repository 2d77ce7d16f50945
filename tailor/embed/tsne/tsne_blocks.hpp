// Points in fixed blocks: threads take whole blocks, and sums over points are sums over blocks in
// their order, so the number of threads changes no byte.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tailor::internal {

constexpr std::size_t kPointsPerBlock = 512;  // 140 blocks at 70,000 points: even shares

// f(i) for i < count, in any order.
template <typename F>
void for_each_index(std::size_t count, int threads, F f) {
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1 && count > 1)
  for (std::size_t i = 0; i < count; ++i) f(i);
}

// f(begin, end) for every block of points.
template <typename F>
void for_blocks(std::size_t points, int threads, F f) {
  const std::size_t blocks = (points + kPointsPerBlock - 1) / kPointsPerBlock;
  for_each_index(blocks, threads, [&](std::size_t block) {
    f(block * kPointsPerBlock, std::min(points, (block + 1) * kPointsPerBlock));
  });
}

// The sum of f(begin, end) over all blocks; T adds with +=.
template <typename T, typename F>
T sum_blocks(std::size_t points, int threads, F f) {
  std::vector<T> parts((points + kPointsPerBlock - 1) / kPointsPerBlock);
  for_blocks(points, threads, [&](std::size_t begin, std::size_t end) {
    parts[begin / kPointsPerBlock] = f(begin, end);
  });
  T sum{};
  for (const T& part : parts) sum += part;
  return sum;
}

}  // namespace tailor::internal
