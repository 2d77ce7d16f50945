// 3x3 convolution with stride 1 in f32 by Winograd's F(4x4, 3x3) (Lavin & Gray, arXiv:1509.09308):
// forward, backward by data (the same with the kernel turned by 180 degrees) and the kernel's
// gradient, for any vector width.
//
// The idea is bf16/winograd.hpp's with larger tiles, which f32 has the digits for: a 6x6 patch of
// the source gives 4x4 results with 36 multiply-adds for 144.
//
//      source    6x6 patches, 4 apart      V[p] = tiles x in, p = 0..35       in scratch
//      kernel    G g G', each step         U[p] = in x out
//      products                            M[p] = V[p] U[p]                   in scratch
//      results   A' M A + bias, then ReLU, or ReLU and 2x2 max pooling
//
//      V   [p][T tiles][in / L][T][L in]
//      U   [2 blocks of out][p][in][2 x L out]; the last block of an odd number stands alone
//      M   [p][T tiles][T][2 x L out]
//
// L is a vector's lanes, T the tiles that a product kernel takes at once.
//
// The gradient is the transpose: W[p] = tiles x out from A dY A' of 4x4 tiles of the results'
// gradient, summed over tiles with V, then G' (.) G.
//
//      V   [p][in / L][tiles][L in]
//      W   [p][out / L][tiles][L out]
//      sums [p][out / L][in / L][L out][L in]      kept over all images of a half
//
// Images are summed in two halves whatever the number of threads, so that no bit depends on it;
// more than two threads share a half's outputs. From one position to the next all of them are a
// cache line further than a power of two, or 36 streams would meet in one set of the cache.
#pragma once

#include <cstddef>

#include "tailor/ops/op.hpp"
#include "tailor/ops/own/winograd_sizes.hpp"

namespace tailor::internal::f32 {

constexpr int kTile = 4;
constexpr int kPositions = 36;

// The sizes and the tiles of one direction.
struct WinogradShape : WinogradSizes {
  int tile_rows() const { return winograd_tiles(out_height, pools, kTile); }
  int tile_columns() const { return winograd_tiles(out_width, pools, kTile); }
};

// 3x3, stride 1, at most 2 rows or columns of padding, in blocks, and large enough to gain.
bool winograd_fits(const ConvConfig& config, const Shape& src, Layout layout, Precision precision);
// Null where it does not fit.
std::unique_ptr<Op> make_winograd_conv(const ConvConfig& config, const OpContext& context);

}  // namespace tailor::internal::f32
