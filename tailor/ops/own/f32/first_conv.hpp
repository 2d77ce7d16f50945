// A convolution's first layer in f32: 3x3, stride 1, on plain images of 1 or 3 channels, without a
// gradient for them; any vector width. Winograd's transforms would cost more than they save for so
// few channels, so every tap of a pixel is broadcast and meets the outputs in vectors.
//
// An image is copied once with its zeros around it, so that no pixel is at a border; results are
// made some pixels at a time, two blocks of outputs each, all sums in registers. With pooling those
// pixels are whole windows, and neither the full result nor its gradient is ever written.
//
//      image    [channel][row][column], padded, in scratch
//      weights  [2 blocks of out][channel][tap][2 x L out]; the last of an odd number alone
//      sums     [out / L][channel][tap][L out], the gradient of one half of the images
#pragma once

#include "tailor/ops/op.hpp"

namespace tailor::internal::f32 {

bool first_conv_fits(const ConvConfig& config, const Shape& src, Precision precision);
// Null where it does not fit.
std::unique_ptr<Op> make_first_conv(const ConvConfig& config, const OpContext& context);

}  // namespace tailor::internal::f32
