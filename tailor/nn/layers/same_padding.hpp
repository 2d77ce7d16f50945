// TensorFlow's "same": ceil(size / stride) positions of a window, the odd row or column of padding
// below or on the right.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tailor/core/shape.hpp"
#include "tailor/ops/op.hpp"

namespace tailor::internal {

inline void add_same(int size, int window, int stride, int& before, int& after) {
  const std::int64_t positions = (std::int64_t(size) + stride - 1) / stride;
  const std::int64_t overhang = (positions - 1) * stride + window - size;  // less than the window
  const int total = int(std::max<std::int64_t>(overhang, 0));
  before += total / 2;
  after += total - total / 2;
}

inline Padding2D same_padding(const Shape& in, int window_h, int window_w, int stride_h,
                              int stride_w) {
  Padding2D p;
  add_same(in.height, window_h, stride_h, p.top, p.bottom);
  add_same(in.width, window_w, stride_w, p.left, p.right);
  return p;
}

}  // namespace tailor::internal
