#include <algorithm>

#include "tailor/ops/makers.hpp"
#include "tailor/ops/own/bf16/ops.hpp"
#include "tailor/ops/own/bf16/winograd/gradient.hpp"
#include "tailor/ops/own/bf16/winograd/winograd.hpp"
#include "tailor/ops/own/own_op.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal::bf16 {
namespace {

class WinogradConv : public OwnOp {
 public:
  WinogradConv(const ConvConfig& config, const OpContext& c)
      : OwnOp("winograd bf16", {config.bias, config.relu, config.pools}, c),
        shape_{forward_sizes(config, c.src, c.dst)},
        back_shape_{backward_sizes(shape_)},
        masks_source_(c.mask_for_producer) {
    hold_kernel(winograd_weight_values(shape_.in_blocks, shape_.out_blocks) * sizeof(Bf16));
    need_scratch(winograd_scratch_bytes(shape_));
    need_scratch(kWinogradPackScratch * sizeof(Bf16));
    if (!training_) return;
    sum_bias_in(kGradientHalves);
    sums_ = Buffer::unplaced(kGradientHalves * gradient_sum_values(shape_) * sizeof(float));
    need_scratch(gradient_scratch_bytes(shape_));
    if (src_.has_diff()) need_scratch(winograd_scratch_bytes(back_shape_));
  }

  void forward(const StepContext&) override { run(shape_, forward_args()); }
  void backward_data() override { run(back_shape_, backward_args()); }

  Stages stages(OpPhase phase) const override {
    switch (phase) {
      case OpPhase::kLoad:
        return in_parts(shape_.out_blocks, finish_work());
      case OpPhase::kForward:
      case OpPhase::kBackwardData:
        return in_pieces(work());
      case OpPhase::kBackwardWeights:
        return {2,
                {{Stage::Of::kParts, kGradientHalves * splits(), work()},
                 {Stage::Of::kParts, shape_.out_blocks, finish_work()}}};
      default:
        return OwnOp::stages(phase);
    }
  }

  void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                 int thread) override {
    switch (phase) {
      case OpPhase::kLoad:
        return load_blocks(step.params, first, last, thread);
      case OpPhase::kForward:
        return run_pieces(shape_, forward_args(), first, last, thread);
      case OpPhase::kBackwardData:
        return run_pieces(back_shape_, backward_args(), first, last, thread);
      case OpPhase::kBackwardWeights:
        if (stage == 1) return finish_blocks(step.gradients, first, last);
        for (int p = first; p < last; ++p) sum_part(p / splits(), p % splits(), scratch(thread));
        return;
      default:
        return OwnOp::run_stage(phase, stage, step, first, last, thread);
    }
  }

  BufferUses uses() override {
    BufferUses uses = OwnOp::uses();
    uses.backward.push_back(&sums_);
    return uses;
  }

 private:
  std::uint64_t* winners() {
    return winners_.bytes() == 0 ? nullptr : simd::values<std::uint64_t>(winners_);
  }
  double work() const {
    return microseconds_of(16.0 * shape_.all_tile_rows() * shape_.tile_columns() *
                           (256.0 * shape_.in_blocks * shape_.out_blocks));
  }
  // Two sums, and the transform of what comes out.
  double finish_work() const {
    return microseconds_of(8.0 * 16 * (256.0 * shape_.in_blocks * shape_.out_blocks));
  }
  float* half(int which) {
    return sums_.floats().data() + std::size_t(which) * gradient_sum_values(shape_);
  }

  WinogradArgs forward_args() {
    WinogradArgs args;
    args.src = simd::values<Bf16>(src_.data);
    args.weights = simd::values<Bf16>(ahead_);
    args.bias = bias();
    args.dst = simd::values<Bf16>(dst_.data);
    args.relu = fused_.relu;
    args.winners = winners();
    return args;
  }

  WinogradArgs backward_args() {
    WinogradArgs args;
    args.src = simd::values<Bf16>(dst_.diff);
    args.src_winners = winners();
    args.weights = simd::values<Bf16>(back_);
    args.dst = simd::values<Bf16>(src_.diff);
    if (masks_source_) args.mask = simd::values<Bf16>(src_.data);
    return args;
  }

  void load_blocks(const ParamSpans& p, int first, int last, int thread) {
    if (first == 0) load_bias(p);
    winograd_pack(p.kernel.data(), dst_.shape.channels, src_.shape.channels, first, last,
                  simd::values<Bf16>(ahead_),
                  back_.bytes() == 0 ? nullptr : simd::values<Bf16>(back_),
                  static_cast<Bf16*>(scratch(thread)));
  }

  void run_pieces(const WinogradShape& shape, const WinogradArgs& args, int first, int last,
                  int thread) {
    const ImageRange images = images_of_pieces(shape.images, first, last);
    winograd_rows(shape, args, images.first * shape.tile_rows(), images.last * shape.tile_rows(),
                  scratch(thread));
  }

  void run(const WinogradShape& shape, const WinogradArgs& args) {
    const int rows = shape.all_tile_rows();
    share_out(engine_, work(), rows, winograd_rows_at_once(shape), [&](int first, int last, int t) {
      winograd_rows(shape, args, first, last, scratch(t));
    });
  }

  // Of the outputs, where there are more threads than halves of the images.
  int splits() const { return std::clamp((engine_.threads() + 1) / 2, 1, shape_.out_blocks); }

  // One half of the images, one share of the outputs.
  void sum_part(int which, int split, void* memory) {
    GradientArgs args;
    args.src = simd::values<Bf16>(src_.data);
    args.diff = simd::values<Bf16>(dst_.diff);
    args.winners = winners();
    args.sums = half(which);
    if (fused_.bias) args.bias_sums = bias_sums(std::size_t(which));
    gradient_half(shape_, args, part(shape_.images, which, kGradientHalves),
                  part(shape_.images, which + 1, kGradientHalves),
                  part(shape_.out_blocks, split, splits()),
                  part(shape_.out_blocks, split + 1, splits()), memory);
  }

  void finish_blocks(const GradientSpans& g, int first, int last) {
    gradient_finish(shape_, half(0), half(1), dst_.shape.channels, src_.shape.channels, first, last,
                    g.kernel.data());
    if (first == 0) finish_bias(g);
  }

  WinogradShape shape_;
  WinogradShape back_shape_;
  bool masks_source_;
  Buffer sums_;
};

}  // namespace

bool winograd_fits(const ConvConfig& c, const Shape& src, Layout layout, Precision precision) {
  if (precision != Precision::kBf16 || layout != Layout::kBlocked || !available()) return false;
  const Shape out = unpooled_shape(c, src);
  return is_small_3x3(c) && (!c.pools || (c.relu && out.height > 1 && out.width > 1));
}

std::unique_ptr<Op> make_winograd_conv(const ConvConfig& config, const OpContext& c) {
  if (!winograd_fits(config, c.src.shape, c.src.layout, c.src.precision)) return nullptr;
  return std::make_unique<WinogradConv>(config, c);
}

}  // namespace tailor::internal::bf16
