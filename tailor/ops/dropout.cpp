#include <cmath>

#include "tailor/core/rng.hpp"
#include "tailor/ops/kernels.hpp"
#include "tailor/ops/simd.hpp"

namespace tailor {

namespace {

constexpr int kDraws = 8;  // 16-bit draws in one Philox block

// keep[i] = whether value i of this sample survives. A draw is a function of (seed, epoch, layer,
// sample, position), so neither thread nor batch order changes it. 16 bits hold a rate to 1/65536.
void draw_mask(const Rng& rng, std::uint32_t sample, std::uint32_t threshold, std::size_t count,
               std::uint8_t* keep) {
  for (std::size_t i = 0; i < count; i += kDraws) {
    const auto words = rng.words(sample, std::uint32_t(i / kDraws));
    const std::size_t n = std::min<std::size_t>(kDraws, count - i);
    for (std::size_t k = 0; k < n; ++k) {
      keep[i + k] = ((words[k / 2] >> (k % 2 * 16)) & 0xffff) >= threshold;
    }
  }
}

// Keras's Dropout: in training a share `rate` becomes 0 and the rest is divided by 1 - rate.
class Dropout : public Op {
 public:
  Dropout(const DropoutConfig& config, const OpContext& c)
      : config_(config), engine_(c.engine), src_(c.src), dst_(c.dst), keep_(c.src.size()) {}

  void forward(const ParamSpans&, const DropoutKey& key) override {
    const auto threshold = std::uint32_t(std::lround(config_.rate * 65536));
    const Rng rng(key.seed, Purpose::kDropout, key.epoch * 64 + config_.stream);
    const std::size_t count = src_.image_size();
    const int threads = engine_.threads();
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int n = 0; n < src_.batch; ++n) {
      draw_mask(rng, key.samples[std::size_t(n)], threshold, count,
                static_cast<std::uint8_t*>(keep_.data()) + std::size_t(n) * count);
    }
    apply(src_.data, dst_.data);
  }

  void backward_data() override {
    apply(dst_.diff, src_.diff);
  }
  std::size_t memory_bytes() const override {
    return keep_.bytes();
  }

 private:
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
  Buffer keep_;
};

}  // namespace

std::unique_ptr<Op> make_dropout(const DropoutConfig& config, const OpContext& context) {
  return std::make_unique<Dropout>(config, context);
}

}  // namespace tailor
