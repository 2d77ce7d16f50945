#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/ops/imagewise_op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"
#include "tailor/ops/own/simd.hpp"

namespace tailor::internal::TAILOR_TARGET {

namespace {

// Keras's Dropout: in training a share `rate` becomes 0 and the rest is divided by 1 - rate.
class Dropout : public ImagewiseOp {
 public:
  Dropout(const DropoutConfig& config, const OpContext& c)
      : ImagewiseOp(c),
        config_(config),
        keep_(Buffer::unplaced(c.src.size())),
        draws_(
            Buffer::unplaced(std::size_t(c.engine.threads()) * words() * sizeof(std::uint32_t))) {}

  BufferUses uses() override {
    return {{&src_.data, &dst_.data, &keep_, &draws_}, {&src_.diff, &dst_.diff, &keep_}};
  }

 private:
  void forward_images(const StepContext& step, ImageRange images) override {
    const DropoutKey& key = step.dropout;
    const Rng rng(key.seed, Purpose::kDropout,
                  key.epoch * DropoutConfig::kMaxLayers + config_.stream);
    over_images(images, [&](auto type, auto width, int n, int thread) {
      std::uint16_t* draws = draws_of(thread);
      rng.fill(key.samples[std::size_t(n)], {reinterpret_cast<std::uint32_t*>(draws), words()});
      drop<width.kLanes>(values_of<decltype(type)>(src_.data, n), draws, keep_of(n),
                         values_of<decltype(type)>(dst_.data, n));
    });
  }

  void backward_images(ImageRange images) override {
    over_images(images, [&](auto type, auto width, int n, int) {
      scale<width.kLanes>(values_of<decltype(type)>(dst_.diff, n), keep_of(n),
                          values_of<decltype(type)>(src_.diff, n));
    });
  }

  std::size_t words() const { return (src_.image_size() + 1) / 2; }
  std::uint16_t* draws_of(int thread) {
    return static_cast<std::uint16_t*>(draws_.data()) + std::size_t(thread) * words() * 2;
  }
  std::uint8_t* keep_of(int image) {
    return static_cast<std::uint8_t*>(keep_.data()) + std::size_t(image) * src_.image_size();
  }
  template <typename T>
  T* values_of(Buffer& buffer, int image) {
    return simd::values<T>(buffer) + std::size_t(image) * src_.image_size();
  }

  // body(type, width, image, thread)
  template <typename Body>
  void over_images(ImageRange images, Body body) {
    simd::dispatch(src_.precision, src_.lanes, [&](auto type, auto width) {
      share_out_each(engine_, pass_microseconds(src_), images.last - images.first,
                     [&](int n, int thread) { body(type, width, images.first + n, thread); });
    });
  }

  float factor() const { return config_.rate < 1 ? float(1 / (1 - config_.rate)) : 0; }

  // A draw of 16 bits a value, a function of (seed, epoch, layer, sample, position): neither thread
  // nor batch order changes it.
  template <int L, typename T>
  void drop(const T* in, const std::uint16_t* draws, std::uint8_t* keep, T* out) {
    using I = typename simd::Lanes<L>::I;
    const int threshold = int(std::lround(config_.rate * 65536));
    const float by = factor();
    for (std::size_t i = 0; i < src_.image_size(); i += L) {
      typename simd::Lanes<L>::H draw;
      std::memcpy(&draw, draws + i, sizeof(draw));
      const I kept = __builtin_convertvector(draw, I) >= threshold;
      const auto bytes = __builtin_convertvector(kept, typename simd::Lanes<L>::B);
      std::memcpy(keep + i, &bytes, sizeof(bytes));
      simd::store<L>(out + i, kept ? simd::load<L>(in + i) * by : simd::F<L>{});
    }
  }

  template <int L, typename T>
  void scale(const T* in, const std::uint8_t* keep, T* out) {
    using I = typename simd::Lanes<L>::I;
    const float by = factor();
    for (std::size_t i = 0; i < src_.image_size(); i += L) {
      typename simd::Lanes<L>::B bytes;
      std::memcpy(&bytes, keep + i, sizeof(bytes));
      const I kept = __builtin_convertvector(bytes, I);
      simd::store<L>(out + i, kept != 0 ? simd::load<L>(in + i) * by : simd::F<L>{});
    }
  }

  DropoutConfig config_;
  Buffer keep_;   // a byte per value
  Buffer draws_;  // one image's words per thread
};

}  // namespace

std::unique_ptr<Op> make_dropout(const DropoutConfig& config, const OpContext& context) {
  return std::make_unique<Dropout>(config, context);
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
