#include "tailor/core/error.hpp"
#include "tailor/ops/own/f32/dense.hpp"
#include "tailor/ops/own/own_op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"

#include "tailor/ops/own/f32/dense_products.hpp"
#include "tailor/ops/own/f32/pool.hpp"

namespace tailor::internal::TAILOR_TARGET {
namespace f32 {
namespace {

constexpr int kOutputsPerShare = 64;

DenseShape shape_of(const DenseConfig& config, const Tensor& src, int lanes) {
  if (src.layout == Layout::kPlain) {
    return {src.batch, int(src.shape.size()), config.units, 1, lanes};
  }
  return {src.batch, src.shape.channels, config.units, int(src.plane()), lanes};
}

template <int L>
class Dense : public OwnOp {
 public:
  Dense(const DenseConfig& config, const OpContext& c)
      : OwnOp("dense f32", {config.bias, config.relu}, c), s_(shape_of(config, c.src, L)) {
    hold_kernel(s_.inputs() * s_.outputs() * sizeof(float));
    // Packing wants a block of outputs' pixels; the gradient so many outputs', and a panel's
    // images.
    const std::size_t outputs = kOutputsPerShare > L ? kOutputsPerShare : L;
    need_scratch((outputs * s_.plane * L + std::size_t(s_.batch) * 2 * L) * sizeof(float));
    if (training_) sum_bias_in(1);
  }

  void forward(const StepContext& step) override {
    run_stages(*this, engine_, OpPhase::kForward, step);
  }
  void backward_data() override { run_stages(*this, engine_, OpPhase::kBackwardData, {}); }

  Stages stages(OpPhase phase) const override {
    switch (phase) {
      case OpPhase::kLoad:
        return in_parts(s_.out_blocks() * s_.in_blocks(), load_work());
      case OpPhase::kForward:
        return in_parts(groups() * ((s_.out_blocks() + 1) / 2), work());
      case OpPhase::kBackwardWeights: {
        const int shares = (s_.out_channels + kOutputsPerShare - 1) / kOutputsPerShare;
        return {fused_.bias ? 2 : 1,
                {{Stage::Of::kParts, s_.in_blocks() * shares, work()}, {Stage::Of::kParts, 1, 1}}};
      }
      case OpPhase::kBackwardData:
        return in_parts(s_.in_blocks() * s_.panels(), work());
      default:
        return OwnOp::stages(phase);
    }
  }

  void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                 int thread) override {
    if (phase == OpPhase::kBackwardWeights && stage == 1) return sum_bias(step.gradients);
    if (phase == OpPhase::kLoad && first == 0) load_bias(step.params);
    for (int share = first; share < last; ++share) {
      switch (phase) {
        case OpPhase::kLoad:
          pack(step.params.kernel.data(), share / s_.in_blocks(), share % s_.in_blocks(),
               floats(thread));
          break;
        case OpPhase::kForward:
          forward_share(share);
          break;
        case OpPhase::kBackwardWeights:
          gradient_share(share, step.gradients, floats(thread));
          break;
        case OpPhase::kBackwardData:
          backward_share(share);
          break;
        default:
          OwnOp::run_stage(phase, stage, step, share, share + 1, thread);
      }
    }
  }

 private:
  static float* values(Buffer& b) { return static_cast<float*>(b.data()); }
  static int smaller(int a, int b) { return a < b ? a : b; }

  float* floats(int thread) { return static_cast<float*>(scratch(thread)); }
  // Of images.
  int groups() const { return (s_.batch + kRows<L> - 1) / kRows<L>; }

  void forward_share(int share) {
    const int block = share / groups() * 2;
    if (block + 1 < s_.out_blocks()) {
      forward_tile<2>(share % groups() * kRows<L>, block);
    } else {
      forward_tile<1>(share % groups() * kRows<L>, block);
    }
  }

  void backward_share(int share) {
    if (pixels_of(share) == 2) {
      backward_panel<2>(first_of(share));
    } else {
      backward_panel<1>(first_of(share));
    }
  }

  void gradient_share(int share, const GradientSpans& g, float* memory) {
    const int block = share % s_.in_blocks();
    const int first = share / s_.in_blocks() * kOutputsPerShare;
    gradient(block, first, smaller(kOutputsPerShare, s_.out_channels - first), g.kernel.data(),
             memory);
  }

  void sum_bias(const GradientSpans& g) {
    float* sums = bias_sums(0);
    for (std::size_t o = 0; o < s_.outputs(); o += L) {
      F<L> sum{};
      for (int n = 0; n < s_.batch; ++n) {
        sum += simd::load<L>(values(dst_.diff) + std::size_t(n) * s_.outputs() + o);
      }
      simd::store<L>(sums + o, sum);
    }
    finish_bias(g);
  }

  double load_work() const { return double(s_.inputs() * s_.outputs()) / 4000; }
  // A few images cost what it takes to read the weights.
  double work() const {
    return microseconds_of(2.0 * double(s_.inputs() * s_.outputs()) *
                           (s_.batch < 4 ? 4 : s_.batch));
  }
  // Panels, numbered: how many pixels, and the first input.
  int pixels_of(int panel) const { return smaller(2, s_.plane - panel % s_.panels() * 2); }
  std::size_t first_of(int panel) const {
    return (std::size_t(panel / s_.panels()) * s_.plane + panel % s_.panels() * 2) * L;
  }

  void pack(const float* kernel, int out_block, int in_block, float* pixels) {
    const int channels = smaller(L, s_.in_channels - in_block * L);
    const std::size_t next_output = std::size_t(s_.plane) * L;
    for (int lane = 0; lane < L; ++lane) {
      const int o = out_block * L + lane;
      const bool exists = o < s_.out_channels;
      const std::size_t from = (std::size_t(o) * s_.in_channels + in_block * L) * s_.plane;
      to_pixels<L>(exists ? kernel + from : kernel, s_.plane, exists ? channels : 0,
                   pixels + lane * next_output);
    }
    pack_ahead(pixels, out_block, in_block);
    if (back_.bytes() > 0) pack_back(pixels, out_block, in_block);
  }

  void pack_ahead(const float* pixels, int out_block, int in_block) {
    const int pair = out_block / 2 * 2;
    const int width = pair + 1 < s_.out_blocks() ? 2 : 1;
    float* to = values(ahead_) + std::size_t(pair) * L * s_.inputs() + (out_block - pair) * L +
                std::size_t(in_block) * s_.plane * L * width * L;
    for (int p = 0; p < s_.plane; ++p) {
      F<L> r[L];
      for (int o = 0; o < L; ++o)
        r[o] = simd::load<L>(pixels + (std::size_t(o) * s_.plane + p) * L);
      transpose<L>(r);
      for (int c = 0; c < L; ++c, to += width * L) simd::store<L>(to, r[c]);
    }
  }

  void pack_back(const float* pixels, int out_block, int in_block) {
    for (int p = 0; p < s_.plane; ++p) {
      const int width = p % 2 == 0 && p + 1 == s_.plane ? 1 : 2;
      float* to = values(back_) +
                  (std::size_t(in_block) * s_.plane + p / 2 * 2) * L * s_.outputs() + p % 2 * L +
                  std::size_t(out_block) * L * width * L;
      for (int o = 0; o < L; ++o, to += width * L) {
        simd::store<L>(to, simd::load<L>(pixels + (std::size_t(o) * s_.plane + p) * L));
      }
    }
  }

  template <int B>
  void forward_tile(int image, int block) {
    const float* added = fused_.bias ? bias() + block * L : nullptr;
    float* to = values(dst_.data) + std::size_t(image) * s_.outputs() + block * L;
    multiply_rows<L, B>(
        smaller(kRows<L>, s_.batch - image),
        {values(src_.data) + std::size_t(image) * s_.inputs(), s_.inputs(), 1},
        values(ahead_) + std::size_t(block) * L * s_.inputs(),
        int(s_.inputs()), [&](int row, int o, F<L> v) __attribute__((always_inline)) {
          if (added != nullptr) v += simd::load<L>(added + o * L);
          if (fused_.relu) v = rectified<L>(v);
          simd::store<L>(to + std::size_t(row) * s_.outputs() + o * L, v);
        });
  }

  template <int B>
  void backward_panel(std::size_t first) {
    float* to = values(src_.diff) + first;
    multiply_rows<L, B>(
        s_.batch, {values(dst_.diff), s_.outputs(), 1}, values(back_) + first * s_.outputs(),
        int(s_.outputs()), [&](int row, int o, F<L> v) __attribute__((always_inline)) {
          simd::store<L>(to + std::size_t(row) * s_.inputs() + o * L, v);
        });
  }

  // The kernel's gradient for a channel block and some outputs: sums[output][pixel][L], then into
  // the kernel's order.
  void gradient(int block, int first, int outputs, float* kernel, float* memory) {
    float* images = memory;
    float* sums = images + std::size_t(s_.batch) * 2 * L;
    for (int p = 0; p < s_.panels(); ++p) {
      const int panel = block * s_.panels() + p;
      if (pixels_of(panel) == 2) {
        gradient_panel<2>(first_of(panel), first, outputs, images, sums + p * 2 * L);
      } else {
        gradient_panel<1>(first_of(panel), first, outputs, images, sums + p * 2 * L);
      }
    }
    const int channels = smaller(L, s_.in_channels - block * L);
    for (int o = 0; o < outputs; ++o) {
      to_channels<L>(sums + std::size_t(o) * s_.plane * L, s_.plane, channels,
                     kernel + (std::size_t(first + o) * s_.in_channels + block * L) * s_.plane);
    }
  }

  // The panel's inputs of all images are copied side by side: they lie a whole image apart.
  template <int B>
  void gradient_panel(std::size_t inputs, int first, int outputs, float* images, float* sums) {
    for (int n = 0; n < s_.batch; ++n) {
      for (int o = 0; o < B; ++o) {
        simd::store<L>(
            images + (n * B + o) * L,
            simd::load<L>(values(src_.data) + std::size_t(n) * s_.inputs() + inputs + o * L));
      }
    }
    multiply_rows<L, B>(
        outputs, {values(dst_.diff) + first, 1, s_.outputs()}, images,
        s_.batch, [&](int row, int o, F<L> v) __attribute__((always_inline)) {
          simd::store<L>(sums + (std::size_t(row) * s_.plane + o) * L, v);
        });
  }

  DenseShape s_;
};

}  // namespace
}  // namespace f32

std::unique_ptr<Op> make_dense(const DenseConfig& config, const OpContext& c) {
  std::unique_ptr<Op> op;
  simd::dispatch(Precision::kF32, c.dst.lanes, [&](auto, auto width) {
    op = std::make_unique<f32::Dense<width.kLanes>>(config, c);
  });
  return op;
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
