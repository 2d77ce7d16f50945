// Fully connected layers in f32, for any vector width: dst = src W' + bias, and both gradients. The
// source may be an image, read as it lies in blocks of L channels, so a Flatten before costs
// nothing; the kernel is a network's plain [out][channel][pixel] and meets that order when it is
// packed. bf16/dense.hpp in f32, where a sum takes one number at a time, not a pair:
//
//      ahead   [2 blocks of out][k][2 x L out]     weights for dst
//      back    [panel][out][2 x L k]               weights for the source's gradient
//
// k counts (channel block, pixel, channel); a panel is two pixels of a channel block, or a last
// one. A last odd block stands alone in the same place. Every sum is one thread's, so no bit
// depends on their number.
#pragma once

#include "tailor/ops/op.hpp"

namespace tailor::internal::f32 {

struct DenseShape {
  int batch = 1;
  int in_channels = 1, out_channels = 1;  // of the kernel
  int plane = 1;                          // pixels
  int lanes = 16;

  int in_blocks() const { return (in_channels + lanes - 1) / lanes; }
  int out_blocks() const { return (out_channels + lanes - 1) / lanes; }
  std::size_t inputs() const { return std::size_t(in_blocks()) * plane * lanes; }
  std::size_t outputs() const { return std::size_t(out_blocks()) * lanes; }
  int panels() const { return (plane + 1) / 2; }  // of one channel block
};

// A source in blocks, or plain and of whole vectors.
bool dense_fits(const Shape& src, Layout layout, Precision precision, int lanes);
// Null where it does not fit.
std::unique_ptr<Op> make_dense(const DenseConfig& config, const OpContext& context);

}  // namespace tailor::internal::f32
