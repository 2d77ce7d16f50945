// 2x2 max pooling of rectified values in registers, and its way back. A window's winner is a byte a
// lane: 0 to 3, the first of equals, or kNone where the ReLU left nothing. Included in a target's
// region only.
#pragma once

#include "tailor/ops/own/f32/vectors.hpp"

namespace tailor::internal::TAILOR_TARGET::f32 {

constexpr int kNone = 4;

// `winners` may be null.
template <int L>
TAILOR_INLINE void store_pooled(F<L> a, F<L> b, F<L> c, F<L> d, float* to, std::uint8_t* winners) {
  using I = typename simd::Lanes<L>::I;
  const F<L> top = b > a ? b : a;
  const F<L> bottom = d > c ? d : c;
  const F<L> best = bottom > top ? bottom : top;
  simd::store<L>(to, simd::unless_nan(best, b + c + d));
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

// Rows of a gradient that comes back through pooling, made where they are read, so that it is never
// written at its full size. A patch's rows lie in eight places; the next patch below keeps some.
template <int L>
class UnpooledRows {
 public:
  static std::size_t values(int width) { return std::size_t(8) * width * L; }

  UnpooledRows(const float* diff, const std::uint8_t* winners, int height, int width, float* memory)
      : diff_(diff), winners_(winners), height_(height), width_(width), memory_(memory) {}

  // Row y of a plane (image and channel block); `zeros` where no window reaches.
  const float* row(std::size_t plane, int y, const float* zeros) {
    if (y / 2 >= height_ / 2) return zeros;
    const std::size_t number = plane * height_ + y;
    float* place = memory_ + std::size_t(y % 8) * width_ * L;
    if (holds_[y % 8] == number) return place;
    holds_[y % 8] = number;
    const std::size_t first = (plane * (height_ / 2) + y / 2) * (width_ / 2) * L;
    float* to = place;
    for (int x = 0; x < width_ / 2; ++x, to += 2 * L) {
      F<L> window[4];
      spread_window<L>(diff_ + first + x * L, winners_ + first + x * L, window);
      simd::store<L>(to, y % 2 == 0 ? window[0] : window[2]);
      simd::store<L>(to + L, y % 2 == 0 ? window[1] : window[3]);
    }
    if (width_ % 2 == 1) simd::store<L>(to, F<L>{});
    return place;
  }

 private:
  static constexpr auto kNoRow = ~std::size_t(0);
  const float* diff_;
  const std::uint8_t* winners_;
  int height_, width_;
  float* memory_;
  std::size_t holds_[8] = {kNoRow, kNoRow, kNoRow, kNoRow, kNoRow, kNoRow, kNoRow, kNoRow};
};

// What is no number is no less than zero: a diverged net must show.
template <int L>
TAILOR_INLINE F<L> rectified(F<L> v) {
  return v <= 0 ? F<L>{} : v;
}

}  // namespace tailor::internal::TAILOR_TARGET::f32
