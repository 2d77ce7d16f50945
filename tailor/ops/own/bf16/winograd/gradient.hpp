// The gradient of a 3x3, stride 1 convolution's kernel in bf16, in the Winograd domain: the
// transpose of winograd.hpp's algorithm. With the source's patches V = B' d B as there and the 2x2
// tiles of the results' gradient W = A dY A', the kernel's gradient is G' (sum over tiles and
// images of V * W) G: 16 matrix products that sum over tiles, 16 multiply-adds for 36.
//
//      V   [position][in / 16][tiles][16 in][2 images]        bf16, in scratch
//      W   [position][out / 16][tiles][16 out][2 images]      bf16, in scratch
//      M   [position][out / 16][in / 16][16 out][16 in]       f32, kept over all images
//
// vdpbf16ps sums pairs; the pairs here are two images at the same tile, so nothing is transposed
// and odd widths are no trouble. The bias's gradient is the sum of position (1, 1), which is the
// tile's sum. The products take 2 vectors of inputs and 8 outputs at a time, 16 sums in registers,
// each output's pair broadcast.
//
// Images are summed in two halves whatever the number of threads, so that no bit depends on it;
// more than two threads share a half's outputs.
//
// What decided, Zen 4, one core, the same count of FLOP for all: 64 -> 64 at 14x14 the library 159
// GFLOP/s, pairs of images with the direct algorithm 232, this 402; 128 -> 128 at 7x7 184, 252 and
// 340 to 367. Relative error 3.4e-3.
#pragma once

#include <cstddef>

#include "tailor/ops/own/bf16/winograd/winograd.hpp"

namespace tailor::internal::bf16 {

constexpr int kGradientHalves = 2;

// f32 values of M.
std::size_t gradient_sum_values(const WinogradShape& shape);
// What one thread needs; 64-byte aligned.
std::size_t gradient_scratch_bytes(const WinogradShape& shape);

struct GradientArgs {
  const Bf16* src = nullptr;
  const Bf16* diff = nullptr;              // of the results: pooled where the shape pools
  const std::uint64_t* winners = nullptr;  // where the shape pools
  float* sums = nullptr;                   // M of this half, overwritten
  float* bias_sums =
      nullptr;  // out_blocks x 16 of this half, overwritten; null if there is no bias
};

// What images first_image..last_image-1 add, for output blocks first_block..last_block-1.
void gradient_half(const WinogradShape& shape, const GradientArgs& args, int first_image,
                   int last_image, int first_block, int last_block, void* scratch);

// kernel [out][in][3][3] = G' (M of both halves) G, for output blocks first_block..last_block-1.
void gradient_finish(const WinogradShape& shape, const float* first_half, const float* second_half,
                     int out, int in, int first_block, int last_block, float* kernel);

}  // namespace tailor::internal::bf16
