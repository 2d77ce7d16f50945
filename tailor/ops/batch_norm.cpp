#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/ops/op.hpp"
#include "tailor/ops/values.hpp"

#include "tailor/core/target_begin.hpp"
#include "tailor/ops/simd.hpp"

namespace tailor::TAILOR_TARGET {

namespace {

// Images are summed in this many fixed groups, whatever the thread count, so sums round the same
// for any.
constexpr int kGroups = 16;

// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, by channel over batch, rows and columns
// (Ioffe & Szegedy 2015), with an optional ReLU. Statistics are f64 sums of f32 rows.
class BatchNorm : public Op {
 public:
  BatchNorm(const BatchNormConfig& config, const OpContext& c)
      : config_(config), engine_(c.engine), src_(c.src), dst_(c.dst), training_(c.training) {
    const auto channels = std::size_t(src_.channels);
    for (Buffer* b : {&gamma_, &beta_, &mean_, &inverse_, &scale_, &shift_, &sum_, &dot_}) {
      *b = Buffer(channels * sizeof(float));
    }
    partial_ = Buffer(2 * kGroups * channels * sizeof(double));
    totals_.resize(2 * channels + 1);
  }

  bool has_weights() const override { return true; }

  void load(const ParamSpans& p) override {
    std::memcpy(gamma_.data(), p.kernel.data(), p.kernel.size_bytes());
    std::memcpy(beta_.data(), p.bias.data(), p.bias.size_bytes());
  }

  void forward(const ParamSpans& p, const DropoutKey&) override {
    const auto logical = std::size_t(src_.shape.channels);
    if (training_) {
      batch_statistics(p);
    } else {
      for (std::size_t c = 0; c < logical; ++c) set_channel(c, p.mean[c], p.variance[c]);
    }
    normalize();
  }

  void prepare_backward() override {
    simd::dispatch(src_.precision, src_.lanes, [&](auto type, auto width) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      reduce<T, L>(
          [&](std::size_t i, std::size_t c) {
            const auto dy = masked_diff<T, L>(i);
            const auto x = simd::load<L>(simd::values<T>(src_.data) + i);
            return std::array<simd::F<L>, 2>{
                dy, dy * (x - simd::load<L>(at(mean_, c))) * simd::load<L>(at(inverse_, c))};
          },
          [&](std::size_t c, double sum, double dot) {
            *at(sum_, c) = float(sum);
            *at(dot_, c) = float(dot);
          });
    });
  }

  // prepare_backward() has summed over all peers already: one of them hands it in.
  void backward_weights(const GradientSpans& g) override {
    if (engine_.peers().rank() > 0) {
      std::ranges::fill(g.kernel, 0.f);
      std::ranges::fill(g.bias, 0.f);
      return;
    }
    std::memcpy(g.kernel.data(), dot_.data(), g.kernel.size_bytes());
    std::memcpy(g.bias.data(), sum_.data(), g.bias.size_bytes());
  }

  // dx = gamma / sigma * (dy - mean(dy) - xhat * mean(dy * xhat))
  void backward_data() override {
    const float share = 1 / float(count());
    simd::dispatch(src_.precision, src_.lanes, [&](auto type, auto width) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      over_rows<L>([&](std::size_t first, std::size_t c) {
        const auto factor = simd::load<L>(at(scale_, c));
        const auto mean = simd::load<L>(at(mean_, c));
        const auto inverse = simd::load<L>(at(inverse_, c));
        const auto sum = simd::load<L>(at(sum_, c)) * share;
        const auto dot = simd::load<L>(at(dot_, c)) * share;
        for (std::size_t i = first; i < first + src_.plane() * L; i += L) {
          const auto xhat = (simd::load<L>(simd::values<T>(src_.data) + i) - mean) * inverse;
          simd::store<L>(simd::values<T>(src_.diff) + i,
                         factor * (masked_diff<T, L>(i) - sum - xhat * dot));
        }
      });
    });
  }

  std::size_t memory_bytes() const override { return partial_.bytes() + 8 * gamma_.bytes(); }

 private:
  static float* at(Buffer& b, std::size_t channel) { return simd::values<float>(b) + channel; }

  template <typename T, int L>
  simd::F<L> masked_diff(std::size_t i) {
    const auto dy = simd::load<L>(simd::values<T>(dst_.diff) + i);
    if (!config_.relu) return dy;
    return simd::load<L>(simd::values<T>(dst_.data) + i) > 0 ? dy : simd::F<L>{};
  }

  void set_channel(std::size_t c, double mean, double variance) {
    const double inverse = 1 / std::sqrt(variance + config_.epsilon);
    *at(mean_, c) = float(mean);
    *at(inverse_, c) = float(inverse);
    *at(scale_, c) = float(*at(gamma_, c) * inverse);
    *at(shift_, c) = float(*at(beta_, c) - *at(gamma_, c) * inverse * mean);
  }

  void batch_statistics(const ParamSpans& p) {
    simd::dispatch(src_.precision, src_.lanes, [&](auto type, auto width) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      reduce<T, L>(
          [&](std::size_t i, std::size_t) {
            const auto x = simd::load<L>(simd::values<T>(src_.data) + i);
            return std::array<simd::F<L>, 2>{x, x * x};
          },
          [&](std::size_t c, double sum, double squares) {
            if (c >= std::size_t(src_.shape.channels)) return;
            const double mean = sum / count();
            const double variance = std::max(0.0, squares / count() - mean * mean);
            set_channel(c, mean, variance);
            p.mean[c] = float(config_.momentum * p.mean[c] + (1 - config_.momentum) * mean);
            p.variance[c] =
                float(config_.momentum * p.variance[c] + (1 - config_.momentum) * variance);
          });
    });
  }

  void normalize() {
    simd::dispatch(src_.precision, src_.lanes, [&](auto type, auto width) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      over_rows<L>([&](std::size_t first, std::size_t c) {
        const auto factor = simd::load<L>(at(scale_, c));
        const auto shift = simd::load<L>(at(shift_, c));
        for (std::size_t i = first; i < first + src_.plane() * L; i += L) {
          auto y = simd::load<L>(simd::values<T>(src_.data) + i) * factor + shift;
          if (config_.relu) y = y > 0 ? y : simd::F<L>{};
          simd::store<L>(simd::values<T>(dst_.data) + i, y);
        }
      });
    });
  }

  // body(offset of the plane's first value, its first channel) for every (image, channel block).
  template <int L, typename Body>
  void over_rows(Body body) {
    const int planes = src_.batch * src_.blocks();
    const int threads = engine_.threads();
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int p = 0; p < planes; ++p) {
      body(std::size_t(p) * src_.plane() * L, std::size_t(p % src_.blocks()) * L);
    }
  }

  // Two sums per channel of what `term` gives for every value, then finish(channel, sum, sum).
  template <typename T, int L, typename Term, typename Finish>
  void reduce(Term term, Finish finish) {
    const int items = kGroups * src_.blocks();
    const int threads = engine_.threads();
    auto* partial = static_cast<double*>(partial_.data());
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int item = 0; item < items; ++item) {
      sum_group<L>(item / src_.blocks(), item % src_.blocks(), partial + std::size_t(item) * 2 * L,
                   term);
    }
    for (int c = 0; c < src_.channels; ++c) {
      double total[2] = {0, 0};
      for (int g = 0; g < kGroups; ++g) {
        const double* p = partial + std::size_t(g * src_.blocks() + c / L) * 2 * L;
        total[0] += p[c % L];
        total[1] += p[L + c % L];
      }
      totals_[std::size_t(2 * c)] = total[0];
      totals_[std::size_t(2 * c + 1)] = total[1];
    }
    totals_.back() = double(src_.batch) * double(src_.plane());
    engine_.peers().sum(totals_);
    for (std::size_t c = 0; c < std::size_t(src_.channels); ++c) {
      finish(c, totals_[2 * c], totals_[2 * c + 1]);
    }
  }

  // Values per channel in the batch, with the peers' shares of it.
  double count() const { return totals_.back(); }

  template <int L, typename Term>
  void sum_group(int group, int block, double* out, Term term) {
    std::fill_n(out, 2 * L, 0.0);
    const std::size_t width = std::size_t(src_.shape.width) * L;
    const int last = src_.batch * (group + 1) / kGroups;
    for (int n = src_.batch * group / kGroups; n < last; ++n) {
      const std::size_t first = std::size_t(n * src_.blocks() + block) * src_.plane() * L;
      for (int y = 0; y < src_.shape.height; ++y) {
        simd::F<L> a{};
        simd::F<L> b{};
        for (std::size_t i = first + std::size_t(y) * width; i < first + std::size_t(y + 1) * width;
             i += L) {
          const auto t = term(i, std::size_t(block) * L);
          a += t[0];
          b += t[1];
        }
        for (int l = 0; l < L; ++l) {
          out[l] += double(a[l]);
          out[L + l] += double(b[l]);
        }
      }
    }
  }

  BatchNormConfig config_;
  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
  bool training_;
  Buffer gamma_, beta_;
  Buffer mean_, inverse_;  // of the batch, or running; 1 / sqrt(variance + epsilon)
  Buffer scale_, shift_;   // y = x * scale + shift
  Buffer sum_, dot_;       // sum of dy; of dy * xhat
  Buffer partial_;         // f64: [group][block][two sums][lane]
  std::vector<double> totals_;  // of all peers: by channel two sums, and the count of values
};

}  // namespace

std::unique_ptr<Op> make_batch_norm(const BatchNormConfig& config, const OpContext& context) {
  return std::make_unique<BatchNorm>(config, context);
}

}  // namespace tailor::TAILOR_TARGET

#include "tailor/core/target_end.hpp"
