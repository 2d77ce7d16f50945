#include <algorithm>

#include "tailor/ops/own/bf16/conv_op.hpp"
#include "tailor/ops/own/bf16/ops.hpp"
#include "tailor/ops/own/bf16/winograd/gradient.hpp"
#include "tailor/ops/own/bf16/winograd/winograd.hpp"

namespace tailor::internal::bf16 {
namespace {

class WinogradConv : public ConvOp {
 public:
  WinogradConv(const ConvConfig& config, const OpContext& c)
      : ConvOp(config, c),
        shape_{forward_sizes(config, c.src, c.dst)},
        back_{backward_sizes(shape_)},
        masks_source_(c.mask_for_producer),
        weights_(weight_bytes()) {
    if (!c.training) return;
    if (src_.has_diff()) turned_ = Buffer(weight_bytes());
    sums_ = Buffer::unplaced(kGradientHalves * gradient_sum_values(shape_) * sizeof(float));
    bias_sums_ = Buffer(kGradientHalves * bias_.bytes());
  }

  void load(const ParamSpans& p) override {
    load_bias(p);
    on_threads(engine_, work(), [&](int t, int threads) {
      winograd_pack(p.kernel.data(), dst_.shape.channels, src_.shape.channels,
                    part(shape_.out_blocks, t, threads), part(shape_.out_blocks, t + 1, threads),
                    simd::values<Bf16>(weights_),
                    turned_.bytes() == 0 ? nullptr : simd::values<Bf16>(turned_),
                    static_cast<Bf16*>(scratch(t)));
    });
  }

  void forward(const StepContext&) override {
    WinogradArgs args;
    args.src = simd::values<Bf16>(src_.data);
    args.weights = simd::values<Bf16>(weights_);
    args.bias = bias();
    args.dst = simd::values<Bf16>(dst_.data);
    args.relu = config_.relu;
    args.winners = winners();
    run(shape_, args);
  }

  void backward_data() override {
    WinogradArgs args;
    args.src = simd::values<Bf16>(dst_.diff);
    args.src_winners = winners();
    args.weights = simd::values<Bf16>(turned_);
    args.dst = simd::values<Bf16>(src_.diff);
    if (masks_source_) args.mask = simd::values<Bf16>(src_.data);
    run(back_, args);
  }

  void backward_weights(const GradientSpans& g) override {
    const int splits = std::clamp((engine_.threads() + 1) / 2, 1, shape_.out_blocks);
    on_threads(engine_, work(), [&](int t, int threads) {
      for (int p = t; p < kGradientHalves * splits; p += threads) {
        sum_part(p % kGradientHalves, p / kGradientHalves, splits, scratch(t));
      }
#pragma omp barrier
      gradient_finish(shape_, half(0), half(1), dst_.shape.channels, src_.shape.channels,
                      part(shape_.out_blocks, t, threads), part(shape_.out_blocks, t + 1, threads),
                      g.kernel.data());
    });
    const float* sums = bias_sums_.floats().data();
    for (std::size_t c = 0; c < g.bias.size(); ++c) g.bias[c] = sums[c] + sums[dst_.channels + c];
  }

  std::string implementation(const std::string& phase) const override {
    if (phase == "forward") return config_.pools ? "winograd bf16, pooled" : "winograd bf16";
    return phase == "load" || phase.starts_with("backward") ? "winograd bf16"
                                                            : Op::implementation(phase);
  }
  BufferUses uses() override {
    BufferUses uses = ConvOp::uses();
    uses.backward.push_back(&sums_);
    return uses;
  }
  std::size_t memory_bytes() const override {
    return ConvOp::memory_bytes() + weights_.bytes() + turned_.bytes() + bias_sums_.bytes();
  }
  std::size_t scratch_bytes() const override {
    return std::size_t(engine_.threads()) * thread_scratch();
  }

 private:
  std::size_t weight_bytes() const {
    return winograd_weight_values(shape_.in_blocks, shape_.out_blocks) * sizeof(Bf16);
  }
  std::size_t thread_scratch() const {
    std::size_t bytes = std::max(winograd_scratch_bytes(shape_), kWinogradPackScratch * 2);
    if (sums_.bytes() > 0) bytes = std::max(bytes, gradient_scratch_bytes(shape_));
    if (turned_.bytes() > 0) bytes = std::max(bytes, winograd_scratch_bytes(back_));
    return bytes;
  }
  void* scratch(int thread) {
    return scratch_ + std::size_t(thread) * thread_scratch();
  }
  double work() const {
    return microseconds_of(16.0 * shape_.all_tile_rows() * shape_.tile_columns() *
                           (256.0 * shape_.in_blocks * shape_.out_blocks));
  }
  float* half(int which) {
    return sums_.floats().data() + std::size_t(which) * gradient_sum_values(shape_);
  }

  void run(const WinogradShape& shape, const WinogradArgs& args) {
    const int rows = shape.all_tile_rows();
    share_out(engine_, work(), rows, winograd_rows_at_once(shape), [&](int first, int last, int t) {
      winograd_rows(shape, args, first, last, scratch(t));
    });
  }

  // One half of the images, one of `splits` shares of the outputs.
  void sum_part(int which, int split, int splits, void* memory) {
    GradientArgs args;
    args.src = simd::values<Bf16>(src_.data);
    args.diff = simd::values<Bf16>(dst_.diff);
    args.winners = winners();
    args.sums = half(which);
    if (config_.bias) args.bias_sums = bias_sums_.floats().data() + which * dst_.channels;
    gradient_half(shape_, args, part(shape_.images, which, kGradientHalves),
                  part(shape_.images, which + 1, kGradientHalves),
                  part(shape_.out_blocks, split, splits),
                  part(shape_.out_blocks, split + 1, splits), memory);
  }

  WinogradShape shape_;
  WinogradShape back_;
  bool masks_source_;
  Buffer weights_;
  Buffer turned_;
  Buffer sums_;
  Buffer bias_sums_;
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
