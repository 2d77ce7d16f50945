// The one operation of all activations.
#include <algorithm>
#include <type_traits>

#include "tailor/core/error.hpp"
#include "tailor/ops/op.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

#include "tailor/core/target/begin.hpp"
#include "tailor/ops/own/simd.hpp"

#include "tailor/ops/own/activation_formulas.hpp"

namespace tailor::internal::TAILOR_TARGET {

namespace {

template <class Function>
class Activate : public Op {
 public:
  Activate(const Function& function, const OpContext& c)
      : function_(function), engine_(c.engine), src_(c.src), dst_(c.dst) {}

  void forward(const StepContext&) override {
    over_blocks([&](auto type, auto width, std::size_t i) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      simd::store<L>(simd::values<T>(dst_.data) + i,
                     value<L>(function_, simd::load<L>(simd::values<T>(src_.data) + i)));
    });
  }

  void backward_data() override {
    const Buffer& seen = tells();
    over_blocks([&](auto type, auto width, std::size_t i) {
      using T = decltype(type);
      constexpr int L = width.kLanes;
      simd::store<L>(simd::values<T>(src_.diff) + i,
                     gradient<L>(function_, simd::load<L>(simd::values<T>(seen) + i),
                                 simd::load<L>(simd::values<T>(dst_.diff) + i)));
    });
  }

  BufferUses uses() override {
    return {{&src_.data, &dst_.data}, {&src_.diff, &tells(), &dst_.diff}};
  }

 private:
  // What the derivative is a function of.
  Buffer& tells() { return is_from_result(function_) ? dst_.data : src_.data; }

  // body(type, width, the first value) for every channel block of every pixel.
  template <typename Body>
  void over_blocks(Body body) {
    simd::dispatch(src_.precision, src_.lanes, [&](auto type, auto width) {
      constexpr std::size_t kLanes = width.kLanes;
      constexpr std::size_t kTogether = 256;  // blocks, 16 kB of f32: worth handing out
      const std::size_t blocks = src_.size() / kLanes;
      const auto groups = int((blocks + kTogether - 1) / kTogether);
      share_out(engine_, double(blocks) / 200, groups, 0, [&](int first, int last, int) {
        const std::size_t end = std::min(blocks, std::size_t(last) * kTogether);
        for (std::size_t i = std::size_t(first) * kTogether; i < end; ++i) {
          body(type, width, i * kLanes);
        }
      });
    });
  }

  Function function_;
  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
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
