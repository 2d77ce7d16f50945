#include "tailor/ops/own/direct_conv.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "tailor/core/error.hpp"
#include "tailor/ops/own/own_op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"
#include "tailor/ops/own/simd.hpp"

namespace tailor::internal::TAILOR_TARGET {
namespace {

using simd::F;

// Positions first..last-1 of a row of results at which a tap meets the source.
struct Reach {
  int first = 0;
  int last = 0;
};

Reach reach(int tap, int stride, int pad, int size, int results) {
  const int before = pad - tap;  // position x reads x * stride - before
  const int first = before > 0 ? (before + stride - 1) / stride : 0;
  const int end = size + before;
  const int last = end > 0 ? (end + stride - 1) / stride : 0;
  return {first, last < results ? last : results};
}

// The source's row and column under the window's first tap, at H pixels of the result.
template <int H>
struct Corners {
  int row[H], column[H];
};

// sums[r][o] += from[r][p * next] * panel[p][o], p = 0..count-1. A panel's rows are `row` values
// apart, its blocks `block`.
template <int L, int H, int B, typename T, typename P>
[[gnu::always_inline]] inline void multiply_add(const T* const (&from)[H], std::size_t next,
                                                const P* panel, std::size_t row, std::size_t block,
                                                int count, F<L> (&sums)[H][B]) {
  for (int p = 0; p < count; ++p, panel += row) {
    F<L> b[B];
#pragma GCC unroll 2
    for (int o = 0; o < B; ++o) b[o] = simd::load<L>(panel + o * block);
#pragma GCC unroll 8
    for (int r = 0; r < H; ++r) {
      const float value = simd::to_float(from[r][p * next]);
#pragma GCC unroll 2
      for (int o = 0; o < B; ++o) sums[r][o] += value * b[o];
    }
  }
}

template <typename T, int L>
class DirectConv : public OwnOp {
 public:
  DirectConv(const ConvConfig& config, const OpContext& c)
      : OwnOp(c.src.precision == Precision::kF32 ? "direct f32" : "direct bf16",
              {config.bias, config.relu}, c),
        config_(config),
        taps_(config.kernel_h * config.kernel_w) {
    hold_kernel(std::size_t(taps_) * src_.channels * dst_.channels * sizeof(float));
    if (training_) sum_bias_in(1);
    if (src_.has_diff()) need_scratch(plane_values() * sizeof(float));
  }

  void forward(const StepContext&) override { forward_images({0, src_.batch}); }
  void backward_data() override { backward_images({0, src_.batch}); }

  Stages stages(OpPhase phase) const override {
    switch (phase) {
      case OpPhase::kLoad:
        return in_parts(dst_.blocks(), double(dst_.channels) * taps_ * src_.channels / 500);
      case OpPhase::kForward:
      case OpPhase::kBackwardData:
        return in_pieces(work());
      case OpPhase::kBackwardWeights:
        return {fused_.bias ? 3 : 1,
                {{Stage::Of::kParts, windows() * groups(), work()},
                 {Stage::Of::kParts, dst_.blocks(), pass_microseconds(dst_)},
                 {Stage::Of::kParts, 1, 1}}};
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
        return forward_images(images_of_pieces(src_.batch, first, last));
      case OpPhase::kBackwardData:
        return backward_images(images_of_pieces(src_.batch, first, last));
      case OpPhase::kBackwardWeights:
        if (stage == 2) return finish_bias(step.gradients);
        for (int i = first; i < last; ++i) {
          if (stage == 0) {
            sum_share(i, step.gradients.kernel.data());
          } else {
            sum_bias(i);
          }
        }
        return;
      default:
        return OwnOp::run_stage(phase, stage, step, first, last, thread);
    }
  }

 private:
  void load_blocks(const ParamSpans& p, int first, int last) {
    if (first == 0) load_bias(p);
    const std::size_t window = std::size_t(src_.shape.channels) * taps_;
    const int end = smaller(last * L, dst_.shape.channels);
    for (int o = first * L; o < end; ++o) pack(o, p.kernel.data() + o * window);
  }

  void forward_images(ImageRange images) {
    share_out_each(engine_, work(), (images.last - images.first) * groups(), [&](int share, int) {
      const int image = images.first + share / groups();
      const int block = share % groups() * kBlocks;
      if (block + kBlocks <= dst_.blocks()) {
        convolve<kBlocks>(image, block);
      } else {
        convolve<1>(image, block);
      }
    });
  }

  void backward_images(ImageRange images) {
    const int count = images.last - images.first;
    share_out_each(engine_, work(), count * src_.blocks(), [&](int share, int thread) {
      spread(images.first + share / src_.blocks(), share % src_.blocks(), thread);
    });
  }

  int windows() const { return src_.blocks() * taps_; }
  void sum_share(int share, float* kernel) {
    const int block = share / windows() * kBlocks;
    if (block + kBlocks <= dst_.blocks()) {
      sum_tap<kBlocks>(share % windows(), block, kernel);
    } else {
      sum_tap<1>(share % windows(), block, kernel);
    }
  }

  // Pixels or inputs at a time, and blocks of outputs: 16 sums of 32 registers, 8 of 16. The
  // baseline splits vectors; with two of them GCC kept no sum in a register, a tenth of the speed.
#if defined(TAILOR_TARGET_BASELINE)
  static constexpr int kBlocks = 1;
#else
  static constexpr int kBlocks = 2;
#endif
  template <int B>
  static constexpr int kRows = L == 16 || B == 1 ? 8 : 4;

  static float* floats(Buffer& b) {
    return static_cast<float*>(b.data());
  }
  static const T* values(const Buffer& b) {
    return simd::values<T>(b);
  }
  static int smaller(int a, int b) {
    return a < b ? a : b;
  }

  // Of blocks of outputs; the last of an odd number stands alone.
  int groups() const {
    return (dst_.blocks() + kBlocks - 1) / kBlocks;
  }
  std::size_t plane_values() const {
    return src_.plane() * L;
  }
  int inputs_of(int block) const {
    return smaller(L, src_.shape.channels - block * L);
  }
  int outputs_of(int block) const {
    return smaller(L, dst_.shape.channels - block * L);
  }
  const T* block_of(const Buffer& b, const Tensor& t, int image, int block) const {
    return values(b) + (std::size_t(image) * t.blocks() + block) * t.plane() * L;
  }

  double work() const {
    return microseconds_of(2.0 * taps_ * src_.shape.channels * double(dst_.size()));
  }

  std::size_t back_offset(int in_block, int tap) const {
    return (std::size_t(in_block) * taps_ + tap) * dst_.channels * L;
  }

  // One output's weights, [in][tap].
  void pack(int o, const float* from) {
    const int block = o / L / kBlocks * kBlocks;
    const int width = block + kBlocks <= dst_.blocks() ? kBlocks * L : L;
    float* ahead =
        floats(ahead_) + std::size_t(block) * L * src_.channels * taps_ + (o - block * L);
    float* back = back_.bytes() == 0 ? nullptr : floats(back_) + std::size_t(o) * L;
    for (int c = 0; c < src_.shape.channels; ++c) {
      for (int k = 0; k < taps_; ++k, ++from) {
        ahead[((std::size_t(c / L) * taps_ + k) * L + c % L) * width] = *from;
        if (back != nullptr) back[back_offset(c / L, k) + c % L] = *from;
      }
    }
  }

  // From a pixel of the result on; the last one stands in for those behind it.
  template <int H>
  Corners<H> corners(int pixel) const {
    Corners<H> c;
    for (int r = 0; r < H; ++r) {
      const int at = smaller(pixel + r, int(dst_.plane()) - 1);
      c.row[r] = at / dst_.shape.width * config_.stride_h - config_.pad.top;
      c.column[r] = at % dst_.shape.width * config_.stride_w - config_.pad.left;
    }
    return c;
  }
  // Where a tap meets the source's plane: pixel of it, or -1 in the zeros around it.
  int under(int tap, int row, int column) const {
    const int y = row + tap / config_.kernel_w;
    const int x = column + tap % config_.kernel_w;
    const bool inside = y >= 0 && y < src_.shape.height && x >= 0 && x < src_.shape.width;
    return inside ? y * src_.shape.width + x : -1;
  }

  template <int B>
  void convolve(int image, int block) {
    constexpr int H = kRows<B>;
    alignas(64) static constexpr T kZeros[L] = {};
    const T* from = block_of(src_.data, src_, image, 0);
    T* to = const_cast<T*>(block_of(dst_.data, dst_, image, block));
    const float* weights = floats(ahead_) + std::size_t(block) * L * src_.channels * taps_;
    F<L> start[B];
    for (int o = 0; o < B; ++o) {
      start[o] = fused_.bias ? simd::load<L>(bias() + (block + o) * L) : F<L>{};
    }
    const int pixels = int(dst_.plane());
    for (int pixel = 0; pixel < pixels; pixel += H) {
      const Corners<H> corner = corners<H>(pixel);
      F<L> sums[H][B];
#pragma GCC unroll 8
      for (int r = 0; r < H; ++r) {
#pragma GCC unroll 2
        for (int o = 0; o < B; ++o) sums[r][o] = start[o];
      }
      for (int k = 0; k < taps_; ++k) {
        const T* at[H];
        std::size_t next[H];
        for (int r = 0; r < H; ++r) {
          const int source = under(k, corner.row[r], corner.column[r]);
          at[r] = source < 0 ? kZeros : from + std::size_t(source) * L;
          next[r] = source < 0 ? 0 : plane_values();
        }
        const float* panel = weights + std::size_t(k) * L * B * L;
        for (int b = 0; b < src_.blocks(); ++b, panel += std::size_t(taps_) * L * B * L) {
          multiply_add<L>(at, 1, panel, B * L, L, inputs_of(b), sums);
          for (int r = 0; r < H; ++r) at[r] += next[r];
        }
      }
#pragma GCC unroll 8
      for (int r = 0; r < H; ++r) {
        if (pixel + r >= pixels) break;
#pragma GCC unroll 2
        for (int o = 0; o < B; ++o) {
          const F<L> v = sums[r][o];
          simd::store<L>(to + (o * dst_.plane() + pixel + r) * L,
                         fused_.relu ? (v <= 0 ? F<L>{} : v) : v);
        }
      }
    }
  }

  // A block of one image's source gradient.
  void spread(int image, int block, int thread) {
    constexpr int H = kRows<1>;
    auto* plane = static_cast<float*>(scratch(thread));
    std::memset(plane, 0, plane_values() * sizeof(float));
    const T* from = block_of(dst_.diff, dst_, image, 0);
    const int pixels = int(dst_.plane());
    for (int pixel = 0; pixel < pixels; pixel += H) {
      const Corners<H> corner = corners<H>(pixel);
      for (int k = 0; k < taps_; ++k) {
        F<L> sums[H][1] = {};
        const T* at[H];
        for (int r = 0; r < H; ++r) at[r] = from + std::size_t(smaller(pixel + r, pixels - 1)) * L;
        const float* panel = floats(back_) + back_offset(block, k);
        for (int b = 0; b < dst_.blocks(); ++b, panel += L * L) {
          multiply_add<L>(at, 1, panel, L, 0, outputs_of(b), sums);
          for (int r = 0; r < H; ++r) at[r] += dst_.plane() * L;
        }
#pragma GCC unroll 8
        for (int r = 0; r < H; ++r) {
          const int source = under(k, corner.row[r], corner.column[r]);
          if (source < 0 || pixel + r >= pixels) continue;
          float* to = plane + std::size_t(source) * L;
          simd::store<L>(to, simd::load<L>(to) + sums[r][0]);
        }
      }
    }
    T* to = const_cast<T*>(block_of(src_.diff, src_, image, block));
    for (std::size_t i = 0; i < plane_values(); i += L) {
      simd::store<L>(to + i, simd::load<L>(plane + i));
    }
  }

  // The kernel's gradient for one tap of one block of inputs and B of outputs, all images in order.
  template <int B>
  void sum_tap(int window, int block, float* kernel) {
    const int in_block = window / taps_;
    const int inputs = inputs_of(in_block);
    int c = 0;
    for (; c + 4 < inputs; c += kRows<B>) sum_inputs<kRows<B>, B>(window, c, block, kernel);
    for (; c < inputs; c += 4) sum_inputs<4, B>(window, c, block, kernel);
  }

  // Of H inputs from channel c of the block on; those behind its last are zeros.
  template <int H, int B>
  void sum_inputs(int window, int c, int block, float* kernel) {
    const int in_block = window / taps_;
    const int tap = window % taps_;
    const int ky = tap / config_.kernel_w;
    const int kx = tap % config_.kernel_w;
    const Reach down =
        reach(ky, config_.stride_h, config_.pad.top, src_.shape.height, dst_.shape.height);
    const Reach across =
        reach(kx, config_.stride_w, config_.pad.left, src_.shape.width, dst_.shape.width);
    F<L> total[H][B] = {};
    for (int image = 0; image < src_.batch; ++image) {
      const T* from = block_of(src_.data, src_, image, in_block) + c;
      const T* diff = block_of(dst_.diff, dst_, image, block);
      F<L> sums[H][B] = {};
      for (int y = down.first; y < down.last; ++y) {
        const int row = y * config_.stride_h - config_.pad.top + ky;
        const int column = across.first * config_.stride_w - config_.pad.left + kx;
        const T* at[H];
        for (int r = 0; r < H; ++r) {
          at[r] = from + (std::size_t(row) * src_.shape.width + column) * L + r;
        }
        const T* panel = diff + (std::size_t(y) * dst_.shape.width + across.first) * L;
        multiply_add<L>(at, std::size_t(config_.stride_w) * L, panel, L, dst_.plane() * L,
                        across.last - across.first, sums);
      }
#pragma GCC unroll 8
      for (int r = 0; r < H; ++r) {
#pragma GCC unroll 2
        for (int o = 0; o < B; ++o) total[r][o] += sums[r][o];
      }
    }
    const int inputs = smaller(H, inputs_of(in_block) - c);
    for (int r = 0; r < inputs; ++r) {
      for (int o = 0; o < B; ++o) {
        for (int lane = 0; lane < outputs_of(block + o); ++lane) {
          const std::size_t out = std::size_t(block + o) * L + lane;
          const std::size_t in = std::size_t(in_block) * L + c + r;
          kernel[(out * src_.shape.channels + in) * taps_ + tap] = total[r][o][lane];
        }
      }
    }
  }

  void sum_bias(int block) {
    F<L> total{};
    for (int image = 0; image < src_.batch; ++image) {
      const T* diff = block_of(dst_.diff, dst_, image, block);
      F<L> sum{};
      for (std::size_t i = 0; i < dst_.plane() * L; i += L) sum += simd::load<L>(diff + i);
      total += sum;
    }
    simd::store<L>(bias_sums(0) + block * L, total);
  }

  ConvConfig config_;
  int taps_;
};

}  // namespace

std::unique_ptr<Op> make_direct_conv(const ConvConfig& config, const OpContext& c) {
  std::unique_ptr<Op> op;
  simd::dispatch(c.src.precision, c.src.lanes, [&](auto type, auto width) {
    op = std::make_unique<DirectConv<decltype(type), width.kLanes>>(config, c);
  });
  return op;
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
