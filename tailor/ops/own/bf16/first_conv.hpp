// The first layer in bf16: a 3x3, stride 1 convolution that reads images of one channel, with bias,
// ReLU and 2x2 max pooling if wanted; and the gradient of its kernel. (Its source is the data: it
// has none.)
//
// The idea. With one channel there is nothing to sum but the nine taps, and vdpbf16ps sums pairs,
// so two neighbouring taps of a row meet two neighbouring pixels: a row of three taps is two dot
// products, the second with a zero. Pixels are broadcast, outputs are the lanes. Every image is
// first copied into a small buffer with its padding around it, so that no pixel is special:
//
//      image   [rows + padding][columns + padding]                  bf16, in scratch
//      taps    [out / 16][3 rows][(0,1), (2,-)][16 out][2]          bf16, in registers
//
// A step makes a 2x2 tile of results for 32 outputs: 16 broadcasts for 48 dot products, and a tile
// is a pooling window. Backward the pairs are two neighbouring results of a row and the pixels
// under them; with pooling a window's gradient is spread by its winner in registers, a fourth of
// the bytes.
//
// What decided: the library's kernels reach 100 (forward) and 77 GFLOP/s (backward) here on one
// core of Zen 4, and leave ReLU, mask and pooling to others; convolution, ReLU and pooling of 128
// 28x28 images, 32 kernels, take 0.38 ms on two cores here, forward and backward.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailor/ops/own/values.hpp"

namespace tailor::internal::bf16 {

using simd::Bf16;

struct FirstConvShape {
  int out_blocks = 1;
  int height = 1, width = 1;
  int out_height = 1, out_width = 1;  // before pooling
  int pad_top = 0, pad_left = 0;
  bool pools = false;  // an odd last row or column is dropped

  int tile_rows() const { return pools ? out_height / 2 : (out_height + 1) / 2; }
  int tile_columns() const { return pools ? out_width / 2 : (out_width + 1) / 2; }
  std::size_t dst_plane() const {  // pixels
    return pools ? std::size_t(out_height / 2) * (out_width / 2)
                 : std::size_t(out_height) * out_width;
  }
};

struct FirstConvArgs {
  const Bf16* image = nullptr;  // height x width
  const float* taps = nullptr;  // [out / 16][9][16]
  const float* bias = nullptr;  // out_blocks x 16, or null
  bool relu = false;
  Bf16* dst = nullptr;
  std::uint64_t* winners = nullptr;  // as winograd.hpp's; may be null
};

std::size_t first_conv_scratch_bytes(const FirstConvShape& shape);

// One image. `scratch` was zero when it was new and is used for nothing else.
void first_conv(const FirstConvShape& shape, const FirstConvArgs& args, void* scratch);

struct FirstConvGradientArgs {
  const Bf16* image = nullptr;
  const Bf16* diff = nullptr;              // of dst: pooled where the shape pools
  const std::uint64_t* winners = nullptr;  // where the shape pools
  float* taps = nullptr;                   // [out / 16][9][16], added to
  float* bias = nullptr;                   // out_blocks x 16, added to
};

void first_conv_gradient(const FirstConvShape& shape, const FirstConvGradientArgs& args,
                         void* scratch);

}  // namespace tailor::internal::bf16
