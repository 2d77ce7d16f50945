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
  code_for(engine).read_images(engine, images, scale, offset, dst);
}

void mask_rectified(Engine& engine, const Tensor& value, Tensor& diff_of) {
  code_for(engine).mask_rectified(engine, value, diff_of);
}

void add(Engine& engine, const Tensor& a, const Tensor& b, Tensor& dst) {
  code_for(engine).add(engine, a, b, dst);
}

void add_diff(Engine& engine, const Tensor& from, Tensor& into) {
  code_for(engine).add_diff(engine, from, into);
}

void copy_diff(const Tensor& from, Tensor& into) {
  std::memcpy(into.diff.data(), from.diff.data(), into.diff.bytes());
}

}  // namespace tailor::internal
