// The one operation of all activations.
#include <algorithm>
#include <type_traits>

#include "tailor/core/error.hpp"
#include "tailor/ops/imagewise_op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"
#include "tailor/ops/own/simd.hpp"

#include "tailor/ops/own/activation_formulas.hpp"

namespace tailor::internal::TAILOR_TARGET {

namespace {

template <class Function>
class Activate : public ImagewiseOp {
 public:
  Activate(const Function& function, const OpContext& c) : ImagewiseOp(c), function_(function) {}

  BufferUses uses() override {
    return {{&src_.data, &dst_.data}, {&src_.diff, &tells(), &dst_.diff}};
  }

 private:
  void forward_images(const StepContext&, ImageRange images) override {
    over_blocks(images, [&](auto type, auto width, std::size_t i) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      simd::store<L>(simd::values<T>(dst_.data) + i,
                     value<L>(function_, simd::load<L>(simd::values<T>(src_.data) + i)));
    });
  }

  void backward_images(ImageRange images) override {
    const Buffer& seen = tells();
    over_blocks(images, [&](auto type, auto width, std::size_t i) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      simd::store<L>(simd::values<T>(src_.diff) + i,
                     gradient<L>(function_, simd::load<L>(simd::values<T>(seen) + i),
                                 simd::load<L>(simd::values<T>(dst_.diff) + i)));
    });
  }

  // What the derivative is a function of.
  Buffer& tells() { return is_from_result(function_) ? dst_.data : src_.data; }

  // body(type, width, the first value) for every channel block of every pixel.
  template <typename Body>
  void over_blocks(ImageRange images, Body body) {
    simd::dispatch(src_.precision, src_.lanes, [&](auto type, auto width) {
      constexpr std::size_t kLanes = width.kLanes;
      constexpr std::size_t kTogether = 256;  // blocks, 16 kB of f32: worth handing out
      const std::size_t image = src_.image_size() / kLanes;
      const std::size_t begin = std::size_t(images.first) * image;
      const std::size_t blocks = std::size_t(images.last) * image - begin;
      const auto groups = int((blocks + kTogether - 1) / kTogether);
      share_out(engine_, double(blocks) / 200, groups, 0, [&](int first, int last, int) {
        const std::size_t end = std::min(blocks, std::size_t(last) * kTogether);
        for (std::size_t i = std::size_t(first) * kTogether; i < end; ++i) {
          body(type, width, (begin + i) * kLanes);
        }
      });
    });
  }

  Function function_;
};

}  // namespace

std::unique_ptr<Op> make_activation(const ActivationConfig& config, const OpContext& context) {
  return std::visit(
      [&](const auto& function) -> std::unique_ptr<Op> {
        return std::make_unique<Activate<std::decay_t<decltype(function)>>>(function, context);
      },
      config.function);
}

}  // namespace tailor::internal::TAILOR_TARGET

#include "tailor/core/target/end.hpp"
