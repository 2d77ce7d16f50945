// 3x3 convolution with stride 1 in bf16 by Winograd's F(2x2, 3x3) (Lavin & Gray, arXiv:1509.09308):
// forward, and backward by data, which is the same thing with the kernel turned by 180 degrees.
//
// The idea. A 4x4 patch of the source gives 2x2 results. B' d B turns the patch into 16 numbers, G
// g G' the kernel into 16 others, and between the two a convolution is a product, number by number;
// A' m A turns the 16 sums over channels into the 2x2 results. 16 multiply-adds do the work of 36.
// Summed over channels the 16 products are 16 matrix products, one per position (i, j) of the
// patch:
//
//      source    4x4 patches, 2 apart     V[i][j] = tiles x in           bf16, in scratch
//      kernel    winograd_pack, each step  U[i][j] = in x out             bf16
//      products                            M[i][j] = V[i][j] U[i][j]      f32, in registers
//      results   A' M A + bias, then ReLU, a mask, or ReLU and 2x2 max pooling: a tile is a window
//
// How it runs. Blocks of up to kTileRows rows of tiles, so that V and U lie in the second-level
// cache: transform the block's source, then for every 32 outputs, for i = 0..3, for every 3 tiles:
// all 4 positions j at once over all input channels (3 where only the left column of results is in
// the image). That is 4 x 3 x 2 = 24 sums in registers, 5 loads for every 6 dot products. Sums over
// j happen in registers, the sums over i meet in a small f32 buffer.
//
//      V   [i][3 tiles][in / 16][tile 0..2][j][16 in]
//      U   [out / 32][i][in / 2][j][2 x 16 out][2 in]; the last 16 outputs may stand alone
//      S   [3 tiles][2 x 16 out][i < 3][2 columns][16]
//
// V and U are read in order. S is the f32 buffer.
//
// What decided, on Zen 4, one core, where a register-only loop does 236 GFLOP/s (2 FLOP per
// multiply-add of the direct convolution): 32 -> 64 at 14x14 453, 64 -> 64 465, 128 -> 128 at 7x7
// 414; the library's direct kernel 238, 233, 271. Written with intrinsics, GCC 12 spills and
// reorders the products and reaches 84 to 88 % of the peak in them; with the order fixed in
// assembler 92 to 97 %. The transforms take 10 % of the time, half of their additions as
// multiply-adds by one because Zen 4 adds and multiplies on different pipes. Rounding V and U to
// bf16 makes the results' relative error 3.8e-3, 1.7e-3 of which any bf16 result has.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailor/ops/own/values.hpp"
#include "tailor/ops/own/winograd_sizes.hpp"

namespace tailor::internal::bf16 {

using simd::Bf16;

// The sizes and the tiles of one direction.
struct WinogradShape : WinogradSizes {
  int tile_rows() const { return winograd_tiles(out_height, pools, 2); }
  int tile_columns() const { return winograd_tiles(out_width, pools, 2); }
  int all_tile_rows() const { return images * tile_rows(); }
};

struct WinogradArgs {
  const Bf16* src = nullptr;
  // Not null: src is what a pooling of the source's size passed on, and these its winners. The
  // source is spread from it as it is read.
  const std::uint64_t* src_winners = nullptr;
  const Bf16* weights = nullptr;  // U
  const float* bias = nullptr;    // out_blocks x 16, or null
  Bf16* dst = nullptr;
  bool relu = false;
  // Results are zero where this is: the activation behind the ReLU that a gradient goes back
  // through. Laid out as dst; not together with pooling.
  const Bf16* mask = nullptr;
  // With pooling and ReLU: 4 x 16 bits for every pooled pixel of 16 channels, which of its 4 values
  // won (upper left first; none where all are zero). Laid out as dst without the 16. May be null.
  std::uint64_t* winners = nullptr;
};

std::size_t winograd_weight_values(int in_blocks, int out_blocks);
// What one thread needs; 64-byte aligned.
std::size_t winograd_scratch_bytes(const WinogradShape& shape);

// U of a kernel [out][in][3][3], padded with zeros to whole blocks: for the forward direction, and,
// if `turned` is not null, for the backward one (there outputs are sources). Only blocks
// first..last-1 of 16 `out` channels, so that threads can share the work. `scratch`: kPackScratch
// values.
constexpr std::size_t kWinogradPackScratch = 16 * 16 * 16;
void winograd_pack(const float* kernel, int out, int in, int first_block, int last_block,
                   Bf16* forward, Bf16* turned, Bf16* scratch);

// What a block takes: the best number of rows for a call, or a multiple.
int winograd_rows_at_once(const WinogradShape& shape);
// Rows first..last-1 of the tiles of all images (of all_tile_rows()). Which rows go together
// changes no bit of the results.
void winograd_rows(const WinogradShape& shape, const WinogradArgs& args, int first, int last,
                   void* scratch);

}  // namespace tailor::internal::bf16
