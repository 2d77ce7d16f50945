// The formulas, value by value: what cases of whole tensors (op_cases.cpp) average away.
#include "tailor/ops/own/activation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "tailor/ops/check/op_cases.hpp"
#include "tailor/ops/check/reference.hpp"
#include "tailor/ops/own/values.hpp"

namespace tailor::internal {
namespace {

constexpr int kCount = 1 << 13;

// From -20 to 20.
std::vector<double> points() {
  std::vector<double> list(kCount);
  for (int i = 0; i < kCount; ++i) list[std::size_t(i)] = float(40.0 * i / (kCount - 1) - 20);
  return list;
}

// Runs the operation on `at`, with gradients of 1 behind it.
struct Outcome {
  Outcome(const Activation& function, const std::vector<double>& at)
      : engine(1),
        src({int(at.size()), 1, 1}, 1, Layout::kBlocked, Precision::kF32, engine.lanes(), true),
        dst({int(at.size()), 1, 1}, 1, Layout::kBlocked, Precision::kF32, engine.lanes(), true),
        op(make_op(ActivationConfig{function}, {engine, src, dst, true, false, false})),
        scratch(bind_alone(*op, engine)) {
    std::copy(at.begin(), at.end(), simd::values<float>(src.data));
    op->forward({});
    std::fill_n(simd::values<float>(dst.diff), at.size(), 1.f);
    op->backward_data();
  }

  Engine engine;
  Tensor src, dst;
  std::unique_ptr<Op> op;
  Buffer scratch;
};

TEST(Activations, AreWithinTwoMillionthsOfDoublePrecisionAndTheirTailsNearly) {
  constexpr double kNormal = 1e-30;  // what is smaller may be anything as small
  const std::vector<double> at = points();
  for (const NamedActivation& named : kActivations) {
    const OpConfig config = ActivationConfig{named.function};
    const Outcome run(named.function, at);
    const Shape shape{kCount, 1, 1};
    const std::vector<double> want = reference::forward(config, shape, 1, {at, {}, {}});
    const std::vector<double> slope =
        reference::backward(config, shape, 1, {at, {}, {}}, std::vector<double>(at.size(), 1)).src;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const double value = simd::values<float>(run.dst.data)[i];
      const double gradient = simd::values<float>(run.src.diff)[i];
      // Rounding e's exponent costs as much as that is large: a cube in the approximate GELU.
      const double exponent = 2e-6 * std::max(1.0, std::pow(std::abs(at[i]), 3) / 64);
      ASSERT_NEAR(value, want[i], exponent * std::abs(want[i]) + kNormal)
          << named.name << " of " << at[i];
      // Where a derivative crosses zero, it is a difference of two equal numbers.
      const double parts = std::abs(slope[i]) + std::abs(want[i]);
      ASSERT_NEAR(gradient, slope[i], exponent * parts + kNormal) << named.name << "' of " << at[i];
    }
  }
}

// What the compiler does not ask of a new one.
TEST(Activations, HaveANameAndACaseEach) {
  std::set<std::size_t> named, tested;
  for (const NamedActivation& a : kActivations) named.insert(a.function.index());
  for (const OpCase& c : op_cases()) {
    if (const auto* config = std::get_if<ActivationConfig>(&c.config)) {
      tested.insert(config->function.index());
    }
  }
  EXPECT_EQ(named.size(), std::variant_size_v<Activation>) << "a row of kActivations is missing";
  EXPECT_EQ(tested.size(), std::variant_size_v<Activation>) << "a row of op_cases() is missing";
}

TEST(Activations, KeepZeroAndPassOnWhatIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const NamedActivation& named : kActivations) {
    const Outcome run(named.function, {0, -1000, 1000, nan});
    const float* values = simd::values<float>(run.dst.data);
    EXPECT_EQ(values[0], 0) << named.name;
    const OpConfig config = ActivationConfig{named.function};
    const double at_minus_1000 = reference::forward(config, {1, 1, 1}, 1, {{-1000}, {}, {}})[0];
    EXPECT_NEAR(values[1], at_minus_1000, 1e-4) << named.name;
    EXPECT_EQ(values[2], 1000) << named.name;
    EXPECT_TRUE(std::isnan(values[3])) << named.name;
  }
}

TEST(Activations, GiveTheSameBytesOnAnyNumberOfThreads) {
  const Shape shape{24, 37, 41};
  for (const NamedActivation& named : kActivations) {
    std::vector<float> first;
    for (const int threads : {1, 2, 5}) {
      Engine engine(threads);
      Tensor src(shape, 3, Layout::kBlocked, Precision::kF32, engine.lanes(), false);
      Tensor dst(shape, 3, Layout::kBlocked, Precision::kF32, engine.lanes(), false);
      const auto op =
          make_op(ActivationConfig{named.function}, {engine, src, dst, false, false, false});
      const Buffer scratch = bind_alone(*op, engine);
      float* values = simd::values<float>(src.data);
      for (std::size_t i = 0; i < src.size(); ++i) values[i] = float(i % 1013) / 100 - 5;
      op->forward({});
      const float* out = simd::values<float>(dst.data);
      const std::vector<float> results(out, out + dst.size());
      if (first.empty()) first = results;
      EXPECT_EQ(results, first) << named.name << ", threads " << threads;
    }
  }
}

}  // namespace
}  // namespace tailor::internal
