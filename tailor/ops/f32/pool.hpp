// 2x2 max pooling of rectified values in registers, and its way back. A window's winner is a byte a
// lane: 0 to 3, the first of equals, or kNone where the ReLU left nothing. Included in a target's
// region only.
#pragma once

namespace tailor::TAILOR_TARGET::f32 {

constexpr int kNone = 4;

// `winners` may be null.
template <int L>
TAILOR_INLINE void store_pooled(F<L> a, F<L> b, F<L> c, F<L> d, float* to, std::uint8_t* winners) {
  using I = typename simd::Lanes<L>::I;
  const F<L> top = b > a ? b : a;
  const F<L> bottom = d > c ? d : c;
  const F<L> best = bottom > top ? bottom : top;
  simd::store<L>(to, best);
  if (winners == nullptr) return;
  const I first_row = b > a ? I{} + 1 : I{};
  const I second_row = d > c ? I{} + 3 : I{} + 2;
  const I which = best <= 0 ? I{} + kNone : bottom > top ? second_row : first_row;
  const auto bytes = __builtin_convertvector(which, typename simd::Lanes<L>::B);
  std::memcpy(winners, &bytes, sizeof(bytes));
}

// A pooled gradient in its winner's place.
template <int L>
TAILOR_INLINE void spread_window(const float* diff, const std::uint8_t* winners,
                                 F<L> (&window)[4]) {
  typename simd::Lanes<L>::B bytes;
  std::memcpy(&bytes, winners, sizeof(bytes));
  const auto which = __builtin_convertvector(bytes, typename simd::Lanes<L>::I);
  const F<L> d = simd::load<L>(diff);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) window[k] = which == k ? d : F<L>{};
}

// What is no number is no less than zero: a diverged net must show.
template <int L>
TAILOR_INLINE F<L> rectified(F<L> v) {
  return v <= 0 ? F<L>{} : v;
}

}  // namespace tailor::TAILOR_TARGET::f32
