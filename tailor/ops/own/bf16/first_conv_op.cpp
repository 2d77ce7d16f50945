#include <algorithm>

#include "tailor/ops/makers.hpp"
#include "tailor/ops/own/bf16/first_conv.hpp"
#include "tailor/ops/own/bf16/ops.hpp"
#include "tailor/ops/own/own_op.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal::bf16 {
namespace {

// Images are summed in this many groups, whatever the number of threads, so sums round the same for
// any.
constexpr int kGroups = 8;

FirstConvShape shape_of(const ConvConfig& config, const Tensor& src, const Tensor& dst) {
  const Shape out = unpooled_shape(config, src.shape);
  return {dst.blocks(), src.shape.height, src.shape.width, out.height,
          out.width,    config.pad.top,   config.pad.left, config.pools};
}

class FirstConv : public OwnOp {
 public:
  FirstConv(const ConvConfig& config, const OpContext& c)
      : OwnOp("first layer bf16", {config.bias, config.relu, config.pools}, c),
        shape_(shape_of(config, c.src, c.dst)),
        images_(std::size_t(c.engine.threads()) * first_conv_scratch_bytes(shape_)) {
    hold_kernel(std::size_t(dst_.channels) * 9 * sizeof(float));
    if (training_) groups_ = Buffer::unplaced(kGroups * group_values() * sizeof(float));
  }

  Stages stages(OpPhase phase) const override {
    switch (phase) {
      case OpPhase::kLoad:
        return in_parts(1, 1);
      case OpPhase::kForward:
        return in_pieces(work());
      case OpPhase::kBackwardWeights:
        return {2, {{Stage::Of::kParts, kGroups, work()}, {Stage::Of::kParts, 1, 1}}};
      default:
        return OwnOp::stages(phase);
    }
  }

  void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                 int thread) override {
    switch (phase) {
      case OpPhase::kLoad:
        return load_all(step.params);
      case OpPhase::kForward:
        return forward_images(images_of_pieces(src_.batch, first, last));
      case OpPhase::kBackwardWeights:
        if (stage == 1) return finish(step.gradients);
        for (int group = first; group < last; ++group) sum_group(group, padded(thread));
        return;
      default:
        return OwnOp::run_stage(phase, stage, step, first, last, thread);
    }
  }

  void forward(const StepContext&) override { forward_images({0, src_.batch}); }

  BufferUses uses() override {
    BufferUses uses = OwnOp::uses();
    uses.backward.push_back(&groups_);
    return uses;
  }
  std::size_t memory_bytes() const override { return OwnOp::memory_bytes() + images_.bytes(); }

 private:
  void load_all(const ParamSpans& p) {
    load_bias(p);
    for (std::size_t o = 0; o < std::size_t(dst_.shape.channels); ++o) {
      for (std::size_t t = 0; t < 9; ++t) ahead_.floats()[tap(o, t)] = p.kernel[o * 9 + t];
    }
  }

  void forward_images(ImageRange images) {
    FirstConvArgs all;
    all.taps = ahead_.floats().data();
    all.bias = bias();
    all.relu = fused_.relu;
    share_out_each(engine_, work(), images.last - images.first, [&](int i, int thread) {
      const int n = images.first + i;
      FirstConvArgs args = all;
      args.image = image(n);
      args.dst = simd::values<Bf16>(dst_.data) + std::size_t(n) * dst_.image_size();
      args.winners = winners(n);
      first_conv(shape_, args, padded(thread));
    });
  }

  void finish(const GradientSpans& g) {
    const auto channels = std::size_t(dst_.shape.channels);
    for (std::size_t o = 0; o < channels; ++o) {
      for (std::size_t t = 0; t < 9; ++t) g.kernel[o * 9 + t] = over_groups(tap(o, t));
      if (fused_.bias) g.bias[o] = over_groups(std::size_t(dst_.channels) * 9 + o);
    }
  }

  double work() const {
    return src_.batch == 1 ? 0  // images are shared out whole
                           : microseconds_of(144.0 * shape_.out_blocks * shape_.out_height *
                                             shape_.out_width * src_.batch);
  }
  static std::size_t tap(std::size_t o, std::size_t t) { return (o / 16 * 9 + t) * 16 + o % 16; }
  std::size_t group_values() const { return std::size_t(dst_.channels) * 10; }
  const Bf16* image(int n) {
    return simd::values<Bf16>(src_.data) + std::size_t(n) * src_.image_size();
  }
  std::uint64_t* winners(int n) {
    if (winners_.bytes() == 0) return nullptr;
    return simd::values<std::uint64_t>(winners_) + std::size_t(n) * dst_.image_size() / 16;
  }
  void* padded(int thread) {
    return static_cast<char*>(images_.data()) +
           std::size_t(thread) * first_conv_scratch_bytes(shape_);
  }

  void sum_group(int k, void* memory) {
    float* sums = groups_.floats().data() + std::size_t(k) * group_values();
    std::fill_n(sums, group_values(), 0.f);
    FirstConvGradientArgs args;
    args.taps = sums;
    args.bias = sums + std::size_t(dst_.channels) * 9;
    for (int n = part(src_.batch, k, kGroups); n < part(src_.batch, k + 1, kGroups); ++n) {
      args.image = image(n);
      args.diff = simd::values<Bf16>(dst_.diff) + std::size_t(n) * dst_.image_size();
      args.winners = winners(n);
      first_conv_gradient(shape_, args, memory);
    }
  }

  float over_groups(std::size_t i) {
    float sum = 0;
    for (std::size_t k = 0; k < kGroups; ++k) sum += groups_.floats()[k * group_values() + i];
    return sum;
  }

  FirstConvShape shape_;
  Buffer images_;  // one padded image per thread; zero around it
  Buffer groups_;  // taps and bias of every group
};

}  // namespace

bool first_conv_fits(const ConvConfig& c, const Shape& src, Precision precision) {
  if (precision != Precision::kBf16 || src.channels != 1 || !available()) return false;
  const Shape out = unpooled_shape(c, src);
  return c.kernel_h == 3 && c.kernel_w == 3 && c.stride_h == 1 && c.stride_w == 1 &&
         c.pad.top >= 0 && c.pad.left >= 0 && c.pad.bottom >= 0 && c.pad.right >= 0 &&
         (!c.pools || (c.relu && out.height > 1 && out.width > 1));
}

std::unique_ptr<Op> make_first_conv(const ConvConfig& config, const OpContext& c) {
  if (c.src.layout != Layout::kPlain || c.src.has_diff() ||
      !first_conv_fits(config, c.src.shape, c.src.precision)) {
    return nullptr;
  }
  return std::make_unique<FirstConv>(config, c);
}

}  // namespace tailor::internal::bf16
