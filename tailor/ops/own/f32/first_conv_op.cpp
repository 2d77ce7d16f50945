#include <cstring>

#include "tailor/core/error.hpp"
#include "tailor/ops/makers.hpp"
#include "tailor/ops/own/f32/first_conv.hpp"
#include "tailor/ops/own/own_op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"

#include "tailor/ops/own/f32/pool.hpp"
#include "tailor/ops/own/f32/winograd/transforms.hpp"

namespace tailor::internal::TAILOR_TARGET {
namespace f32 {
namespace {

constexpr int kHalves = 2;
constexpr int kTaps = 9;

template <int L>
class FirstConv : public OwnOp {
 public:
  FirstConv(const ConvConfig& config, const OpContext& c)
      : OwnOp("first layer f32", {config.bias, config.relu, config.pools}, c),
        pad_(config.pad),
        channels_(c.src.shape.channels),
        out_(unpooled_shape(config, c.src.shape)),
        row_((out_.width + kColumns - 1) / kColumns * kColumns + 2),
        plane_(std::size_t(out_.height + 2) * row_) {
    hold_kernel(std::size_t(channels_) * kTaps * dst_.channels * sizeof(float));
    need_scratch(channels_ * plane_ * sizeof(float));
    if (!training_) return;
    sums_ = Buffer(kHalves * ahead_.bytes());
    sum_bias_in(kHalves);
  }

  Stages stages(OpPhase phase) const override {
    switch (phase) {
      case OpPhase::kLoad:
        return in_parts(1, 1);
      case OpPhase::kForward:
        return in_pieces(work());
      case OpPhase::kBackwardWeights:
        return {2, {{Stage::Of::kParts, kHalves * splits(), work()}, {Stage::Of::kParts, 1, 1}}};
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
        for (int p = first; p < last; ++p) sum_half(p / splits(), p % splits(), scratch(thread));
        return;
      default:
        return OwnOp::run_stage(phase, stage, step, first, last, thread);
    }
  }

  void forward(const StepContext&) override { forward_images({0, src_.batch}); }

  std::size_t memory_bytes() const override { return OwnOp::memory_bytes() + sums_.bytes(); }

 private:
  // Columns of results that are made together, in two rows where those are pooled: 16 sums in
  // registers with 16 lanes, 8 with 8.
  static constexpr int kColumns = L == 16 ? 8 : 4;

  void load_all(const ParamSpans& p) {
    load_bias(p);
    for (int o = 0; o < dst_.shape.channels; ++o) {
      const int pair = o / L / 2 * 2;
      const int width = pair + 1 < dst_.blocks() ? 2 * L : L;
      float* to = values(ahead_) + std::size_t(pair) * L * channels_ * kTaps + (o - pair * L);
      const float* from = p.kernel.data() + std::size_t(o) * channels_ * kTaps;
      for (int k = 0; k < channels_ * kTaps; ++k) to[std::size_t(k) * width] = from[k];
    }
  }

  void forward_images(ImageRange images) {
    share_out_each(engine_, work(), images.last - images.first, [&](int n, int thread) {
      const int image = images.first + n;
      float* padded = copy_padded(image, scratch(thread));
      for (int block = 0; block < dst_.blocks(); block += 2) {
        if (block + 1 < dst_.blocks()) {
          convolve<2>(padded, image, block);
        } else {
          convolve<1>(padded, image, block);
        }
      }
    });
  }

  // Of the outputs, where there are more threads than halves of the images.
  int splits() const {
    const int wanted = (engine_.threads() + 1) / 2;
    return wanted < dst_.blocks() ? wanted : dst_.blocks();
  }

  static float* values(Buffer& b) { return static_cast<float*>(b.data()); }
  std::uint8_t* winners() {
    return winners_.bytes() == 0 ? nullptr : static_cast<std::uint8_t*>(winners_.data());
  }
  double work() const {
    return microseconds_of(2.0 * kTaps * src_.batch * channels_ * out_.height * out_.width *
                           dst_.channels);
  }

  // Zeros around the image, and to the right of it as far as whole groups of columns reach.
  float* copy_padded(int image, void* memory) {
    float* to = static_cast<float*>(memory);
    std::memset(to, 0, channels_ * plane_ * sizeof(float));
    const Shape& s = src_.shape;
    for (int c = 0; c < channels_; ++c) {
      const float* from =
          values(src_.data) + (std::size_t(image) * channels_ + c) * s.height * s.width;
      for (int y = 0; y < s.height; ++y) {
        std::memcpy(to + c * plane_ + std::size_t(y + pad_.top) * row_ + pad_.left,
                    from + std::size_t(y) * s.width, std::size_t(s.width) * sizeof(float));
      }
    }
    return to;
  }

  // R rows and C columns of results of O blocks, from `at` in the padded image.
  template <int R, int C, int O>
  TAILOR_INLINE void sum_taps(const FirstConv& op, const float* at, const float* weights,
                              F<L> (&sums)[R][C][O]) {
    for (int c = 0; c < op.channels_; ++c, at += op.plane_) {
#pragma GCC unroll 3
      for (int ky = 0; ky < 3; ++ky) {
#pragma GCC unroll 3
        for (int kx = 0; kx < 3; ++kx, weights += O * L) {
          F<L> w[O];
#pragma GCC unroll 2
          for (int o = 0; o < O; ++o) w[o] = simd::load<L>(weights + o * L);
#pragma GCC unroll 2
          for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
            for (int x = 0; x < C; ++x) {
              const float pixel = at[std::size_t(r + ky) * op.row_ + x + kx];
#pragma GCC unroll 2
              for (int o = 0; o < O; ++o) sums[r][x][o] += pixel * w[o];
            }
          }
        }
      }
    }
  }

  template <int O>
  void convolve(const float* padded, int image, int block) {
    const float* weights = values(ahead_) + std::size_t(block) * L * channels_ * kTaps;
    F<L> start[O];
    for (int o = 0; o < O; ++o) {
      start[o] = fused_.bias ? simd::load<L>(bias() + (block + o) * L) : F<L>{};
    }
    const Shape& to = dst_.shape;
    const std::size_t plane = (std::size_t(image) * dst_.blocks() + block) * dst_.plane();
    constexpr int R = 2;
    constexpr int C = kColumns / 2;
    for (int y = 0; fused_.pools && y < to.height; ++y) {
      for (int x = 0; x < to.width; x += C / 2) {
        F<L> sums[R][C][O];
        begin<R, C, O>(start, sums);
        sum_taps<R, C, O>(*this, padded + std::size_t(2 * y) * row_ + 2 * x, weights, sums);
#pragma GCC unroll 2
        for (int w = 0; w < C / 2; ++w) {
          if (x + w >= to.width) break;
#pragma GCC unroll 2
          for (int o = 0; o < O; ++o) {
            const std::size_t at =
                (plane + o * dst_.plane() + std::size_t(y) * to.width + x + w) * L;
            store_pooled<L>(rectified<L>(sums[0][2 * w][o]), rectified<L>(sums[0][2 * w + 1][o]),
                            rectified<L>(sums[1][2 * w][o]), rectified<L>(sums[1][2 * w + 1][o]),
                            values(dst_.data) + at,
                            winners() == nullptr ? nullptr : winners() + at);
          }
        }
      }
    }
    for (int y = 0; !fused_.pools && y < to.height; ++y) {
      for (int x = 0; x < to.width; x += kColumns) {
        F<L> sums[1][kColumns][O];
        begin<1, kColumns, O>(start, sums);
        sum_taps<1, kColumns, O>(*this, padded + std::size_t(y) * row_ + x, weights, sums);
#pragma GCC unroll 8
        for (int c = 0; c < kColumns; ++c) {
          if (x + c >= to.width) break;
#pragma GCC unroll 2
          for (int o = 0; o < O; ++o) {
            const F<L> v = fused_.relu ? rectified<L>(sums[0][c][o]) : sums[0][c][o];
            simd::store<L>(values(dst_.data) +
                               (plane + o * dst_.plane() + std::size_t(y) * to.width + x + c) * L,
                           v);
          }
        }
      }
    }
  }

  template <int R, int C, int O>
  TAILOR_INLINE void begin(const F<L> (&start)[O], F<L> (&sums)[R][C][O]) {
#pragma GCC unroll 2
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
      for (int c = 0; c < C; ++c) {
#pragma GCC unroll 2
        for (int o = 0; o < O; ++o) sums[r][c][o] = start[o];
      }
    }
  }

  // One half's sums of a share of the output blocks, the images in order.
  void sum_half(int half, int split, void* memory) {
    const int first = part(dst_.blocks(), split, splits());
    const int last = part(dst_.blocks(), split + 1, splits());
    const std::size_t block_values = std::size_t(channels_) * kTaps * L;
    float* sums = values(sums_) + half * (sums_.bytes() / kHalves / sizeof(float));
    float* half_bias = bias_sums(std::size_t(half));
    std::memset(sums + first * block_values, 0,
                std::size_t(last - first) * block_values * sizeof(float));
    std::memset(half_bias + first * L, 0, std::size_t(last - first) * L * sizeof(float));
    const int end = part(src_.batch, half + 1, kHalves);
    for (int image = part(src_.batch, half, kHalves); image < end; ++image) {
      const float* padded = copy_padded(image, memory);
      for (int block = first; block < last; ++block) {
        for (int c = 0; c < channels_; ++c) {
          float* to = sums + block * block_values + std::size_t(c) * kTaps * L;
          add_image(padded + c * plane_, image, block, to,
                    c == 0 ? half_bias + block * L : nullptr);
        }
      }
    }
  }

  TAILOR_INLINE void add_pixel(const float* at, std::size_t row, F<L> diff, F<L> (&taps)[kTaps]) {
#pragma GCC unroll 9
    for (int k = 0; k < kTaps; ++k) taps[k] += at[std::size_t(k / 3) * row + k % 3] * diff;
  }

  void add_image(const float* padded, int image, int block, float* sums, float* bias) {
    F<L> taps[kTaps];
    for (int k = 0; k < kTaps; ++k) taps[k] = simd::load<L>(sums + k * L);
    F<L> total{};
    const Shape& s = dst_.shape;
    const std::size_t plane = (std::size_t(image) * dst_.blocks() + block) * dst_.plane() * L;
    const float* diff = values(dst_.diff) + plane;
    const std::uint8_t* won = winners() == nullptr ? nullptr : winners() + plane;
    for (int y = 0; y < s.height; ++y) {
      for (int x = 0; x < s.width; ++x, diff += L) {
        if (!fused_.pools) {
          const F<L> d = simd::load<L>(diff);
          total += d;
          add_pixel(padded + std::size_t(y) * row_ + x, row_, d, taps);
          continue;
        }
        F<L> window[4];
        spread_window<L>(diff, won, window);
        won += L;
        const float* at = padded + std::size_t(2 * y) * row_ + 2 * x;
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) {
          total += window[k];
          add_pixel(at + std::size_t(k / 2) * row_ + k % 2, row_, window[k], taps);
        }
      }
    }
    for (int k = 0; k < kTaps; ++k) simd::store<L>(sums + k * L, taps[k]);
    if (bias != nullptr) simd::store<L>(bias, simd::load<L>(bias) + total);
  }

  void finish(const GradientSpans& g) {
    const float* first = values(sums_);
    const float* second = first + sums_.bytes() / kHalves / sizeof(float);
    const int taps = channels_ * kTaps;
    for (int o = 0; o < dst_.shape.channels; ++o) {
      for (int k = 0; k < taps; ++k) {
        const std::size_t at = (std::size_t(o / L) * taps + k) * L + o % L;
        g.kernel[std::size_t(o) * taps + k] = first[at] + second[at];
      }
    }
    finish_bias(g);
  }

  Padding2D pad_;
  int channels_;
  Shape out_;          // before pooling
  std::size_t row_;    // values of a row of the padded image
  std::size_t plane_;  // of a channel of it
  Buffer sums_;
};

}  // namespace
}  // namespace f32

std::unique_ptr<Op> make_first_conv(const ConvConfig& config, const OpContext& c) {
  std::unique_ptr<Op> op;
  simd::dispatch(Precision::kF32, c.dst.lanes, [&](auto, auto width) {
    op = std::make_unique<f32::FirstConv<width.kLanes>>(config, c);
  });
  return op;
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
