#include "tailor/nn/layer_configs.hpp"

#include <algorithm>

namespace tailor {

namespace {

// TensorFlow's "same": ceil(size / stride) positions, the odd row or column of padding below or on
// the right.
void add_same(int size, int window, int stride, int& before, int& after) {
  const int positions = (size + stride - 1) / stride;
  const int total = std::max((positions - 1) * stride + window - size, 0);
  before += total / 2;
  after += total - total / 2;
}

Padding2D same_padding(const Shape& in, int window_h, int window_w, int stride_h, int stride_w) {
  Padding2D p;
  add_same(in.height, window_h, stride_h, p.top, p.bottom);
  add_same(in.width, window_w, stride_w, p.left, p.right);
  return p;
}

Shape grown(const Shape& s, const Padding2D& p) {
  return {s.channels, s.height + p.top + p.bottom, s.width + p.left + p.right};
}

template <class Pooling>
PoolConfig window_config(const Pooling& p, bool max, const Shape& in) {
  const auto& strides = p.strides.empty() ? p.pool_size : p.strides;
  PoolConfig config{max, p.pool_size[0], p.pool_size[1], strides[0], strides[1], {}};
  if (p.padding == "same") {
    config.pad =
        same_padding(in, config.window_h, config.window_w, config.stride_h, config.stride_w);
  }
  return config;
}

}  // namespace

Padding2D operator+(const Padding2D& a, const Padding2D& b) {
  return {a.top + b.top, a.bottom + b.bottom, a.left + b.left, a.right + b.right};
}

Padding2D padding_of(const ZeroPadding2D& z) {
  return {z.padding[0], z.padding[1], z.padding[2], z.padding[3]};
}

ConvConfig conv_config(const Conv2D& c, const Shape& in, const Padding2D& explicit_pad) {
  ConvConfig config{c.filters,    c.kernel_size[0], c.kernel_size[1], c.strides[0],
                    c.strides[1], explicit_pad,     c.use_bias,       c.activation == "relu"};
  if (c.padding == "same") {
    config.pad = explicit_pad + same_padding(grown(in, explicit_pad), config.kernel_h,
                                             config.kernel_w, config.stride_h, config.stride_w);
  }
  return config;
}

PoolConfig pool_config(const MaxPooling2D& p, const Shape& in) {
  return window_config(p, true, in);
}

PoolConfig pool_config(const AveragePooling2D& p, const Shape& in) {
  return window_config(p, false, in);
}

PoolConfig global_pool(bool max, const Shape& in) {
  return {max, in.height, in.width, in.height, in.width, {}};
}

}  // namespace tailor
