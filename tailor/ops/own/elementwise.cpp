#include "tailor/core/error.hpp"
#include "tailor/ops/imagewise_op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"
#include "tailor/ops/own/simd.hpp"

namespace tailor::internal::TAILOR_TARGET {

namespace {

// Runs body(first, last) over the vectors of some images, a vector being one channel block's lanes.
template <typename Body>
void over_vectors(Engine& engine, const Tensor& t, ImageRange images, Body body) {
  constexpr std::size_t kAtOnce = 64;
  const std::size_t image = t.image_size() / std::size_t(t.lanes);
  const std::size_t begin = std::size_t(images.first) * image;
  const std::size_t end = std::size_t(images.last) * image;
  const int groups = int((end - begin + kAtOnce - 1) / kAtOnce);
  share_out(engine, double(end - begin) / 500, groups, 0, [&](int first, int last, int) {
    const std::size_t to = begin + std::size_t(last) * kAtOnce;
    body(begin + std::size_t(first) * kAtOnce, to < end ? to : end);
  });
}

// out = value > 0 ? in : 0, element by element; in may be out.
void masked(Engine& engine, const Tensor& value, const Buffer& in, Buffer& out, ImageRange images) {
  simd::dispatch(value.precision, value.lanes, [&](auto type, auto width) {
    using T = decltype(type);
    constexpr int L = width.kLanes;
    const T* v = simd::values<T>(value.data);
    const T* from = simd::values<T>(in);
    T* to = simd::values<T>(out);
    over_vectors(engine, value, images, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first * L; i < last * L; i += L) {
        simd::store<L>(to + i, simd::load<L>(v + i) > 0 ? simd::load<L>(from + i) : simd::F<L>{});
      }
    });
  });
}

// out = a + b; all three hold values as `like` does, and out may be one of them.
void sum(Engine& engine, const Tensor& like, const Buffer& a, const Buffer& b, Buffer& out,
         ImageRange images) {
  simd::dispatch(like.precision, like.lanes, [&](auto type, auto width) {
    using T = decltype(type);
    constexpr int L = width.kLanes;
    const T* x = simd::values<T>(a);
    const T* y = simd::values<T>(b);
    T* to = simd::values<T>(out);
    over_vectors(engine, like, images, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first * L; i < last * L; i += L) {
        simd::store<L>(to + i, simd::load<L>(x + i) + simd::load<L>(y + i));
      }
    });
  });
}

// y = x * scale + offset on logical channels; padded lanes stay zero, which an offset would break.
class Rescale : public ImagewiseOp {
 public:
  Rescale(const RescaleConfig& config, const OpContext& c) : ImagewiseOp(c), config_(config) {}
  BufferUses uses() override { return {{&src_.data, &dst_.data}, {&src_.diff, &dst_.diff}}; }

 private:
  void forward_images(const StepContext&, ImageRange images) override {
    affine(src_.data, dst_.data, float(config_.offset), images);
  }
  void backward_images(ImageRange images) override { affine(dst_.diff, src_.diff, 0, images); }

  void affine(const Buffer& from, Buffer& to, float offset, ImageRange images) {
    simd::dispatch(src_.precision, src_.lanes, [&](auto type, auto width) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      const T* in = simd::values<T>(from);
      T* out = simd::values<T>(to);
      const std::size_t plane = src_.plane();
      over_vectors(engine_, src_, images, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
          const int channel = int(i / plane % std::size_t(src_.blocks())) * L;
          simd::F<L> shift{};
          for (int l = 0; l < L && channel + l < src_.shape.channels; ++l) shift[l] = offset;
          simd::store<L>(out + i * L, simd::load<L>(in + i * L) * float(config_.scale) + shift);
        }
      });
    });
  }
  RescaleConfig config_;
};

}  // namespace

std::unique_ptr<Op> make_rescale(const RescaleConfig& config, const OpContext& context) {
  return std::make_unique<Rescale>(config, context);
}

void rectify(Engine& engine, Tensor& values, ImageRange images) {
  simd::dispatch(values.precision, values.lanes, [&](auto type, auto width) {
    using T = decltype(type);
    constexpr int L = width.kLanes;
    T* data = simd::values<T>(values.data);
    over_vectors(engine, values, images, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first * L; i < last * L; i += L) {
        const auto v = simd::load<L>(data + i);
        simd::store<L>(data + i, v <= 0 ? simd::F<L>{} : v);
      }
    });
  });
}

void mask_rectified(Engine& engine, const Tensor& value, Tensor& diff_of, ImageRange images) {
  masked(engine, value, diff_of.diff, diff_of.diff, images);
}

void add(Engine& engine, const Tensor& a, const Tensor& b, Tensor& dst, ImageRange images) {
  sum(engine, dst, a.data, b.data, dst.data, images);
}

void add_diff(Engine& engine, const Tensor& from, Tensor& into, ImageRange images) {
  sum(engine, into, from.diff, into.diff, into.diff, images);
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
