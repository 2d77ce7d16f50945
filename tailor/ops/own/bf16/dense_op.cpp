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

  void load(const ParamSpans& p) override {
    load_bias(p);
    Bf16* back = back_.bytes() == 0 ? nullptr : simd::values<Bf16>(back_);
    share_out_each(engine_, work(), dense_pack_shares(shape_), [&](int share, int thread) {
      dense_pack(shape_, p.kernel.data(), share, simd::values<Bf16>(ahead_), back, scratch(thread));
    });
  }

  void forward(const StepContext&) override {
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
    const int tiles = dense_forward_tiles(shape_);
    share_out(engine_, work(), tiles, 0,
              [&](int first, int last, int) { dense_forward(shape_, args, first, last); });
  }

  void backward_data() override {
    const int panels = shape_.in_blocks() * shape_.panels();
    share_out(engine_, work(), panels, 0, [&](int first, int last, int) {
      dense_backward_data(shape_, diff(), simd::values<Bf16>(back_), simd::values<Bf16>(src_.diff),
                          first, last);
    });
  }

  void backward_weights(const GradientSpans& g) override {
    auto* turned = static_cast<std::uint32_t*>(turned_.data());
    share_out_each(engine_, work(), shape_.out_blocks(), [&](int block, int) {
      dense_turn(shape_, diff(), block, block + 1, turned, bias_sums(0));
    });
    share_out_each(engine_, work(), dense_gradient_shares(shape_), [&](int share, int thread) {
      dense_gradient(shape_, simd::values<Bf16>(src_.data), turned, share, g.kernel.data(),
                     scratch(thread));
    });
    finish_bias(g);
  }

  BufferUses uses() override {
    BufferUses uses = OwnOp::uses();
    uses.backward.push_back(&turned_);
    return uses;
  }

 private:
  const Bf16* diff() { return simd::values<Bf16>(dst_.diff); }

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
