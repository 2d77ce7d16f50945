#include <algorithm>

#include "tailor/ops/own/bf16/dense.hpp"
#include "tailor/ops/own/bf16/ops.hpp"
#include "tailor/ops/own/own_op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal::bf16 {
namespace {

class Dense : public OwnOp {
 public:
  Dense(const DenseConfig& config, const OpContext& c)
      : OwnOp("dense bf16", {config.bias, config.relu}, c),
        shape_{c.src.batch, c.src.shape.channels, config.units, int(c.src.plane())} {
    hold_kernel(shape_.inputs() * shape_.outputs() * sizeof(Bf16));
    need_scratch(dense_pack_scratch_bytes(shape_));
    if (!training_) return;
    sum_bias_in(1);
    turned_ = Buffer::unplaced(shape_.outputs() * std::size_t(dense_turned_stride(shape_)) * 4);
    need_scratch(dense_gradient_scratch_bytes(shape_));
  }

  void forward(const StepContext& step) override {
    run_stages(*this, engine_, OpPhase::kForward, step);
  }
  void backward_data() override { run_stages(*this, engine_, OpPhase::kBackwardData, {}); }

  Stages stages(OpPhase phase) const override {
    switch (phase) {
      case OpPhase::kLoad:
        return in_parts(dense_pack_shares(shape_), load_work());
      case OpPhase::kForward:
        return in_parts(dense_forward_tiles(shape_), work());
      case OpPhase::kBackwardWeights:
        return {2,
                {{Stage::Of::kParts, shape_.out_blocks(), load_work() / 16},
                 {Stage::Of::kParts, dense_gradient_shares(shape_), work()}}};
      case OpPhase::kBackwardData:
        return in_parts(shape_.in_blocks() * shape_.panels(), work());
      default:
        return OwnOp::stages(phase);
    }
  }

  void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                 int thread) override {
    switch (phase) {
      case OpPhase::kLoad:
        return load_shares(step.params, first, last, thread);
      case OpPhase::kForward:
        return forward_tiles(first, last);
      case OpPhase::kBackwardWeights:
        if (stage == 0) return dense_turn(shape_, diff(), first, last, turned(), bias_sums(0));
        return gradient_shares(step.gradients, first, last, thread);
      case OpPhase::kBackwardData:
        return dense_backward_data(shape_, diff(), simd::values<Bf16>(back_),
                                   simd::values<Bf16>(src_.diff), first, last);
      default:
        return OwnOp::run_stage(phase, stage, step, first, last, thread);
    }
  }

  BufferUses uses() override {
    BufferUses uses = OwnOp::uses();
    uses.backward.push_back(&turned_);
    return uses;
  }

 private:
  const Bf16* diff() { return simd::values<Bf16>(dst_.diff); }
  std::uint32_t* turned() { return static_cast<std::uint32_t*>(turned_.data()); }

  void load_shares(const ParamSpans& p, int first, int last, int thread) {
    if (first == 0) load_bias(p);
    Bf16* back = back_.bytes() == 0 ? nullptr : simd::values<Bf16>(back_);
    for (int share = first; share < last; ++share) {
      dense_pack(shape_, p.kernel.data(), share, simd::values<Bf16>(ahead_), back, scratch(thread));
    }
  }

  void forward_tiles(int first, int last) {
    DenseForwardArgs args;
    args.src = simd::values<Bf16>(src_.data);
    args.ahead = simd::values<Bf16>(ahead_);
    args.bias = bias();
    args.relu = fused_.relu;
    if (dst_.precision == Precision::kF32) {
      args.wide_dst = simd::values<float>(dst_.data);
    } else {
      args.dst = simd::values<Bf16>(dst_.data);
    }
    dense_forward(shape_, args, first, last);
  }

  void gradient_shares(const GradientSpans& g, int first, int last, int thread) {
    for (int share = first; share < last; ++share) {
      dense_gradient(shape_, simd::values<Bf16>(src_.data), turned(), share, g.kernel.data(),
                     scratch(thread));
    }
    if (first == 0) finish_bias(g);
  }

  double load_work() const { return double(shape_.inputs() * shape_.outputs()) / 4000; }

  // A few images cost what it takes to read the weights.
  double work() const {
    return microseconds_of(double(shape_.inputs() * shape_.outputs()) * std::max(shape_.batch, 4));
  }

  DenseShape shape_;
  Buffer turned_;
};

}  // namespace

std::unique_ptr<Op> make_dense(const DenseConfig& config, const OpContext& c) {
  if (c.src.precision != Precision::kBf16 || c.src.layout != Layout::kBlocked || !available()) {
    return nullptr;
  }
  return std::make_unique<Dense>(config, c);
}

}  // namespace tailor::internal::bf16
