// Included where simd.hpp may be.
#pragma once

#if !defined(TAILOR_TARGET)
#error "include tailor/core/target/begin.hpp first"
#endif

namespace tailor::internal::TAILOR_TARGET {

// Two running sums over vectors first..last-1, each in two halves that do not wait for each other.
template <int L, typename Term>
[[gnu::always_inline]] inline void pairwise(std::size_t first, std::size_t last, simd::F<L>& a,
                                            simd::F<L>& b, Term term) {
  simd::F<L> a2{};
  simd::F<L> b2{};
  std::size_t i = first;
  for (; i + 2 <= last; i += 2) {
    const auto t = term(i);
    const auto u = term(i + 1);
    a += t[0], b += t[1];
    a2 += u[0], b2 += u[1];
  }
  if (i < last) {
    const auto t = term(i);
    a += t[0], b += t[1];
  }
  a += a2, b += b2;
}

}  // namespace tailor::internal::TAILOR_TARGET
