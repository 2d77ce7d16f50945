// Fully connected layers in bf16: dst = src W' + bias, and both gradients. The source may be an
// image, read as it lies in blocks of 16 channels, so a Flatten before costs nothing; the kernel is
// a network's plain [out][channel][pixel] and meets that order when it is packed.
//
// Three matrix products with one inner loop: 8 rows times 32 columns, 16 sums in registers.
// vdpbf16ps sums pairs, so every product wants its inner dimension in pairs side by side:
//
//      ahead   [out / 32][k / 2][32 out][2 k]       weights for dst
//      back    [panel][out / 2][32 k][2 out]        weights for the source's gradient
//      turned  [out][batch / 2][2 images]           the gradient of dst, for the kernel's
//
// k counts (channel block, pixel, channel); a panel is two pixels of a channel block, or a last
// one. A last odd block of 16 stands alone in the same place. Every sum is one thread's, so no bit
// depends on their number.
//
// What decided: for 3136 -> 128 and 128 images the library's three products take 1.58 ms on two
// cores of Zen 4 and bringing the weights into its order 0.36 ms; these 0.80 and 0.09 ms. Kernel
// and gradient change between pixels-of-channels and channels-of-pixels by transposing 16x16 blocks
// in registers.
#pragma once

#include <cstddef>

#include "tailor/ops/own/values.hpp"

namespace tailor::internal::bf16 {

using simd::Bf16;

struct DenseShape {
  int batch = 1;
  int in_channels = 1, out_channels = 1;  // of the kernel
  int plane = 1;                          // pixels
  int in_blocks() const { return (in_channels + 15) / 16; }
  int out_blocks() const { return (out_channels + 15) / 16; }
  std::size_t inputs() const { return std::size_t(in_blocks()) * plane * 16; }
  std::size_t outputs() const { return std::size_t(out_blocks()) * 16; }
  int image_pairs() const { return (batch + 1) / 2; }
  int panels() const { return (plane + 1) / 2; }  // of one channel block
};

// Packing: shares of work are pairs (block of 16 outputs, channel block), numbered.
int dense_pack_shares(const DenseShape& shape);
std::size_t dense_pack_scratch_bytes(const DenseShape& shape);
// `back` may be null. Both are inputs() x outputs() values, zero where nothing is written.
void dense_pack(const DenseShape& shape, const float* kernel, int share, Bf16* ahead, Bf16* back,
                void* scratch);

// Tiles of 8 images x 32 outputs, numbered.
int dense_forward_tiles(const DenseShape& shape);
struct DenseForwardArgs {
  const Bf16* src = nullptr;
  const Bf16* ahead = nullptr;
  const float* bias = nullptr;  // outputs(), or null
  bool relu = false;
  Bf16* dst = nullptr;  // one of the two
  float* wide_dst = nullptr;
};
void dense_forward(const DenseShape& shape, const DenseForwardArgs& args, int first, int last);

// The source's gradient, by panels (in_blocks x panels of them, numbered).
void dense_backward_data(const DenseShape& shape, const Bf16* diff, const Bf16* back,
                         Bf16* diff_src, int first_panel, int last_panel);

// `turned` and the bias's gradient (outputs(), may be null), for blocks first..last-1 of 16
// outputs. turned: outputs() x turned_stride() pairs.
inline int dense_turned_stride(const DenseShape& s) {
  return (s.image_pairs() + 15) / 16 * 16;
}
void dense_turn(const DenseShape& shape, const Bf16* diff, int first_block, int last_block,
                std::uint32_t* turned, float* bias);

// The kernel's gradient from turned: shares are pairs (channel block, up to 64 outputs), numbered.
int dense_gradient_shares(const DenseShape& shape);
std::size_t dense_gradient_scratch_bytes(const DenseShape& shape);
void dense_gradient(const DenseShape& shape, const Bf16* src, const std::uint32_t* turned,
                    int share, float* kernel, void* scratch);

}  // namespace tailor::internal::bf16
