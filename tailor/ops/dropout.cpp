#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/core/rng.hpp"
#include "tailor/ops/op.hpp"
#include "tailor/ops/values.hpp"

#include "tailor/core/target_begin.hpp"
#include "tailor/ops/simd.hpp"

namespace tailor::TAILOR_TARGET {

namespace {

// Keras's Dropout: in training a share `rate` becomes 0 and the rest is divided by 1 - rate.
class Dropout : public Op {
 public:
  Dropout(const DropoutConfig& config, const OpContext& c)
      : config_(config),
        engine_(c.engine),
        src_(c.src),
        dst_(c.dst),
        keep_(c.src.size()),
        draws_(std::size_t(c.engine.threads()) * words() * sizeof(std::uint32_t)) {}

  void forward(const ParamSpans&, const DropoutKey& key) override {
    const Rng rng(key.seed, Purpose::kDropout,
                  key.epoch * DropoutConfig::kMaxLayers + config_.stream);
    const int threads = engine_.threads();
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int t = 0; t < threads; ++t) {
      for (int n = src_.batch * t / threads; n < src_.batch * (t + 1) / threads; ++n) {
        draw_mask(rng, key.samples[std::size_t(n)], n, t);
      }
    }
    apply(src_.data, dst_.data);
  }

  void backward_data() override {
    apply(dst_.diff, src_.diff);
  }
  std::size_t memory_bytes() const override {
    return keep_.bytes() + draws_.bytes();
  }

 private:
  std::size_t words() const {
    return (src_.image_size() + 1) / 2;
  }

  // A draw of 16 bits a value, a function of (seed, epoch, layer, sample, position): neither thread
  // nor batch order changes it.
  void draw_mask(const Rng& rng, std::uint32_t sample, int image, int thread) {
    const auto threshold = std::uint32_t(std::lround(config_.rate * 65536));
    auto* draws = static_cast<std::uint32_t*>(draws_.data()) + std::size_t(thread) * words();
    auto* keep = static_cast<std::uint8_t*>(keep_.data()) + std::size_t(image) * src_.image_size();
    rng.fill(sample, {draws, words()});
    for (std::size_t i = 0; i < src_.image_size(); ++i) {
      keep[i] = (draws[i / 2] >> (i % 2 * 16) & 0xffff) >= threshold;
    }
  }

  void apply(const Buffer& from, Buffer& to) {
    if (src_.precision == Precision::kF32) {
      scale<float>(from, to);
    } else {
      scale<simd::Bf16>(from, to);
    }
  }

  template <typename T>
  void scale(const Buffer& from, Buffer& to) {
    const T* in = simd::values<T>(from);
    T* out = simd::values<T>(to);
    const auto* keep = static_cast<const std::uint8_t*>(keep_.data());
    const float factor = config_.rate < 1 ? float(1 / (1 - config_.rate)) : 0;
    const auto size = std::ptrdiff_t(src_.size());
    const int threads = engine_.threads();
#pragma omp parallel for simd num_threads(threads) schedule(static) if (threads > 1)
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      simd::from_float(keep[i] ? simd::to_float(in[i]) * factor : 0.f, out[i]);
    }
  }

  DropoutConfig config_;
  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
  Buffer keep_;   // a byte per value
  Buffer draws_;  // one image's words per thread
};

}  // namespace

std::unique_ptr<Op> make_dropout(const DropoutConfig& config, const OpContext& context) {
  return std::make_unique<Dropout>(config, context);
}

}  // namespace tailor::TAILOR_TARGET

#include "tailor/core/target_end.hpp"
