#include "tailor/ops/own/winograd_sizes.hpp"

#include "tailor/ops/makers.hpp"

namespace tailor::internal {

WinogradSizes forward_sizes(const ConvConfig& config, const Tensor& src, const Tensor& dst) {
  const Shape out = unpooled_shape(config, src.shape);
  return {src.batch,  src.blocks(), dst.blocks(),   src.shape.height, src.shape.width,
          out.height, out.width,    config.pad.top, config.pad.left,  config.pools};
}

WinogradSizes backward_sizes(const WinogradSizes& s) {
  // A kernel of three rows turns p rows of padding into 2 - p on the way back.
  return {s.images, s.out_blocks, s.in_blocks,   s.out_height,   s.out_width,
          s.height, s.width,      2 - s.pad_top, 2 - s.pad_left, false};
}

}  // namespace tailor::internal
