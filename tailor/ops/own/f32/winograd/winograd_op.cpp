#include <cstring>

#include "tailor/core/error.hpp"
#include "tailor/ops/kernels.hpp"
#include "tailor/ops/own/f32/winograd/winograd.hpp"
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
class WinogradConv : public Op {
 public:
  WinogradConv(const ConvConfig& config, const OpContext& c)
      : config_(config),
        engine_(c.engine),
        src_(c.src),
        dst_(c.dst),
        masks_(config.relu && !config.pools && !c.masked_by_consumer),
        shape_{forward_sizes(config, c.src, c.dst)},
        back_{backward_sizes(shape_)},
        bias_(std::size_t(c.dst.channels) * sizeof(float)),
        weights_(weight_bytes()) {
    if (!c.training) return;
    if (src_.has_diff()) turned_ = Buffer(weight_bytes());
    sums_ = Buffer::unplaced(kHalves * Gradient<L>::sum_values(shape_) * sizeof(float));
    bias_sums_ = Buffer(kHalves * bias_.bytes());
    if (config.pools) winners_ = Buffer::unplaced(dst_.size());
  }

  bool has_weights() const override { return true; }

  void load(const ParamSpans& p) override {
    if (config_.bias) std::memcpy(bias_.data(), p.bias.data(), p.bias.size_bytes());
    const float* kernel = p.kernel.data();
    const int out = dst_.shape.channels;
    const int in = src_.shape.channels;
    on_threads(engine_, work(), [&](int t, int threads) {
      pack<L>(forward_view(kernel, out, in), part(shape_.out_blocks, t, threads),
              part(shape_.out_blocks, t + 1, threads), values(weights_));
      if (turned_.bytes() == 0) return;
      pack<L>(backward_view(kernel, out, in), part(shape_.in_blocks, t, threads),
              part(shape_.in_blocks, t + 1, threads), values(turned_));
    });
  }

  void forward(const StepContext&) override {
    ForwardArgs args;
    args.src = values(src_.data);
    args.weights = values(weights_);
    args.bias = config_.bias ? values(bias_) : nullptr;
    args.dst = values(dst_.data);
    args.relu = config_.relu;
    args.winners = winners();
    run(shape_, args);
  }

  void prepare_backward() override {
    if (masks_) mask_rectified(engine_, dst_, dst_);
  }

  void backward_data() override {
    ForwardArgs args;
    args.src = values(dst_.diff);
    args.src_winners = winners();
    args.weights = values(turned_);
    args.dst = values(src_.diff);
    run(back_, args);
  }

  void backward_weights(const GradientSpans& g) override {
    const int wanted = (engine_.threads() + 1) / 2;
    const int splits = wanted < shape_.out_blocks ? wanted : shape_.out_blocks;
    on_threads(engine_, work(), [&](int t, int threads) {
      for (int p = t; p < kHalves * splits; p += threads) {
        sum_part(p % kHalves, p / kHalves, splits, scratch(t));
      }
#pragma omp barrier
      finish_gradient<L>(shape_, half(0), half(1), dst_.shape.channels, src_.shape.channels,
                         part(shape_.out_blocks, t, threads),
                         part(shape_.out_blocks, t + 1, threads), g.kernel.data());
    });
    const float* sums = values(bias_sums_);
    for (std::size_t c = 0; c < g.bias.size(); ++c) g.bias[c] = sums[c] + sums[dst_.channels + c];
  }

  std::string implementation(const std::string& phase) const override {
    if (phase == "forward") return config_.pools ? "winograd f32, pooled" : "winograd f32";
    return phase == "load" || phase.starts_with("backward") ? "winograd f32"
                                                            : Op::implementation(phase);
  }
  BufferUses uses() override {
    BufferUses uses{{&src_.data, &dst_.data, &winners_},
                    {&src_.data, &src_.diff, &dst_.diff, &winners_, &sums_}};
    if (masks_) uses.backward.push_back(&dst_.data);
    return uses;
  }
  std::size_t memory_bytes() const override {
    return bias_.bytes() + weights_.bytes() + turned_.bytes() + bias_sums_.bytes();
  }
  std::size_t scratch_bytes() const override {
    return std::size_t(engine_.threads()) * thread_scratch();
  }
  void bind(void* scratch) override {
    scratch_ = static_cast<char*>(scratch);
  }

 private:
  static float* values(Buffer& b) {
    return static_cast<float*>(b.data());
  }
  std::uint8_t* winners() {
    return winners_.bytes() == 0 ? nullptr : static_cast<std::uint8_t*>(winners_.data());
  }
  float* half(int which) {
    return values(sums_) + std::size_t(which) * Gradient<L>::sum_values(shape_);
  }

  std::size_t weight_bytes() const {
    return std::size_t(shape_.in_blocks) * shape_.out_blocks * L * L * kPositions * sizeof(float);
  }
  std::size_t thread_scratch() const {
    std::size_t bytes = Forward<L>::scratch_bytes(shape_);
    const auto at_least = [&](std::size_t b) { bytes = b > bytes ? b : bytes; };
    if (sums_.bytes() > 0) at_least(Gradient<L>::scratch_bytes(shape_));
    if (turned_.bytes() > 0) at_least(Forward<L>::scratch_bytes(back_));
    return (bytes + 63) / 64 * 64;
  }
  void* scratch(int thread) {
    return scratch_ + std::size_t(thread) * thread_scratch();
  }
  double work() const {
    return microseconds_of(2.0 * kPositions * shape_.images * shape_.tile_rows() *
                           shape_.tile_columns() * (double(L) * L) * shape_.in_blocks *
                           shape_.out_blocks);
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

  // One half of the images, one of `splits` shares of the outputs.
  void sum_part(int which, int split, int splits, void* memory) {
    GradientArgs args;
    args.src = values(src_.data);
    args.diff = values(dst_.diff);
    args.winners = winners();
    args.sums = half(which);
    if (config_.bias) args.bias_sums = values(bias_sums_) + which * dst_.channels;
    Gradient<L>(shape_, args, part(shape_.out_blocks, split, splits),
                part(shape_.out_blocks, split + 1, splits), memory)
        .run(part(shape_.images, which, kHalves), part(shape_.images, which + 1, kHalves));
  }

  ConvConfig config_;
  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
  bool masks_;
  WinogradShape shape_;
  WinogradShape back_;
  Buffer bias_;  // padded with zeros, as all channels are
  Buffer weights_;
  Buffer turned_;
  Buffer sums_;
  Buffer bias_sums_;
  Buffer winners_;  // training with pooling
  char* scratch_ = nullptr;
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
