// Inference in bytes. A real value is scale * byte: weights are s8 with one scale per output
// channel (the largest weight becomes 127), activations u8, or s8 where they may be negative, with
// one scale per tensor, which comes from what training images showed (train/quantization.hpp).
// There is no zero point, so zero padding, max pooling and padded channels mean in bytes what they
// mean in f32.
//
//     sum  = sum of u8 * s8 products, exact in s32: VNNI has no saturation between
//     dst  = round((sum + bias / (src scale * weight scale)) * factor)
//            factor = src scale * weight scale / dst scale, by channel; dst scale 1 for f32 logits
//     u8 saturates at 0, which is the ReLU; a result that may be negative is s8
//
// The factor is a post-operation with an argument (binary_mul), not the library's own output
// scales: those are fixed when the primitive is made, before the weights are known, and differ
// between oneDNN 2 and 3.
//
// Memory is channels-last, [image][row][column][channel], the layout the library's int8 kernels
// take, with channels padded as elsewhere. An image in it is the data set's bytes as they are.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "tailor/ops/op.hpp"

namespace tailor::internal::int8 {

// Whether there is a fast kernel for `config` between these tensors: convolutions, dense layers
// and max pooling where the library has one. dst of the first two: int8, or f32 and 1 x 1.
bool fits(const OpConfig& config, const OpContext& context);

// Such an operation. Its load() reads both tensors' ranges.
std::unique_ptr<Op> make_op(const OpConfig& config, const OpContext& context);

// From f32 (kBlocked) to int8 or back, where a neighbour has no int8 kernel.
std::unique_ptr<Op> make_conversion(Engine& engine, Tensor& src, Tensor& dst);

void copy_images(Engine& engine, std::span<const std::uint8_t* const> images, Tensor& dst);

}  // namespace tailor::internal::int8
