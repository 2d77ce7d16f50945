#include "tailor/core/error.hpp"
#include "tailor/ops/own/f32/winograd/winograd.hpp"
#include "tailor/ops/own/own_op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"

#include "tailor/ops/own/f32/winograd/forward.hpp"
#include "tailor/ops/own/f32/winograd/gradient.hpp"
#include "tailor/ops/own/f32/winograd/pack.hpp"

namespace tailor::internal::TAILOR_TARGET {
namespace f32 {
namespace {

constexpr int kHalves = 2;
// One image's threads share the outputs, not the rows: U is read once for so few tiles, and
// decides.
constexpr int kFewTiles = 16;

template <int L>
class WinogradConv : public OwnOp {
 public:
  WinogradConv(const ConvConfig& config, const OpContext& c)
      : OwnOp("winograd f32", {config.bias, config.relu, config.pools}, c),
        shape_{forward_sizes(config, c.src, c.dst)},
        back_shape_{backward_sizes(shape_)} {
    hold_kernel(std::size_t(shape_.in_blocks) * shape_.out_blocks * L * L * kPositions *
                sizeof(float));
    need_scratch(Forward<L>::scratch_bytes(shape_));
    if (!training_) return;
    sum_bias_in(kHalves);
    sums_ = Buffer::unplaced(kHalves * Gradient<L>::sum_values(shape_) * sizeof(float));
    need_scratch(Gradient<L>::scratch_bytes(shape_));
    if (src_.has_diff()) need_scratch(Forward<L>::scratch_bytes(back_shape_));
  }

  void forward(const StepContext&) override { run(shape_, forward_args()); }
  void backward_data() override { run(back_shape_, backward_args()); }

  Stages stages(OpPhase phase) const override {
    switch (phase) {
      case OpPhase::kLoad:
        return in_parts(shape_.out_blocks + (back_.bytes() > 0 ? shape_.in_blocks : 0),
                        finish_work());
      case OpPhase::kForward:
      case OpPhase::kBackwardData:
        return in_pieces(work());
      case OpPhase::kBackwardWeights:
        return {2,
                {{Stage::Of::kParts, kHalves * splits(), work()},
                 {Stage::Of::kParts, shape_.out_blocks, finish_work()}}};
      default:
        return OwnOp::stages(phase);
    }
  }

  void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                 int thread) override {
    switch (phase) {
      case OpPhase::kLoad:
        return load_blocks(step.params, first, last);
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
  static float* values(Buffer& b) { return static_cast<float*>(b.data()); }
  std::uint8_t* winners() {
    return winners_.bytes() == 0 ? nullptr : static_cast<std::uint8_t*>(winners_.data());
  }
  float* half(int which) {
    return values(sums_) + std::size_t(which) * Gradient<L>::sum_values(shape_);
  }

  double work() const {
    return microseconds_of(2.0 * kPositions * shape_.images * shape_.tile_rows() *
                           shape_.tile_columns() * (double(L) * L) * shape_.in_blocks *
                           shape_.out_blocks);
  }

  // Two sums, and the transform of what comes out.
  double finish_work() const {
    return microseconds_of(8.0 * kPositions * (double(L) * L) * shape_.in_blocks *
                           shape_.out_blocks);
  }

  ForwardArgs forward_args() {
    ForwardArgs args;
    args.src = values(src_.data);
    args.weights = values(ahead_);
    args.bias = bias();
    args.dst = values(dst_.data);
    args.relu = fused_.relu;
    args.winners = winners();
    return args;
  }

  ForwardArgs backward_args() {
    ForwardArgs args;
    args.src = values(dst_.diff);
    args.src_winners = winners();
    args.weights = values(back_);
    args.dst = values(src_.diff);
    return args;
  }

  // Blocks of outputs ahead, then blocks of inputs back.
  void load_blocks(const ParamSpans& p, int first, int last) {
    if (first == 0) load_bias(p);
    const float* kernel = p.kernel.data();
    const int out = dst_.shape.channels;
    const int in = src_.shape.channels;
    const int ahead = shape_.out_blocks;
    for (int block = first; block < last; ++block) {
      if (block < ahead) {
        pack<L>(forward_view(kernel, out, in), block, block + 1, values(ahead_));
      } else {
        pack<L>(backward_view(kernel, out, in), block - ahead, block - ahead + 1, values(back_));
      }
    }
  }

  void run_pieces(const WinogradShape& shape, const ForwardArgs& args, int first, int last,
                  int thread) {
    const ImageRange images = images_of_pieces(shape.images, first, last);
    Forward<L>(shape, args, scratch(thread))
        .run(images.first * shape.tile_rows(), images.last * shape.tile_rows(), 0,
             shape.out_blocks);
  }

  void run(const WinogradShape& shape, const ForwardArgs& args) {
    const int rows = shape.images * shape.tile_rows();
    const int pairs = (shape.out_blocks + 1) / 2;
    const bool by_outputs = rows * shape.tile_columns() <= kFewTiles && pairs >= engine_.threads();
    const int chunk = by_outputs ? pairs / engine_.threads() : Forward<L>::rows_per_block(shape);
    share_out(engine_, work(), by_outputs ? pairs : rows, chunk, [&](int first, int last, int t) {
      Forward<L> share(shape, args, scratch(t));
      if (by_outputs) {
        const int end = 2 * last;
        share.run(0, rows, 2 * first, end < shape.out_blocks ? end : shape.out_blocks);
      } else {
        share.run(first, last, 0, shape.out_blocks);
      }
    });
  }

  // Of the outputs, where there are more threads than halves of the images.
  int splits() const {
    const int wanted = (engine_.threads() + 1) / 2;
    return wanted < shape_.out_blocks ? wanted : shape_.out_blocks;
  }

  // One half of the images, one share of the outputs.
  void sum_part(int which, int split, void* memory) {
    GradientArgs args;
    args.src = values(src_.data);
    args.diff = values(dst_.diff);
    args.winners = winners();
    args.sums = half(which);
    if (fused_.bias) args.bias_sums = bias_sums(std::size_t(which));
    Gradient<L>(shape_, args, part(shape_.out_blocks, split, splits()),
                part(shape_.out_blocks, split + 1, splits()), memory)
        .run(part(shape_.images, which, kHalves), part(shape_.images, which + 1, kHalves));
  }

  void finish_blocks(const GradientSpans& g, int first, int last) {
    finish_gradient<L>(shape_, half(0), half(1), dst_.shape.channels, src_.shape.channels, first,
                       last, g.kernel.data());
    if (first == 0) finish_bias(g);
  }

  WinogradShape shape_;
  WinogradShape back_shape_;
  Buffer sums_;
};

}  // namespace
}  // namespace f32

std::unique_ptr<Op> make_winograd_conv(const ConvConfig& config, const OpContext& c) {
  std::unique_ptr<Op> op;
  simd::dispatch(Precision::kF32, c.src.lanes, [&](auto, auto width) {
    op = std::make_unique<f32::WinogradConv<width.kLanes>>(config, c);
  });
  return op;
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
