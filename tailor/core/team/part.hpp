// Equal parts of a number of items.
#pragma once

#include <cstdint>

namespace tailor::internal {

// The first of `count` items of part `index` of `parts`; the next part's ends it.
inline int part(int count, int index, int parts) {
  return int(std::int64_t(count) * index / parts);
}

}  // namespace tailor::internal
