#include "tailor/ops/check/op_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

#include "tailor/core/random/rng.hpp"
#include "tailor/ops/check/reference.hpp"
#include "tailor/ops/own/direct_conv.hpp"
#include "tailor/ops/own/values.hpp"

namespace tailor::internal {

void PrintTo(const OpCase& c, std::ostream* out) {
  *out << c.name;
}

namespace {

std::vector<double> random_values(std::size_t count, std::uint32_t stream, bool round_to_bf16) {
  const Rng rng(7, Purpose::kDraw, stream);
  std::vector<double> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto v = float(rng.normal(i));
    simd::Bf16 half;
    simd::from_float(v, half);
    out[i] = round_to_bf16 ? simd::to_float(half) : v;
  }
  return out;
}

// Whole numbers from -limit to limit: few bits, so that sums of products are exact in any
// precision, maxima tie, and the first of equals must win.
std::vector<double> small_values(std::size_t count, std::uint32_t stream, int limit) {
  const Rng rng(7, Purpose::kDraw, stream);
  std::vector<double> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = std::floor(rng.uniform(i) * (2 * limit + 1)) - limit;
  }
  return out;
}

std::size_t offset(const Tensor& t, std::size_t i) {  // of logical value i of an image
  const std::size_t channel = i / t.plane();
  const auto lanes = std::size_t(t.lanes);
  return (channel / lanes * t.plane() + i % t.plane()) * lanes + channel % lanes;
}

float get(const Buffer& b, Precision p, std::size_t i) {
  return p == Precision::kF32 ? simd::values<float>(b)[i]
                              : simd::to_float(simd::values<simd::Bf16>(b)[i]);
}

void write(const Tensor& t, Buffer& to, const std::vector<double>& values) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::size_t i = k / t.shape.size() * t.image_size() + offset(t, k % t.shape.size());
    if (t.precision == Precision::kF32) {
      simd::values<float>(to)[i] = float(values[k]);
    } else {
      simd::from_float(float(values[k]), simd::values<simd::Bf16>(to)[i]);
    }
  }
}

std::vector<double> read(const Tensor& t, const Buffer& from) {
  std::vector<double> out(t.shape.size() * std::size_t(t.batch));
  for (std::size_t k = 0; k < out.size(); ++k) {
    out[k] =
        get(from, t.precision, k / t.shape.size() * t.image_size() + offset(t, k % t.shape.size()));
  }
  return out;
}

// Sum of absolute values in lanes no logical channel owns: must be 0.
double padding_sum(const Tensor& t, const Buffer& of) {
  double sum = 0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    const std::size_t lane = i % std::size_t(t.lanes);
    const std::size_t block = i / (t.plane() * std::size_t(t.lanes)) % std::size_t(t.blocks());
    if (block * std::size_t(t.lanes) + lane >= std::size_t(t.shape.channels))
      sum += std::abs(get(of, t.precision, i));
  }
  return sum;
}

double relative_error(const std::vector<double>& got, const std::vector<double>& want) {
  double difference = 0;
  double norm = 1e-12;
  for (std::size_t i = 0; i < want.size(); ++i) {
    difference += (got[i] - want[i]) * (got[i] - want[i]);
    norm += want[i] * want[i];
  }
  return std::sqrt(difference / norm);
}

bool pools(const OpCase& c) {
  const auto* conv = std::get_if<ConvConfig>(&c.config);
  return conv != nullptr && conv->pools;
}

// A rounded maximum may have another winner and a rounded sum another sign (our Winograd rounds
// before it sums), so where bf16 meets a ReLU or pooling behind a convolution every number is
// exact.
bool is_exact(const OpCase& c, bool bf16) {
  const auto* conv = std::get_if<ConvConfig>(&c.config);
  return bf16 && conv != nullptr && (conv->relu || conv->pools);
}

reference::Values make_values(const OpCase& c, bool bf16) {
  const reference::ParamSizes sizes = reference::param_sizes(c.config, c.src);
  if (is_exact(c, bf16)) {
    return {small_values(c.src.size() * std::size_t(c.batch), 0, 2),
            small_values(sizes.kernel, 1, 1), small_values(sizes.bias, 2, 3)};
  }
  return {random_values(c.src.size() * std::size_t(c.batch), 0, bf16),
          random_values(sizes.kernel, 1, bf16), random_values(sizes.bias, 2, false)};
}

// Values that end where their memory does, as no line of 64 bytes makes them: behind a layer's
// parameters lie another's, and where memory is guarded (tests/guarded) a step too far is seen.
struct Parameters {
  explicit Parameters(std::size_t count)
      : buffer((count * sizeof(float) + 63) / 64 * 64), values(buffer.floats().last(count)) {}
  explicit Parameters(const std::vector<double>& from) : Parameters(from.size()) {
    std::ranges::copy(from, values.begin());
  }

  Buffer buffer;
  std::span<float> values;
};

std::vector<double> doubles(std::span<const float> values) {
  return {values.begin(), values.end()};
}

// What a plan's other operations leave behind: here, bytes that are no numbers.
void spoil(Buffer& b) {
  if (b.bytes() > 0) std::memset(b.data(), 0xff, b.bytes());
}

void spoil_all(Op& op) {
  const BufferUses uses = op.uses();
  for (Buffer* b : uses.forward) spoil(*b);
  for (Buffer* b : uses.backward) spoil(*b);
}

// All but what an operation's backward half says it needs of its forward half.
void spoil_between(Op& op) {
  const BufferUses uses = op.uses();
  const auto in = [](const std::vector<Buffer*>& list, Buffer* b) {
    return std::ranges::find(list, b) != list.end();
  };
  for (Buffer* b : uses.forward) {
    if (!in(uses.backward, b)) spoil(*b);
  }
  for (Buffer* b : uses.backward) {
    if (!in(uses.forward, b)) spoil(*b);
  }
}

class OpCases : public testing::TestWithParam<OpCase> {};
class DirectConvolutions : public testing::TestWithParam<OpCase> {};

// How a plan would read the case's source.
Layout layout_of(const OpCase& c, Engine& engine, Precision precision) {
  const auto* conv = std::get_if<ConvConfig>(&c.config);
  const ConvSite site{c.src, Layout::kPlain, c.batch, precision, true};
  const bool plain = c.plain_source && (conv == nullptr || conv_reads_plain(engine, *conv, site));
  return plain ? Layout::kPlain : Layout::kBlocked;
}

// Whether a plan would make two operations of it.
bool is_split(const OpCase& c, Engine& engine, Layout layout, Precision precision) {
  const auto* conv = std::get_if<ConvConfig>(&c.config);
  const ConvSite site{c.src, layout, c.batch, precision, true, layout == Layout::kBlocked};
  return conv != nullptr &&
         (!conv_takes_padding(engine, *conv, site) || (conv->pools && !conv_pools(*conv, site)));
}

using Make = std::unique_ptr<Op> (*)(const OpCase&, const OpContext&);

using Results = std::array<std::vector<double>, 4>;  // and gradients: kernel, bias, source

// One phase of an operation, whole or in a plan's stages.
using RunPhase = void (*)(Op&, OpPhase, const StepContext&);

void run_whole(Op& op, OpPhase phase, const StepContext& step) {
  switch (phase) {
    case OpPhase::kLoad:
      return op.load(step.params);
    case OpPhase::kForward:
      return op.forward(step);
    case OpPhase::kPrepareBackward:
      return op.prepare_backward();
    case OpPhase::kBackwardWeights:
      return op.backward_weights(step.gradients);
    case OpPhase::kBackwardData:
      return op.backward_data();
  }
}

// Every item for itself, from the last to the first.
void run_in_stages(Op& op, OpPhase phase, const StepContext& step) {
  const Stages stages = op.stages(phase);
  for (int stage = 0; stage < stages.count; ++stage) {
    for (int item = stages.list[stage].count; item-- > 0;) {
      op.run_stage(phase, stage, step, item, item + 1, item % 2);
    }
  }
}

// What one case computes on the fast path, which is to be what the reference says.
Results compare(const OpCase& c, Engine& engine, Layout layout, Precision precision,
                double tolerance, Make make, RunPhase run = run_whole) {
  const reference::Values values = make_values(c, precision == Precision::kBf16);
  Tensor src(c.src, c.batch, layout, precision, engine.lanes(), layout == Layout::kBlocked);
  Tensor dst(output_shape(c.config, c.src), c.batch, Layout::kBlocked, precision, engine.lanes(),
             true);
  const auto op = make(c, {engine, src, dst, true, false, false});
  const Buffer scratch = bind_alone(*op, engine);
  spoil_all(*op);
  std::memset(src.data.data(), 0, src.data.bytes());

  Parameters kernel(values.kernel), bias(values.bias);
  Parameters mean(std::size_t(c.src.channels)), variance(std::size_t(c.src.channels));
  const std::vector<std::uint32_t> samples(std::size_t(c.batch));
  write(src, src.data, values.src);
  Parameters diff_kernel(values.kernel.size()), diff_bias(values.bias.size());
  const StepContext step{.params = {kernel.values, bias.values, {}, {}},
                         .mean = mean.values,
                         .variance = variance.values,
                         .dropout = {1, 0, samples},
                         .gradients = {diff_kernel.values, diff_bias.values}};
  if (op->has_weights()) run(*op, OpPhase::kLoad, step);
  run(*op, OpPhase::kForward, step);
  const std::vector<double> output = read(dst, dst.data);
  EXPECT_LT(relative_error(output, reference::forward(c.config, c.src, c.batch, values)),
            tolerance);
  EXPECT_EQ(padding_sum(dst, dst.data), 0);

  const std::size_t results = dst.shape.size() * std::size_t(c.batch);
  const std::vector<double> diff = pools(c)
                                       ? small_values(results, 3, 2)
                                       : random_values(results, 3, precision == Precision::kBf16);
  spoil_between(*op);
  std::memset(dst.diff.data(), 0, dst.diff.bytes());
  write(dst, dst.diff, diff);
  const reference::Gradients want = reference::backward(c.config, c.src, c.batch, values, diff);
  run(*op, OpPhase::kPrepareBackward, step);
  if (op->has_weights()) run(*op, OpPhase::kBackwardWeights, step);
  EXPECT_LT(relative_error(doubles(diff_kernel.values), want.kernel), tolerance);
  EXPECT_LT(relative_error(doubles(diff_bias.values), want.bias), tolerance);
  if (src.has_diff()) {
    run(*op, OpPhase::kBackwardData, step);
    EXPECT_LT(relative_error(read(src, src.diff), want.src), tolerance);
    EXPECT_EQ(padding_sum(src, src.diff), 0);
  }
  for (const OpPhase phase :
       {OpPhase::kForward, OpPhase::kBackwardWeights, OpPhase::kBackwardData}) {
    EXPECT_EQ(op->implementation(phase).find("ref"), std::string::npos)
        << op->implementation(phase);
  }
  return {output, doubles(diff_kernel.values), doubles(diff_bias.values),
          src.has_diff() ? read(src, src.diff) : std::vector<double>()};
}

void compare_on_threads(const OpCase& c, Precision precision, double tolerance) {
  for (const int threads : {1, 2}) {
    SCOPED_TRACE(to_string(precision) + ", threads " + std::to_string(threads));
    Engine engine(threads);
    const Layout layout = layout_of(c, engine, precision);
    if (is_split(c, engine, layout, precision)) continue;
    const Make make = [](const OpCase& op, const OpContext& context) {
      return make_op(op.config, context);
    };
    const Results whole = compare(c, engine, layout, precision, tolerance, make);
    if (threads == 1) continue;
    EXPECT_EQ(compare(c, engine, layout, precision, tolerance, make, run_in_stages), whole);
  }
}

// The kernel for what no other takes, on everything that it could be asked for.
void compare_direct(const OpCase& c, Precision precision, double tolerance) {
  std::vector<Results> results;
  struct Way {
    int threads;
    RunPhase run;
  };
  for (const auto& [threads, run] : {Way{1, run_whole}, {3, run_whole}, {3, run_in_stages}}) {
    SCOPED_TRACE("threads " + std::to_string(threads));
    Engine engine(threads);
    const Make make = [](const OpCase& op, const OpContext& context) {
      return make_direct_conv(std::get<ConvConfig>(op.config), context);
    };
    results.push_back(compare(c, engine, Layout::kBlocked, precision, tolerance, make, run));
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

// Wherever the reference puts out what is no number, so does the fast path: no ReLU, pooling or
// normalisation makes a number of it.
void expect_shown(const OpCase& c, Precision precision) {
  Engine engine(1);
  const Layout layout = layout_of(c, engine, precision);
  if (is_split(c, engine, layout, precision)) return;
  Tensor src(c.src, c.batch, layout, precision, engine.lanes(), false);
  Tensor dst(output_shape(c.config, c.src), c.batch, Layout::kBlocked, precision, engine.lanes(),
             false);
  const auto op = make_op(c.config, {engine, src, dst, true, false, false});
  const Buffer scratch = bind_alone(*op, engine);
  reference::Values values = make_values(c, precision == Precision::kBf16);
  Parameters kernel(values.kernel), bias(values.bias);
  Parameters mean(std::size_t(c.src.channels)), variance(std::size_t(c.src.channels));
  const std::vector<std::uint32_t> samples(std::size_t(c.batch));
  const StepContext step{.params = {kernel.values, bias.values, {}, {}},
                         .mean = mean.values,
                         .variance = variance.values,
                         .dropout = {1, 0, samples}};
  if (op->has_weights()) op->load(step.params);
  for (const std::size_t place : {0, 1, c.src.width, c.src.width + 1}) {
    if (place >= c.src.size()) continue;
    const double number = std::exchange(values.src[place], std::nan(""));
    const std::vector<double> want = reference::forward(c.config, c.src, c.batch, values);
    std::memset(src.data.data(), 0, src.data.bytes());
    write(src, src.data, values.src);
    op->forward(step);
    const std::vector<double> got = read(dst, dst.data);
    const auto is_lost = [](double w, double g) { return std::isnan(w) && !std::isnan(g); };
    EXPECT_EQ(std::inner_product(want.begin(), want.end(), got.begin(), 0, std::plus<>(), is_lost),
              0)
        << op->implementation(OpPhase::kForward) << ", at " << place;
    values.src[place] = number;
  }
}

TEST_P(OpCases, ShowWhatIsNoNumberInF32) {
  expect_shown(GetParam(), Precision::kF32);
}

TEST_P(OpCases, ShowWhatIsNoNumberNeedsBf16) {
  expect_shown(GetParam(), Precision::kBf16);
}

TEST_P(OpCases, AgreeWithTheReferenceInF32) {
  compare_on_threads(GetParam(), Precision::kF32, 1e-5);
}

TEST_P(OpCases, AgreeWithTheReferenceNeedsBf16) {
  // 8 bits of mantissa: one rounding is 2^-9; a gradient through a fused ReLU may flip where the
  // output rounds to 0.
  compare_on_threads(GetParam(), Precision::kBf16, 1e-2);
}

TEST_P(DirectConvolutions, AgreeWithTheReferenceInF32) {
  compare_direct(GetParam(), Precision::kF32, 1e-5);
}

TEST_P(DirectConvolutions, AgreeWithTheReferenceNeedsBf16) {
  compare_direct(GetParam(), Precision::kBf16, 1e-2);
}

TEST_P(OpCases, HaveReferenceGradientsEqualToDifferences) {
  const OpCase& c = GetParam();
  if (pools(c)) return;  // the two it is made of are
  reference::Values values = make_values(c, false);
  const std::vector<double> diff =
      random_values(output_shape(c.config, c.src).size() * std::size_t(c.batch), 3, false);
  const reference::Gradients gradients =
      reference::backward(c.config, c.src, c.batch, values, diff);
  const auto objective = [&] {
    const std::vector<double> dst = reference::forward(c.config, c.src, c.batch, values);
    double sum = 0;
    for (std::size_t i = 0; i < dst.size(); ++i) sum += dst[i] * diff[i];
    return sum;
  };
  const auto check = [&](std::vector<double>& of, const std::vector<double>& gradient) {
    for (std::size_t i = 0; i < of.size(); i += 1 + of.size() / 12) {
      constexpr double kStep = 1e-5;
      const double kept = of[i];
      of[i] = kept + kStep;
      const double up = objective();
      of[i] = kept - kStep;
      const double down = objective();
      of[i] = kept;
      EXPECT_NEAR(gradient[i], (up - down) / (2 * kStep), 1e-4 * (1 + std::abs(gradient[i])));
    }
  };
  check(values.src, gradients.src);
  check(values.kernel, gradients.kernel);
  check(values.bias, gradients.bias);
}

TEST(OpCasesTable, HasARowForEveryOperation) {
  std::set<std::size_t> tested;
  for (const OpCase& c : op_cases()) tested.insert(c.config.index());
  for (std::size_t i = 0; i < std::variant_size_v<OpConfig>; ++i) {
    EXPECT_TRUE(tested.contains(i)) << "no row for alternative " << i << " of OpConfig";
  }
}

std::vector<OpCase> convolutions() {
  std::vector<OpCase> cases = op_cases();
  std::erase_if(cases, [](const OpCase& c) {
    return !std::holds_alternative<ConvConfig>(c.config) || pools(c);
  });
  return cases;
}

std::string name_of(const testing::TestParamInfo<OpCase>& tested) {
  return tested.param.name;
}

INSTANTIATE_TEST_SUITE_P(All, OpCases, testing::ValuesIn(op_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(All, DirectConvolutions, testing::ValuesIn(convolutions()), name_of);

}  // namespace
}  // namespace tailor::internal
