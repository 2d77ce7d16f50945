#include "tailor/core/team/shares.hpp"

#include <algorithm>

#include "tailor/core/team/part.hpp"

namespace tailor::internal {

void Shares::begin(int count, int chunk, int threads) {
  count_ = count;
  parts_ = std::clamp(threads, 1, kMostParts);
  chunk_ = chunk > 0 ? chunk : std::max(1, count / (parts_ * 16));
  for (int p = 0; p < parts_; ++p) {
    next_[p].item.store(part(count, p, parts_), std::memory_order_relaxed);
  }
}

bool Shares::take(int thread, int& first, int& last) {
  for (int i = 0; i < parts_; ++i) {
    const int p = (thread + i) % parts_;
    const int end = part(count_, p + 1, parts_);
    // Looked at before it is changed, so that it cannot run over.
    if (next_[p].item.load(std::memory_order_relaxed) >= end) continue;
    first = next_[p].item.fetch_add(chunk_, std::memory_order_relaxed);
    if (first >= end) continue;
    last = std::min(first + chunk_, end);
    return true;
  }
  return false;
}

void Shares::end() {
  for (int p = 0; p < parts_; ++p) next_[p].item.store(count_, std::memory_order_relaxed);
}

}  // namespace tailor::internal
