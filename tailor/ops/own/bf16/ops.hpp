// Our bf16 kernels as operations, for CPUs with AVX-512 and bf16. Each maker returns null where its
// kernel does not apply (another CPU, precision, layout or size); the library's kernels do the
// rest.
#pragma once

#include <memory>

#include "tailor/ops/op.hpp"

namespace tailor::internal::bf16 {

// This CPU has the instructions, and the library was not told to leave them (ONEDNN_MAX_CPU_ISA).
bool available();

// 3x3, stride 1, at most 2 rows or columns of padding; whatever the number of channels.
bool winograd_fits(const ConvConfig& config, const Shape& src, Layout layout, Precision precision);
std::unique_ptr<Op> make_winograd_conv(const ConvConfig& config, const OpContext& context);

// The same on plain images of one channel, without a gradient for them.
bool first_conv_fits(const ConvConfig& config, const Shape& src, Precision precision);
std::unique_ptr<Op> make_first_conv(const ConvConfig& config, const OpContext& context);

// Any sizes; the source in blocks.
std::unique_ptr<Op> make_dense(const DenseConfig& config, const OpContext& context);

}  // namespace tailor::internal::bf16
