// The sizes that Winograd's convolution works with, in every precision. For f32/winograd and
// bf16/winograd alone.
#pragma once

#include "tailor/ops/op.hpp"

namespace tailor::internal {

// Sizes of one direction. Activations are [image][block of L channels][row][column][L]; L is 16 in
// bf16 and a vector's lanes in f32. Tiles differ between the precisions, so their own structs add
// them.
struct WinogradSizes {
  int images = 1;
  int in_blocks = 1;
  int out_blocks = 1;
  int height = 1, width = 1;          // of the source
  int out_height = 1, out_width = 1;  // of the results, before pooling
  int pad_top = 0, pad_left = 0;      // zeros around the source, at most 2
  bool pools = false;  // 2x2 max pooling of the results; an odd last row or column is dropped
};

// Tiles along a side of the results, a whole pooling window or none of it in the last.
inline int winograd_tiles(int size, bool pools, int tile) {
  return ((pools ? size / 2 * 2 : size) + tile - 1) / tile;
}

WinogradSizes forward_sizes(const ConvConfig& config, const Tensor& src, const Tensor& dst);
// From the gradient of the results to that of the source.
WinogradSizes backward_sizes(const WinogradSizes& forward);

}  // namespace tailor::internal
