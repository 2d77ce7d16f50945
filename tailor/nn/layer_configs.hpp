// What a layer's options come to on an input of known shape: an operation's config, every size
// resolved.
#pragma once

#include "tailor/nn/spec.hpp"
#include "tailor/ops/op.hpp"

namespace tailor {

Padding2D operator+(const Padding2D& a, const Padding2D& b);
Padding2D padding_of(const ZeroPadding2D& layer);

// `explicit_pad`: zeros that ZeroPadding2D layers put around `in` before.
ConvConfig conv_config(const Conv2D& layer, const Shape& in, const Padding2D& explicit_pad);
PoolConfig pool_config(const MaxPooling2D& layer, const Shape& in);
PoolConfig pool_config(const AveragePooling2D& layer, const Shape& in);
PoolConfig global_pool(bool max, const Shape& in);

}  // namespace tailor
