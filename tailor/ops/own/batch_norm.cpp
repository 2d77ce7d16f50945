#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/ops/op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"
#include "tailor/ops/own/simd.hpp"

#include "tailor/ops/own/pairwise.hpp"

namespace tailor::internal::TAILOR_TARGET {

namespace {

// Values that are summed in f32 before they go into a double: a plane of a small image at once.
constexpr std::size_t kF32Run = 1024;

// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, by channel over batch, rows and columns
// (Ioffe & Szegedy 2015), with an optional ReLU and, behind that, 2x2 max pooling. Statistics are
// f64 sums of f32 runs, less one of the values: large ones that hardly differ would cancel.
//
// Pooling inside saves writing and reading the full-size result twice: a window is normalised in
// registers, forward, and its gradient spread there, backward. A window's winner is a byte per
// lane: 0 to 3, the first of equals, or kNone where the ReLU left nothing. The winners' values are
// kept as well: the sums of the gradient then read a quarter of the source, 0.52 ms of an air-32
// step become 0.22.
class BatchNorm : public Op {
 public:
  BatchNorm(const BatchNormConfig& config, const OpContext& c)
      : config_(config), engine_(c.engine), src_(c.src), dst_(c.dst), training_(c.training) {
    const auto channels = std::size_t(src_.channels);
    for (Buffer* b : {&gamma_, &beta_, &mean_, &inverse_, &scale_, &shift_, &sum_, &dot_}) {
      *b = Buffer(channels * sizeof(float));
    }
    partial_ = Buffer(2 * kBatchPieces * channels * sizeof(double));
    totals_.resize(2 * channels + 1);
    if (!config.pools || !c.training) return;
    winners_ = Buffer::unplaced(dst_.size());
    picked_ = Buffer::unplaced(dst_.data.bytes());
  }

  bool has_weights() const override { return true; }

  void load(const ParamSpans& p) override {
    std::memcpy(gamma_.data(), p.kernel.data(), p.kernel.size_bytes());
    std::memcpy(beta_.data(), p.bias.data(), p.bias.size_bytes());
    if (training_) return;  // forward() measures the batch
    for (std::size_t c = 0; c < p.mean.size(); ++c) set_channel(c, p.mean[c], p.variance[c]);
  }

  void forward(const StepContext& step) override {
    if (training_) return run_stages(*this, engine_, OpPhase::kForward, step);
    normalize_images({0, src_.batch});
  }
  void prepare_backward() override { run_stages(*this, engine_, OpPhase::kPrepareBackward, {}); }
  void backward_data() override { run_stages(*this, engine_, OpPhase::kBackwardData, {}); }

  // Sums over pieces of the batch, then over all of it, which every image waits for.
  Stages stages(OpPhase phase) const override {
    const Stage pieces{Stage::Of::kPieces, kBatchPieces, pass_microseconds(src_)};
    switch (phase) {
      case OpPhase::kForward:
        return {3, {pieces, {}, pieces}};
      case OpPhase::kPrepareBackward:
        return {2, {pieces, {}}};
      case OpPhase::kBackwardData:
        return {1, {pieces}};
      default:
        return Op::stages(phase);
    }
  }

  void run_stage(OpPhase phase, int stage, const StepContext& step, int first, int last,
                 int thread) override {
    switch (phase) {
      case OpPhase::kForward:
        if (stage == 0) return measure_pieces(first, last);
        if (stage == 1) return settle_statistics(step);
        return normalize_images(images_of_pieces(src_.batch, first, last));
      case OpPhase::kPrepareBackward:
        if (stage == 0) return sum_gradient_pieces(first, last);
        return settle_gradients();
      case OpPhase::kBackwardData:
        return differentiate_images(images_of_pieces(src_.batch, first, last));
      default:
        return Op::run_stage(phase, stage, step, first, last, thread);
    }
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

  BufferUses uses() override {
    return {{&src_.data, &dst_.data, &winners_, &picked_},
            {&src_.data, &src_.diff, &dst_.diff, &winners_, &picked_}};
  }
  std::size_t memory_bytes() const override {
    return partial_.bytes() + 8 * gamma_.bytes() + totals_.size() * sizeof(double);
  }

 private:
  static constexpr int kNone = 4;

  template <int L>
  using Winner = typename simd::Lanes<L>::B;
  template <int L>
  using Mask = typename simd::Lanes<L>::I;

  static float* at(Buffer& b, std::size_t channel) { return simd::values<float>(b) + channel; }

  template <typename Body>
  void each_type(Body body) {
    simd::dispatch(src_.precision, src_.lanes, body);
  }

  // body(plane) for every channel block of some images.
  template <typename Body>
  void over_planes(ImageRange images, Body body) {
    const int begin = images.first * src_.blocks();
    const int count = images.last * src_.blocks() - begin;
    share_out_each(engine_, pass_microseconds(src_), count,
                   [&](int plane, int) { body(std::size_t(begin + plane)); });
  }

  void normalize_images(ImageRange images) {
    each_type([&](auto type, auto width) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      over_planes(images, [&](std::size_t plane) {
        if (config_.pools) {
          normalize_pooled<T, L>(plane);
        } else {
          normalize<T, L>(plane);
        }
      });
    });
  }

  void differentiate_images(ImageRange images) {
    each_type([&](auto type, auto width) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      over_planes(images, [&](std::size_t plane) {
        if (config_.pools) {
          spread<T, L>(plane);
        } else {
          differentiate<T, L>(plane);
        }
      });
    });
  }

  // A plane's channel block, its vectors of per-channel values, and its data.
  std::size_t channel(std::size_t plane) const {
    return plane % std::size_t(src_.blocks()) * std::size_t(src_.lanes);
  }
  template <int L>
  simd::F<L> of(Buffer& b, std::size_t plane) const {
    return simd::load<L>(at(b, channel(plane)));
  }
  template <typename T>
  T* plane_of(const Tensor& t, Buffer& b, std::size_t plane) const {
    return simd::values<T>(b) + plane * t.plane() * std::size_t(t.lanes);
  }
  template <int L>
  std::uint8_t* winners_of(std::size_t plane) {
    return static_cast<std::uint8_t*>(winners_.data()) + plane * dst_.plane() * L;
  }

  void set_channel(std::size_t c, double mean, double variance) {
    const double inverse = 1 / std::sqrt(variance + config_.epsilon);
    *at(mean_, c) = float(mean);
    *at(inverse_, c) = float(inverse);
    *at(scale_, c) = float(*at(gamma_, c) * inverse);
    *at(shift_, c) = float(*at(beta_, c) - *at(gamma_, c) * inverse * mean);
  }

  void measure_pieces(int begin, int end) {
    each_type([&](auto type, auto width) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      over_pieces<L>(begin, end, [&](int piece, int block, double* out) {
        measure_piece<T, L>(piece, block, out);
      });
    });
  }

  // Less the piece's first value, which the sums then get back in f64.
  template <typename T, int L>
  void measure_piece(int piece, int block, double* out) {
    const ImageRange images = images_of_pieces(src_.batch, piece, piece + 1);
    simd::F<L> origin{};
    if (images.first < images.last) {
      origin = simd::load<L>(
          plane_of<T>(src_, src_.data, std::size_t(images.first) * src_.blocks() + block));
    }
    sum_piece<L>(piece, block, src_.plane(), out,
                 [&](std::size_t plane, std::size_t first, std::size_t last, simd::F<L>& sum,
                     simd::F<L>& squares) {
                   const T* x = plane_of<T>(src_, src_.data, plane);
                   pairwise<L>(first, last, sum, squares, [&](std::size_t i) {
                     const auto v = simd::load<L>(x + i * L) - origin;
                     return std::array<simd::F<L>, 2>{v, v * v};
                   });
                 });
    const double values = double(images.last - images.first) * double(src_.plane());
    for (int l = 0; l < L; ++l) {
      const double at = origin[l];
      out[L + l] += at * (2 * out[l] + values * at);
      out[l] += values * at;
    }
  }

  void sum_gradient_pieces(int begin, int end) {
    each_type([&](auto type, auto width) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      const auto add = [&](std::size_t plane, std::size_t first, std::size_t last, simd::F<L>& sum,
                           simd::F<L>& dot) {
        if (config_.pools) {
          add_pooled_gradients<T, L>(plane, first, last, sum, dot);
        } else {
          add_gradients<T, L>(plane, first, last, sum, dot);
        }
      };
      over_pieces<L>(begin, end, [&](int piece, int block, double* out) {
        sum_piece<L>(piece, block, dst_.plane(), out, add);
      });
    });
  }

  void settle_gradients() {
    settle_totals();
    for (std::size_t c = 0; c < std::size_t(src_.channels); ++c) {
      *at(sum_, c) = float(totals_[2 * c]);
      *at(dot_, c) = float(totals_[2 * c + 1] * *at(inverse_, c));
    }
  }

  void settle_statistics(const StepContext& step) {
    settle_totals();
    for (std::size_t c = 0; c < std::size_t(src_.shape.channels); ++c) {
      const double mean = totals_[2 * c] / count();
      const double apart = totals_[2 * c + 1] / count() - mean * mean;
      const double variance = apart < 0 ? 0 : apart;  // what is no number stays
      set_channel(c, mean, variance);
      step.mean[c] = float(config_.momentum * step.mean[c] + (1 - config_.momentum) * mean);
      step.variance[c] =
          float(config_.momentum * step.variance[c] + (1 - config_.momentum) * variance);
    }
  }

  template <typename T, int L>
  void normalize(std::size_t plane) {
    const auto scale = of<L>(scale_, plane);
    const auto shift = of<L>(shift_, plane);
    const T* x = plane_of<T>(src_, src_.data, plane);
    T* y = plane_of<T>(dst_, dst_.data, plane);
    for (std::size_t i = 0; i < src_.plane() * L; i += L) {
      auto v = simd::load<L>(x + i) * scale + shift;
      if (config_.relu) v = v <= 0 ? simd::F<L>{} : v;
      simd::store<L>(y + i, v);
    }
  }

  // Calls body(offset of the window's first value, offset of the pooled one), both in values.
  template <int L, typename Body>
  [[gnu::always_inline]] void over_windows(Body body) const {
    std::size_t pooled = 0;
    for (int y = 0; y < dst_.shape.height; ++y) {
      std::size_t first = std::size_t(2 * y) * src_.shape.width * L;
      for (int x = 0; x < dst_.shape.width; ++x, pooled += L, first += 2 * L) body(first, pooled);
    }
  }

  template <typename T, int L>
  void normalize_pooled(std::size_t plane) {
    const auto scale = of<L>(scale_, plane);
    const auto shift = of<L>(shift_, plane);
    const T* x = plane_of<T>(src_, src_.data, plane);
    T* y = plane_of<T>(dst_, dst_.data, plane);
    std::uint8_t* winners = training_ ? winners_of<L>(plane) : nullptr;
    T* picked = training_ ? plane_of<T>(dst_, picked_, plane) : nullptr;
    const std::size_t row = std::size_t(src_.shape.width) * L;
    over_windows<L>([&](std::size_t first, std::size_t pooled) {
      const auto xa = simd::load<L>(x + first);
      const auto xb = simd::load<L>(x + first + L);
      const auto xc = simd::load<L>(x + first + row);
      const auto xd = simd::load<L>(x + first + row + L);
      const auto a = xa * scale + shift;
      const auto b = xb * scale + shift;
      const auto c = xc * scale + shift;
      const auto d = xd * scale + shift;
      const auto top = b > a ? b : a;
      const auto bottom = d > c ? d : c;
      const auto best = bottom > top ? bottom : top;
      const auto rectified = best <= 0 ? simd::F<L>{} : best;
      simd::store<L>(y + pooled, simd::unless_nan(rectified, b + c + d));
      if (winners == nullptr) return;
      using I = Mask<L>;
      const I first_row = b > a ? I{} + 1 : I{};
      const I second_row = d > c ? I{} + 3 : I{} + 2;
      const I which = bottom > top ? second_row : first_row;
      const auto bytes = __builtin_convertvector(best <= 0 ? I{} + kNone : which, Winner<L>);
      std::memcpy(winners + pooled, &bytes, sizeof(bytes));
      const auto of_top = b > a ? xb : xa;
      const auto of_bottom = d > c ? xd : xc;
      simd::store<L>(picked + pooled, bottom > top ? of_bottom : of_top);
    });
  }

  template <int L>
  Mask<L> winner_at(const std::uint8_t* p) const {
    Winner<L> bytes;
    std::memcpy(&bytes, p, sizeof(bytes));
    return __builtin_convertvector(bytes, Mask<L>);
  }

  // Where the ReLU let x through; the same arithmetic as forward, so the same answer.
  template <int L>
  simd::F<L> masked(simd::F<L> dy, simd::F<L> x, simd::F<L> scale, simd::F<L> shift) const {
    if (!config_.relu) return dy;
    return x * scale + shift > 0 ? dy : simd::F<L>{};
  }

  template <typename T, int L>
  void add_gradients(std::size_t plane, std::size_t first, std::size_t last, simd::F<L>& sum,
                     simd::F<L>& dot) {
    const T* x = plane_of<T>(src_, src_.data, plane);
    const T* diff = plane_of<T>(dst_, dst_.diff, plane);
    const auto scale = of<L>(scale_, plane);
    const auto shift = of<L>(shift_, plane);
    const auto mean = of<L>(mean_, plane);
    pairwise<L>(first, last, sum, dot, [&](std::size_t i) {
      const auto v = simd::load<L>(x + i * L);
      const auto dy = masked<L>(simd::load<L>(diff + i * L), v, scale, shift);
      return std::array<simd::F<L>, 2>{dy, dy * (v - mean)};
    });
  }

  template <typename T, int L>
  void add_pooled_gradients(std::size_t plane, std::size_t first, std::size_t last, simd::F<L>& sum,
                            simd::F<L>& dot) {
    const T* x = plane_of<T>(dst_, picked_, plane);
    const T* diff = plane_of<T>(dst_, dst_.diff, plane);
    const std::uint8_t* winners = winners_of<L>(plane);
    const auto mean = of<L>(mean_, plane);
    pairwise<L>(first, last, sum, dot, [&](std::size_t i) {
      const auto given = simd::load<L>(diff + i * L);
      const auto dy = winner_at<L>(winners + i * L) < kNone ? given : simd::F<L>{};
      return std::array<simd::F<L>, 2>{dy, dy * (simd::load<L>(x + i * L) - mean)};
    });
  }

  // dx = gamma / sigma * (dy - mean(dy) - xhat * mean(dy * xhat)) = scale dy + slope x + level
  template <int L>
  struct Line {
    simd::F<L> scale, slope, level;
  };
  template <int L>
  Line<L> line(std::size_t plane) {
    const float share = 1 / float(count());
    const auto scale = of<L>(scale_, plane);
    const auto slope = -scale * of<L>(inverse_, plane) * of<L>(dot_, plane) * share;
    return {scale, slope, -scale * of<L>(sum_, plane) * share - slope * of<L>(mean_, plane)};
  }

  template <typename T, int L>
  void differentiate(std::size_t plane) {
    const T* x = plane_of<T>(src_, src_.data, plane);
    const T* diff = plane_of<T>(dst_, dst_.diff, plane);
    T* out = plane_of<T>(src_, src_.diff, plane);
    const Line<L> to = line<L>(plane);
    const auto shift = of<L>(shift_, plane);
    for (std::size_t i = 0; i < src_.plane() * L; i += L) {
      const auto v = simd::load<L>(x + i);
      const auto dy = masked<L>(simd::load<L>(diff + i), v, to.scale, shift);
      simd::store<L>(out + i, to.scale * dy + (to.slope * v + to.level));
    }
  }

  template <typename T, int L>
  void spread(std::size_t plane) {
    const T* x = plane_of<T>(src_, src_.data, plane);
    const T* diff = plane_of<T>(dst_, dst_.diff, plane);
    const std::uint8_t* winners = winners_of<L>(plane);
    T* out = plane_of<T>(src_, src_.diff, plane);
    const Line<L> to = line<L>(plane);
    const std::size_t row = std::size_t(src_.shape.width) * L;
    const auto put = [&](std::size_t i, simd::F<L> dy) {
      simd::store<L>(out + i, to.slope * simd::load<L>(x + i) + to.level + dy);
    };
    over_windows<L>([&](std::size_t first, std::size_t pooled) {
      const auto winner = winner_at<L>(winners + pooled);
      const auto dy = to.scale * simd::load<L>(diff + pooled);
      put(first, winner == 0 ? dy : simd::F<L>{});
      put(first + L, winner == 1 ? dy : simd::F<L>{});
      put(first + row, winner == 2 ? dy : simd::F<L>{});
      put(first + row + L, winner == 3 ? dy : simd::F<L>{});
    });
    over_edges<L>([&](std::size_t i) { put(i, simd::F<L>{}); });
  }

  // The last row and column that no window covers where a size is odd.
  template <int L, typename Body>
  void over_edges(Body body) const {
    const auto height = std::size_t(src_.shape.height);
    const auto width = std::size_t(src_.shape.width);
    if (width % 2 == 1) {
      for (std::size_t y = 0; y < height / 2 * 2; ++y) body((y * width + width - 1) * L);
    }
    if (height % 2 == 1) {
      for (std::size_t x = 0; x < width; ++x) body(((height - 1) * width + x) * L);
    }
  }

  // sum(piece, block, where two sums per channel go) for pieces first..last-1 of the batch.
  template <int L, typename Sum>
  void over_pieces(int first, int last, Sum sum) {
    auto* partial = static_cast<double*>(partial_.data());
    for (int item = first * src_.blocks(); item < last * src_.blocks(); ++item) {
      sum(item / src_.blocks(), item % src_.blocks(), partial + std::size_t(item) * 2 * L);
    }
  }

  // Those sums of all pieces and peers.
  void settle_totals() {
    const auto* partial = static_cast<const double*>(partial_.data());
    const int lanes = src_.lanes;
    for (int c = 0; c < src_.channels; ++c) {
      double total[2] = {0, 0};
      for (int piece = 0; piece < kBatchPieces; ++piece) {
        const double* p = partial + std::size_t(piece * src_.blocks() + c / lanes) * 2 * lanes;
        total[0] += p[c % lanes];
        total[1] += p[lanes + c % lanes];
      }
      totals_[std::size_t(2 * c)] = total[0];
      totals_[std::size_t(2 * c + 1)] = total[1];
    }
    totals_.back() = double(src_.batch) * double(src_.plane());
    engine_.peers().sum(totals_);
  }

  // Values per channel in the batch, with the peers' shares of it.
  double count() const { return totals_.back(); }

  // add(plane, first, last, sum, sum) adds what vectors first..last-1 of a plane give, of
  // `vectors`.
  template <int L, typename Add>
  void sum_piece(int piece, int block, std::size_t vectors, double* out, Add add) {
    std::fill_n(out, 2 * L, 0.0);
    const ImageRange images = images_of_pieces(src_.batch, piece, piece + 1);
    for (int n = images.first; n < images.last; ++n) {
      const auto plane = std::size_t(n * src_.blocks() + block);
      for (std::size_t first = 0; first < vectors; first += kF32Run) {
        simd::F<L> a{};
        simd::F<L> b{};
        add(plane, first, std::min(first + kF32Run, vectors), a, b);
        for (int l = 0; l < L; ++l) out[l] += double(a[l]);
        for (int l = 0; l < L; ++l) out[L + l] += double(b[l]);
      }
    }
  }

  BatchNormConfig config_;
  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
  bool training_;
  Buffer gamma_, beta_;
  Buffer mean_, inverse_;       // of the batch, or running; 1 / sqrt(variance + epsilon)
  Buffer scale_, shift_;        // y = x * scale + shift
  Buffer sum_, dot_;            // sum of dy; of dy * xhat
  Buffer partial_;              // f64: [piece][block][two sums][lane]
  Buffer winners_, picked_;     // training with pooling: which of a window, and its x
  std::vector<double> totals_;  // two sums per channel, and the count
};

}  // namespace

std::unique_ptr<Op> make_batch_norm(const BatchNormConfig& config, const OpContext& context) {
  return std::make_unique<BatchNorm>(config, context);
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
