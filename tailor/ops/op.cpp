#include "tailor/ops/op.hpp"

#include <algorithm>

#include "tailor/ops/library/onednn.hpp"
#include "tailor/ops/makers.hpp"
#include "tailor/ops/no_kernel.hpp"
#include "tailor/ops/own/int8/int8.hpp"
#include "tailor/ops/own/target_code.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal {

const char* name_of(OpPhase phase) {
  switch (phase) {
    case OpPhase::kLoad:
      return "load";
    case OpPhase::kForward:
      return "forward";
    case OpPhase::kPrepareBackward:
      return "prepare_backward";
    case OpPhase::kBackwardWeights:
      return "backward_weights";
    case OpPhase::kBackwardData:
      return "backward_data";
  }
  return "";
}

std::string Op::implementation(OpPhase) const {
  return "tailor";
}

// One of the whole batch for every phase that does something.
Stages Op::stages(OpPhase phase) const {
  const bool weighs = phase == OpPhase::kLoad || phase == OpPhase::kBackwardWeights;
  if (phase == OpPhase::kPrepareBackward || (weighs && !has_weights())) return Stages();
  return {1, {}};
}

void Op::run_stage(OpPhase phase, int, const StepContext& step, int, int, int) {
  switch (phase) {
    case OpPhase::kLoad:
      return load(step.params);
    case OpPhase::kForward:
      return forward(step);
    case OpPhase::kPrepareBackward:
      return prepare_backward();
    case OpPhase::kBackwardWeights:
      return backward_weights(step.gradients);
    case OpPhase::kBackwardData:
      return backward_data();
  }
}

void run_stages(Op& op, const Engine& engine, OpPhase phase, const StepContext& step) {
  const Stages stages = op.stages(phase);
  for (int i = 0; i < stages.count; ++i) {
    const Stage& stage = stages.list[i];
    share_out(engine, stage.microseconds, stage.count, 0, [&](int first, int last, int thread) {
      op.run_stage(phase, i, step, first, last, thread);
    });
  }
}

Buffer bind_scratch(std::span<Op* const> ops, int threads) {
  std::size_t bytes = 0;
  for (const Op* op : ops) bytes = std::max(bytes, op->scratch_bytes());
  bytes = (bytes + 63) / 64 * 64;
  Buffer scratch(bytes * std::size_t(threads));
  for (Op* op : ops) op->bind({static_cast<char*>(scratch.data()), bytes});
  return scratch;
}

Buffer bind_alone(Op& op, const Engine& engine) {
  const BufferUses uses = op.uses();
  for (const auto& list : {uses.forward, uses.backward}) {
    for (Buffer* b : list) {
      if (b->data() == nullptr) *b = Buffer(b->bytes());
    }
  }
  Op* const ops[] = {&op};
  return bind_scratch(ops, engine.threads());
}

namespace {

int extent(int size, int before, int after, int window, int stride) {
  return (size + before + after - window) / stride + 1;
}

struct OutputShape {
  Shape src;
  Shape operator()(const ConvConfig& c) const {
    const Shape out = {c.filters,
                       extent(src.height, c.pad.top, c.pad.bottom, c.kernel_h, c.stride_h),
                       extent(src.width, c.pad.left, c.pad.right, c.kernel_w, c.stride_w)};
    return c.pools ? Shape{out.channels, out.height / 2, out.width / 2} : out;
  }
  Shape operator()(const DenseConfig& c) const { return {c.units, 1, 1}; }
  Shape operator()(const PoolConfig& c) const {
    return {src.channels, extent(src.height, c.pad.top, c.pad.bottom, c.window_h, c.stride_h),
            extent(src.width, c.pad.left, c.pad.right, c.window_w, c.stride_w)};
  }
  Shape operator()(const PadConfig& c) const {
    return {src.channels, src.height + c.pad.top + c.pad.bottom,
            src.width + c.pad.left + c.pad.right};
  }
  Shape operator()(const FlattenConfig&) const { return {int(src.size()), 1, 1}; }
  Shape operator()(const BatchNormConfig& b) const {
    return b.pools ? Shape{src.channels, src.height / 2, src.width / 2} : src;
  }
  Shape operator()(const ActivationConfig&) const { return src; }
  Shape operator()(const DropoutConfig&) const { return src; }
  Shape operator()(const RescaleConfig&) const { return src; }
};

}  // namespace

Shape output_shape(const OpConfig& config, const Shape& src) {
  return std::visit(OutputShape{src}, config);
}

Shape unpooled_shape(ConvConfig config, const Shape& src) {
  config.pools = false;
  return output_shape(config, src);
}

bool is_small_3x3(const ConvConfig& c) {
  const auto small = [](int pad) { return pad >= 0 && pad <= 2; };
  return c.kernel_h == 3 && c.kernel_w == 3 && c.stride_h == 1 && c.stride_w == 1 &&
         small(c.pad.top) && small(c.pad.bottom) && small(c.pad.left) && small(c.pad.right);
}

std::unique_ptr<Op> make_op(const OpConfig& config, const OpContext& context) {
  try {
    if (context.src.precision == Precision::kInt8) return int8::make_op(config, context);
    return code_for(context.engine.target()).make_op(config, context);
  } catch (const dnnl::error& error) {
    onednn::expect_no_kernel(error);
    throw NoKernel();
  }
}

}  // namespace tailor::internal
