#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tailor/core/error.hpp"
#include "tailor/ops/imagewise_op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"
#include "tailor/ops/own/simd.hpp"

namespace tailor::internal::TAILOR_TARGET {

namespace {

// The part of a window that lies inside the image.
struct Window {
  int y0, y1, x0, x1;
  int count() const { return (y1 - y0) * (x1 - x0); }
};

constexpr int kLargestWindow = 65536;  // a winner's position is kept in 16 bits

class Pool : public ImagewiseOp {
 public:
  Pool(const PoolConfig& config, const OpContext& c)
      : ImagewiseOp(c),
        config_(config),
        masks_(c.mask_for_producer),
        tiles_(config.stride_h == config.window_h && config.stride_w == config.window_w &&
               config.pad == Padding2D{} && c.src.shape.height % config.window_h == 0 &&
               c.src.shape.width % config.window_w == 0) {
    if (c.training && config.max &&
        std::int64_t(config.window_h) * config.window_w > kLargestWindow) {
      throw bad_input(fmt::format("a max pooling window of {}x{} has more than {} values",
                                  config.window_h, config.window_w, kLargestWindow));
    }
    if (c.training && config.max) {
      winners_ = Buffer::unplaced(dst_.size() * sizeof(std::uint16_t));
    }
    if (c.training && !is_2x2_max()) {
      sums_ = Buffer::unplaced(std::size_t(engine_.threads()) * src_.plane() * src_.lanes *
                               sizeof(float));
    }
  }

  BufferUses uses() override {
    BufferUses uses{{&src_.data, &dst_.data, &winners_},
                    {&src_.diff, &dst_.diff, &winners_, &sums_}};
    if (masks_) uses.backward.push_back(&dst_.data);
    return uses;
  }

 private:
  void forward_images(const StepContext&, ImageRange images) override {
    over_planes(images, [&](auto type, auto width, int, std::size_t plane) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      const T* in = simd::values<T>(src_.data) + plane * src_.plane() * L;
      T* out = simd::values<T>(dst_.data) + plane * dst_.plane() * L;
      if (is_2x2_max()) {
        max_2x2<L>(in, out, winners(plane * dst_.plane() * L));
      } else if (config_.max) {
        max_any<L>(in, out, winners(plane * dst_.plane() * L));
      } else {
        mean_any<L>(in, out);
      }
    });
  }

  void backward_images(ImageRange images) override {
    over_planes(images, [&](auto type, auto width, int thread, std::size_t plane) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      const std::size_t at_dst = plane * dst_.plane() * L;
      T* diff_src = simd::values<T>(src_.diff) + plane * src_.plane() * L;
      const T* diff_dst = simd::values<T>(dst_.diff) + at_dst;
      const T* value = simd::values<T>(dst_.data) + at_dst;
      if (is_2x2_max()) {
        spread_2x2<L>(diff_dst, value, winners(at_dst), diff_src);
      } else {
        spread_any<L>(diff_dst, value, winners(at_dst), sums_of(thread), diff_src);
      }
    });
  }

  // body(type, width, thread, plane) for every (image, channel block).
  template <typename Body>
  void over_planes(ImageRange images, Body body) {
    const int begin = images.first * src_.blocks();
    const int count = images.last * src_.blocks() - begin;
    simd::dispatch(src_.precision, src_.lanes, [&](auto type, auto width) {
      share_out_each(engine_, pass_microseconds(src_), count, [&](int plane, int thread) {
        body(type, width, thread, std::size_t(begin + plane));
      });
    });
  }

  std::uint16_t* winners(std::size_t offset) {
    return winners_.bytes() == 0 ? nullptr : simd::values<std::uint16_t>(winners_) + offset;
  }
  bool is_2x2_max() const {
    return tiles_ && config_.max && config_.window_h == 2 && config_.window_w == 2;
  }
  float* sums_of(int thread) {
    return simd::values<float>(sums_) + std::size_t(thread) * src_.plane() * src_.lanes;
  }

  Window window(int y, int x) const {
    const int top = y * config_.stride_h - config_.pad.top;
    const int left = x * config_.stride_w - config_.pad.left;
    return {std::max(top, 0), std::min(top + config_.window_h, src_.shape.height),
            std::max(left, 0), std::min(left + config_.window_w, src_.shape.width)};
  }

  // The case every net has; the generic loop below costs three times as much.
  template <int L, typename T>
  void max_2x2(const T* in, T* out, std::uint16_t* winner) {
    using I = typename simd::Lanes<L>::I;
    const int width = src_.shape.width;
    for (int y = 0; y < dst_.shape.height; ++y) {
      const T* row = in + std::size_t(2) * y * width * L;
      for (int x = 0; x < dst_.shape.width; ++x, row += 2 * L, out += L) {
        const auto a = simd::load<L>(row);
        const auto b = simd::load<L>(row + L);
        const auto c = simd::load<L>(row + width * L);
        const auto d = simd::load<L>(row + (width + 1) * L);
        const auto top = b > a ? b : a;
        const auto bottom = d > c ? d : c;
        simd::store<L>(out, simd::unless_nan(bottom > top ? bottom : top, b + c + d));
        if (winner == nullptr) continue;
        const I first = b > a ? I{} + 1 : I{};
        const I second = d > c ? I{} + 3 : I{} + 2;
        const I best = bottom > top ? second : first;
        const auto half = __builtin_convertvector(best, typename simd::Lanes<L>::H);
        std::memcpy(winner, &half, sizeof(half));
        winner += L;
      }
    }
  }

  template <int L, typename T>
  void spread_2x2(const T* diff_dst, const T* value, const std::uint16_t* winner, T* diff_src) {
    using Half = typename simd::Lanes<L>::H;
    using I = typename simd::Lanes<L>::I;
    const int width = src_.shape.width;
    const simd::F<L> zero{};
    for (int y = 0; y < dst_.shape.height; ++y) {
      T* row = diff_src + std::size_t(2) * y * width * L;
      for (int x = 0; x < dst_.shape.width; ++x, row += 2 * L) {
        auto d = simd::load<L>(diff_dst);
        if (masks_) d = simd::load<L>(value) > 0 ? d : zero;
        Half half;
        std::memcpy(&half, winner, sizeof(half));
        const I best = __builtin_convertvector(half, I);
        simd::store<L>(row, best == 0 ? d : zero);
        simd::store<L>(row + L, best == 1 ? d : zero);
        simd::store<L>(row + width * L, best == 2 ? d : zero);
        simd::store<L>(row + (width + 1) * L, best == 3 ? d : zero);
        diff_dst += L;
        value += L;
        winner += L;
      }
    }
  }

  template <int L, typename T>
  void max_any(const T* in, T* out, std::uint16_t* winner) {
    using I = typename simd::Lanes<L>::I;
    for (int y = 0; y < dst_.shape.height; ++y) {
      for (int x = 0; x < dst_.shape.width; ++x, out += L) {
        const Window w = window(y, x);
        simd::F<L> best = simd::F<L>{} - std::numeric_limits<float>::infinity();
        simd::F<L> sum{};
        I index{};
        int k = 0;
        for (int i = w.y0; i < w.y1; ++i) {
          for (int j = w.x0; j < w.x1; ++j, ++k) {
            const auto v = simd::load<L>(in + (std::size_t(i) * src_.shape.width + j) * L);
            index = v > best ? I{} + k : index;
            best = v > best ? v : best;
            sum += v;
          }
        }
        simd::store<L>(out, simd::unless_nan(best, sum));
        if (winner == nullptr) continue;
        const auto half = __builtin_convertvector(index, typename simd::Lanes<L>::H);
        std::memcpy(winner, &half, sizeof(half));
        winner += L;
      }
    }
  }

  template <int L, typename T>
  void mean_any(const T* in, T* out) {
    for (int y = 0; y < dst_.shape.height; ++y) {
      for (int x = 0; x < dst_.shape.width; ++x, out += L) {
        const Window w = window(y, x);
        simd::F<L> sum{};
        for (int i = w.y0; i < w.y1; ++i) {
          for (int j = w.x0; j < w.x1; ++j) {
            sum += simd::load<L>(in + (std::size_t(i) * src_.shape.width + j) * L);
          }
        }
        simd::store<L>(out, sum / float(w.count()));
      }
    }
  }

  // Windows may overlap, so gradients meet in f32 sums and are rounded once.
  template <int L, typename T>
  void spread_any(const T* diff_dst, const T* value, const std::uint16_t* winner, float* sums,
                  T* diff_src) {
    using I = typename simd::Lanes<L>::I;
    std::fill_n(sums, src_.plane() * L, 0.f);
    for (int y = 0; y < dst_.shape.height; ++y) {
      for (int x = 0; x < dst_.shape.width; ++x, diff_dst += L, value += L) {
        const Window w = window(y, x);
        auto d = simd::load<L>(diff_dst);
        if (masks_) d = simd::load<L>(value) > 0 ? d : simd::F<L>{};
        I best{};
        if (config_.max) {
          typename simd::Lanes<L>::H half;
          std::memcpy(&half, winner, sizeof(half));
          best = __builtin_convertvector(half, I);
          winner += L;
        } else {
          d /= float(w.count());
        }
        int k = 0;
        for (int i = w.y0; i < w.y1; ++i) {
          for (int j = w.x0; j < w.x1; ++j, ++k) {
            float* sum = sums + (std::size_t(i) * src_.shape.width + j) * L;
            const auto part = config_.max ? (best == k ? d : simd::F<L>{}) : d;
            simd::store<L>(sum, simd::load<L>(sum) + part);
          }
        }
      }
    }
    for (std::size_t i = 0; i < src_.plane() * L; i += L) {
      simd::store<L>(diff_src + i, simd::load<L>(sums + i));
    }
  }

  PoolConfig config_;
  bool masks_;
  bool tiles_;      // windows cover the image exactly once
  Buffer winners_;  // max: position of the winner within the part of its window inside the image
  Buffer sums_;     // one f32 plane per thread
};

}  // namespace

std::unique_ptr<Op> make_pool(const PoolConfig& config, const OpContext& context) {
  return std::make_unique<Pool>(config, context);
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
