#include "tailor/ops/kernels.hpp"

#include "tailor/ops/own/direct_conv.hpp"
#include "tailor/ops/own/int8/int8.hpp"
#include "tailor/ops/own/kernel_table.hpp"

namespace tailor::internal {

#if defined(TAILOR_X86_TARGETS)
namespace avx2 {
extern const KernelTable kKernels;
}
namespace avx512 {
extern const KernelTable kKernels;
}
namespace avx512_bf16 {
extern const KernelTable kKernels;
}
#endif
namespace baseline {
extern const KernelTable kKernels;
}

const KernelTable& kernels_of([[maybe_unused]] Target target) {
#if defined(TAILOR_X86_TARGETS)
  if (target == Target::kAvx2) return avx2::kKernels;
  if (target == Target::kAvx512) return avx512::kKernels;
  if (target == Target::kAvx512Bf16) return avx512_bf16::kKernels;
#endif
  return baseline::kKernels;
}

namespace {

const KernelTable& kernels_of(const Engine& engine) {
  return kernels_of(engine.target());
}

}  // namespace

std::unique_ptr<Op> make_direct_conv(const ConvConfig& config, const OpContext& context) {
  return kernels_of(context.engine).make_direct_conv(config, context);
}

void read_images(Engine& engine, std::span<const std::uint8_t* const> images, double scale,
                 double offset, Tensor& dst) {
  if (dst.precision == Precision::kInt8) return int8::copy_images(engine, images, dst);
  kernels_of(engine).read_images(engine, images, scale, offset, dst);
}

void mask_rectified(Engine& engine, const Tensor& value, Tensor& diff_of) {
  kernels_of(engine).mask_rectified(engine, value, diff_of);
}

void add(Engine& engine, const Tensor& a, const Tensor& b, Tensor& dst) {
  kernels_of(engine).add(engine, a, b, dst);
}

void add_diff(Engine& engine, const Tensor& from, Tensor& into) {
  kernels_of(engine).add_diff(engine, from, into);
}

void copy_diff(const Tensor& from, Tensor& into) {
  std::memcpy(into.diff.data(), from.diff.data(), into.diff.bytes());
}

}  // namespace tailor::internal
