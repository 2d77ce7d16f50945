// Makers behind make_op() that choose among kernels or are the same for every target (the others
// are in own/target_code.cpp), and the few kernels that are not layers.
#pragma once

#include <memory>

#include "tailor/ops/op.hpp"

namespace tailor::internal {

// A 3x3 convolution with stride 1 and at most 2 rows or columns of padding: what ours are made for.
bool is_small_3x3(const ConvConfig& config);
// The shape of a convolution's results before its pooling.
Shape unpooled_shape(ConvConfig config, const Shape& src);

std::unique_ptr<Op> make_conv(const ConvConfig& config, const OpContext& context);
std::unique_ptr<Op> make_dense(const DenseConfig& config, const OpContext& context);
std::unique_ptr<Op> make_pad(const PadConfig& config, const OpContext& context);
std::unique_ptr<Op> make_flatten(const FlattenConfig& config, const OpContext& context);

// data = 0 where it is negative, in place: a ReLU, which leaves what is no number.
void rectify(Engine& engine, Tensor& values, ImageRange images);

// diff = 0 where value <= 0, in place: the backward half of a ReLU, from its output.
void mask_rectified(Engine& engine, const Tensor& value, Tensor& diff_of, ImageRange images);

// dst.data = a.data + b.data, all of one layout: the sum at the end of a residual branch.
void add(Engine& engine, const Tensor& a, const Tensor& b, Tensor& dst, ImageRange images);
// into.diff += from.diff
void add_diff(Engine& engine, const Tensor& from, Tensor& into, ImageRange images);
void copy_diff(const Tensor& from, Tensor& into, ImageRange images);

}  // namespace tailor::internal
