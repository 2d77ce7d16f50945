// Products of sizes that a stranger chose. They never wrap: what is more than a limit is told as
// one more than it, and so a comparison finds it.
#pragma once

#include <cstdint>

namespace tailor::internal {

// The product of `sizes`, or `most` + 1 where it is more than `most`. Of a size below 0 as well.
template <class Sizes>
constexpr std::uint64_t product_up_to(std::uint64_t most, const Sizes& sizes) {
  std::uint64_t product = 1;
  for (const auto size : sizes) {
    const bool wraps = size < 0 || __builtin_mul_overflow(product, std::uint64_t(size), &product);
    if (wraps || product > most) return most + 1;
  }
  return product;
}

}  // namespace tailor::internal
