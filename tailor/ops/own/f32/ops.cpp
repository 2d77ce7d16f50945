// Where our f32 kernels apply; target_code.hpp has them for every kind of CPU.
#include "tailor/ops/makers.hpp"
#include "tailor/ops/own/f32/dense.hpp"
#include "tailor/ops/own/f32/first_conv.hpp"
#include "tailor/ops/own/f32/winograd/winograd.hpp"
#include "tailor/ops/own/target_code.hpp"

namespace tailor::internal::f32 {

namespace {

// Tiles that reach far beyond small results would cost more than they save: at 2x2 and in a single
// row as many multiply-adds as the direct algorithm, at 5x5 64 %.
bool pays(int height, int width, bool pools) {
  const double winograd = double(kPositions) * winograd_tiles(height, pools, kTile) *
                          winograd_tiles(width, pools, kTile);
  return winograd <= .75 * 9 * height * width;
}

}  // namespace

bool winograd_fits(const ConvConfig& c, const Shape& src, Layout layout, Precision precision) {
  if (precision != Precision::kF32 || layout != Layout::kBlocked || !is_small_3x3(c)) return false;
  const Shape out = unpooled_shape(c, src);
  if (c.pools && (!c.relu || out.height < 2 || out.width < 2)) return false;
  return pays(out.height, out.width, c.pools);
}

bool first_conv_fits(const ConvConfig& c, const Shape& src, Precision precision) {
  if (precision != Precision::kF32 || (src.channels != 1 && src.channels != 3) ||
      !is_small_3x3(c)) {
    return false;
  }
  return !c.pools || (c.relu && output_shape(c, src).height > 0 && output_shape(c, src).width > 0);
}

std::unique_ptr<Op> make_first_conv(const ConvConfig& config, const OpContext& c) {
  if (c.src.layout != Layout::kPlain || c.src.has_diff() ||
      !first_conv_fits(config, c.src.shape, c.src.precision)) {
    return nullptr;
  }
  return code_for(c.engine.target()).make_first_conv(config, c);
}

std::unique_ptr<Op> make_winograd_conv(const ConvConfig& config, const OpContext& c) {
  if (!winograd_fits(config, c.src.shape, c.src.layout, c.src.precision)) return nullptr;
  return code_for(c.engine.target()).make_winograd_conv(config, c);
}

bool dense_fits(const Shape& src, Layout layout, Precision precision, int lanes) {
  const bool whole = src.size() % std::size_t(lanes) == 0;
  return precision == Precision::kF32 && (layout == Layout::kBlocked || whole);
}

std::unique_ptr<Op> make_dense(const DenseConfig& config, const OpContext& c) {
  if (!dense_fits(c.src.shape, c.src.layout, c.src.precision, c.dst.lanes)) return nullptr;
  return code_for(c.engine.target()).make_dense(config, c);
}

}  // namespace tailor::internal::f32
