// Which rows of a data set are whose, where several processes train or predict together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tailor/core/peers.hpp"

namespace tailor::internal {

using IndexSpan = std::span<const std::uint32_t>;

// This rank's part of `rows`: contiguous, ranks in order.
inline IndexSpan share_of(IndexSpan rows, const Peers& peers) {
  const auto rank = std::size_t(peers.rank());
  const auto size = std::size_t(peers.size());
  const std::size_t first = rows.size() * rank / size;
  return rows.subspan(first, rows.size() * (rank + 1) / size - first);
}

// What this rank takes of a batch, which may have too few images for all ranks: then every rank
// takes them all, and the batch is one in which each image stands that often. Its mean and its
// statistics are the same.
struct BatchShare {
  IndexSpan rows;
  std::size_t copies = 1;

  BatchShare(IndexSpan batch, const Peers& peers) : rows(share_of(batch, peers)) {
    if (batch.size() >= std::size_t(peers.size())) return;
    rows = batch;
    copies = std::size_t(peers.size());
  }
};

}  // namespace tailor::internal
