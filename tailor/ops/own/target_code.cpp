#include "tailor/ops/own/target_code.hpp"

#include "tailor/ops/makers.hpp"

#include "tailor/core/target/begin.hpp"

namespace tailor::internal::TAILOR_TARGET {

std::unique_ptr<Op> make_dense(const DenseConfig&, const OpContext&);
std::unique_ptr<Op> make_first_conv(const ConvConfig&, const OpContext&);
std::unique_ptr<Op> make_winograd_conv(const ConvConfig&, const OpContext&);
std::unique_ptr<Op> make_direct_conv(const ConvConfig&, const OpContext&);
std::unique_ptr<Op> make_pool(const PoolConfig&, const OpContext&);
std::unique_ptr<Op> make_batch_norm(const BatchNormConfig&, const OpContext&);
std::unique_ptr<Op> make_activation(const ActivationConfig&, const OpContext&);
std::unique_ptr<Op> make_dropout(const DropoutConfig&, const OpContext&);
std::unique_ptr<Op> make_rescale(const RescaleConfig&, const OpContext&);
void read_images(Engine&, std::span<const std::uint8_t* const>, double, double, Tensor&);
void mask_rectified(Engine&, const Tensor&, Tensor&);
void add(Engine&, const Tensor&, const Tensor&, Tensor&);
void add_diff(Engine&, const Tensor&, Tensor&);
void write_ordered(const WeightOrder&, const float*, Precision, void*, int);
void read_ordered(const std::int32_t*, const float*, std::span<float>, int);
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
constinit const TargetCode kCode = {
    make_op,        make_dense, make_first_conv, make_winograd_conv, make_direct_conv, read_images,
    mask_rectified, add,        add_diff,        write_ordered,      read_ordered,     f32_flop,
    bf16_flop};

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
