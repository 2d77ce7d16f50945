#include "tailor/ops/makers.hpp"

#include "tailor/ops/own/direct_conv.hpp"
#include "tailor/ops/own/int8/int8.hpp"
#include "tailor/ops/own/target_code.hpp"

namespace tailor::internal {

#if defined(TAILOR_X86_TARGETS)
namespace avx2 {
extern const TargetCode kCode;
}
namespace avx512 {
extern const TargetCode kCode;
}
namespace avx512_bf16 {
extern const TargetCode kCode;
}
#endif
namespace baseline {
extern const TargetCode kCode;
}

const TargetCode& code_for([[maybe_unused]] Target target) {
#if defined(TAILOR_X86_TARGETS)
  if (target == Target::kAvx2) return avx2::kCode;
  if (target == Target::kAvx512) return avx512::kCode;
  if (target == Target::kAvx512Bf16) return avx512_bf16::kCode;
#endif
  return baseline::kCode;
}

namespace {

const TargetCode& code_for(const Engine& engine) {
  return code_for(engine.target());
}

}  // namespace

std::unique_ptr<Op> make_direct_conv(const ConvConfig& config, const OpContext& context) {
  return code_for(context.engine).make_direct_conv(config, context);
}

void read_images(Engine& engine, std::span<const std::uint8_t* const> images, double scale,
                 double offset, Tensor& dst) {
  if (dst.precision == Precision::kInt8) return int8::copy_images(engine, images, dst);
  read_images(engine, images, scale, offset, dst, {0, dst.batch});
}

void read_images(Engine& engine, std::span<const std::uint8_t* const> images, double scale,
                 double offset, Tensor& dst, ImageRange range) {
  code_for(engine).read_images(engine, images, scale, offset, dst, range);
}

void rectify(Engine& engine, Tensor& values, ImageRange images) {
  code_for(engine).rectify(engine, values, images);
}

void mask_rectified(Engine& engine, const Tensor& value, Tensor& diff_of, ImageRange images) {
  code_for(engine).mask_rectified(engine, value, diff_of, images);
}

void add(Engine& engine, const Tensor& a, const Tensor& b, Tensor& dst, ImageRange images) {
  code_for(engine).add(engine, a, b, dst, images);
}

void add_diff(Engine& engine, const Tensor& from, Tensor& into, ImageRange images) {
  code_for(engine).add_diff(engine, from, into, images);
}

void copy_diff(const Tensor& from, Tensor& into, ImageRange images) {
  const std::size_t image = into.image_size() * value_bytes(into.diff_precision);
  const std::size_t at = std::size_t(images.first) * image;
  std::memcpy(static_cast<char*>(into.diff.data()) + at,
              static_cast<const char*>(from.diff.data()) + at,
              std::size_t(images.last - images.first) * image);
}

}  // namespace tailor::internal
