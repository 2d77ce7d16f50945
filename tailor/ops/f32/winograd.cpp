#include "tailor/ops/f32/winograd.hpp"

#include "tailor/ops/kernel_table.hpp"
#include "tailor/ops/kernels.hpp"

namespace tailor::f32 {

bool winograd_fits(const ConvConfig& c, const Shape& src, Layout layout, Precision precision) {
  if (precision != Precision::kF32 || layout != Layout::kBlocked || !own_kernels_wanted())
    return false;
  ConvConfig unpooled = c;
  unpooled.pools = false;
  const Shape out = output_shape(unpooled, src);
  const auto small = [](int pad) { return pad >= 0 && pad <= 2; };
  if (c.kernel_h != 3 || c.kernel_w != 3 || c.stride_h != 1 || c.stride_w != 1 ||
      !small(c.pad.top) || !small(c.pad.bottom) || !small(c.pad.left) || !small(c.pad.right))
    return false;
  if (c.pools && (!c.relu || out.height < 2 || out.width < 2)) return false;
  return true;
}

std::unique_ptr<Op> make_winograd_conv(const ConvConfig& config, const OpContext& c) {
  if (!winograd_fits(config, c.src.shape, c.src.layout, c.src.precision)) return nullptr;
  return kernels_of(c.engine.target()).make_winograd_conv(config, c);
}

}  // namespace tailor::f32
