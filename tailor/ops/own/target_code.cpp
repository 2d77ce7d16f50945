#include "tailor/ops/own/target_code.hpp"

#include "tailor/ops/makers.hpp"

#include "tailor/core/target/begin.hpp"

// own/f32 has nothing to gain from bf16: there AVX-512's code is built once and runs for both.
#if defined(TAILOR_TARGET_AVX512_BF16)
#define TAILOR_F32_TARGET avx512
#else
#define TAILOR_F32_TARGET TAILOR_TARGET
#endif

namespace tailor::internal::TAILOR_F32_TARGET {
std::unique_ptr<Op> make_dense(const DenseConfig&, const OpContext&);
std::unique_ptr<Op> make_first_conv(const ConvConfig&, const OpContext&);
std::unique_ptr<Op> make_winograd_conv(const ConvConfig&, const OpContext&);
}  // namespace tailor::internal::TAILOR_F32_TARGET

namespace tailor::internal::TAILOR_TARGET {

namespace f32_code = TAILOR_F32_TARGET;
std::unique_ptr<Op> make_direct_conv(const ConvConfig&, const OpContext&);
std::unique_ptr<Op> make_pool(const PoolConfig&, const OpContext&);
std::unique_ptr<Op> make_batch_norm(const BatchNormConfig&, const OpContext&);
std::unique_ptr<Op> make_activation(const ActivationConfig&, const OpContext&);
std::unique_ptr<Op> make_dropout(const DropoutConfig&, const OpContext&);
std::unique_ptr<Op> make_rescale(const RescaleConfig&, const OpContext&);
void read_images(Engine&, std::span<const std::uint8_t* const>, double, double, Tensor&,
                 ImageRange);
void rectify(Engine&, Tensor&, ImageRange);
void mask_rectified(Engine&, const Tensor&, Tensor&, ImageRange);
void add(Engine&, const Tensor&, const Tensor&, Tensor&, ImageRange);
void add_diff(Engine&, const Tensor&, Tensor&, ImageRange);
void write_ordered(const WeightOrder&, const float*, Precision, void*, std::ptrdiff_t,
                   std::ptrdiff_t);
void read_ordered(const WeightSums&, float*, std::ptrdiff_t, std::ptrdiff_t);
double f32_flop();
double bf16_flop();

namespace {

// Every operation's maker: there is no default for one that forgets.
struct MakeOp {
  const OpContext& context;
  std::unique_ptr<Op> operator()(const ConvConfig& c) const { return make_conv(c, context); }
  std::unique_ptr<Op> operator()(const DenseConfig& c) const {
    return internal::make_dense(c, context);
  }
  std::unique_ptr<Op> operator()(const PoolConfig& c) const { return make_pool(c, context); }
  std::unique_ptr<Op> operator()(const BatchNormConfig& c) const {
    return make_batch_norm(c, context);
  }
  std::unique_ptr<Op> operator()(const ActivationConfig& c) const {
    return make_activation(c, context);
  }
  std::unique_ptr<Op> operator()(const DropoutConfig& c) const { return make_dropout(c, context); }
  std::unique_ptr<Op> operator()(const PadConfig& c) const { return make_pad(c, context); }
  std::unique_ptr<Op> operator()(const RescaleConfig& c) const { return make_rescale(c, context); }
  std::unique_ptr<Op> operator()(const FlattenConfig& c) const { return make_flatten(c, context); }
};

std::unique_ptr<Op> make_op(const OpConfig& config, const OpContext& context) {
  return std::visit(MakeOp{context}, config);
}

}  // namespace

extern const TargetCode kCode;
constinit const TargetCode kCode = {make_op,
                                    f32_code::make_dense,
                                    f32_code::make_first_conv,
                                    f32_code::make_winograd_conv,
                                    make_direct_conv,
                                    read_images,
                                    rectify,
                                    mask_rectified,
                                    add,
                                    add_diff,
                                    write_ordered,
                                    read_ordered,
                                    f32_flop,
                                    bf16_flop};

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
