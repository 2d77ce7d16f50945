// Against sums of whole numbers: what a byte of the result must be is known to the last half.
#include "tailor/ops/own/int8/int8.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/ops/check/reference.hpp"
#include "tailor/ops/own/values.hpp"

namespace tailor::internal::int8 {
namespace {

struct Case {
  std::string name;
  OpConfig config;
  Shape src;
  int batch = 2;
  bool image = false;      // unpadded channels
  bool is_signed = false;  // the source
  bool largest = false;    // all bytes and weights as large as they get
  bool logits = false;     // f32 result
};

ConvConfig conv(int filters, int kernel, int stride, int pad, bool relu = true) {
  return {filters, kernel, kernel, stride, stride, {pad, pad, pad, pad}, true, relu};
}

std::vector<Case> cases() {
  return {
      {"Conv3x3", conv(32, 3, 1, 1), {16, 14, 14}},
      {"ConvOddChannelsAndSizes", conv(40, 3, 1, 1), {17, 7, 9}, 3},
      {"ConvOneWide", conv(16, 3, 1, 1), {33, 5, 1}, 3},
      {"ConvLinear", conv(24, 3, 1, 1, false), {16, 6, 5}},
      {"ConvOfSigned", conv(24, 3, 1, 1), {19, 6, 5}, 2, false, true},
      {"ConvLargestSums", conv(16, 3, 1, 1), {64, 6, 6}, 1, false, false, true},
      {"ConvLargestSignedSums", conv(16, 3, 1, 1, false), {64, 6, 6}, 1, false, true, true},
      {"ConvGrayImages", conv(32, 3, 1, 1), {1, 28, 28}, 3, true},
      {"ConvColourImages", conv(9, 3, 1, 0), {3, 12, 11}, 2, true},
      {"ConvFiveChannelImages", conv(16, 3, 1, 1), {5, 7, 7}, 2, true},
      {"Conv1x1", conv(20, 1, 1, 0), {16, 6, 6}},
      {"Conv5x5", conv(16, 5, 1, 2), {18, 11, 11}},
      {"ConvStride2", conv(16, 3, 2, 1), {16, 9, 8}},
      {"ConvUnevenPadding", ConvConfig{16, 2, 2, 1, 1, {0, 1, 0, 1}}, {16, 7, 7}},
      {"ConvWithoutBias", ConvConfig{16, 3, 3, 1, 1, {1, 1, 1, 1}, false, true}, {16, 7, 7}},
      {"Dense", DenseConfig{128, true, true}, {64, 1, 1}, 4},
      {"DenseOddSizes", DenseConfig{17, false, true}, {19, 1, 1}, 3},
      {"DenseOverMaps", DenseConfig{24, true, true}, {20, 7, 7}, 3},
      {"DenseOverImages", DenseConfig{16, true, true}, {1, 9, 9}, 2, true},
      {"DenseOfSigned", DenseConfig{33}, {70, 1, 1}, 5, false, true},
      {"DenseLogits", DenseConfig{10}, {128, 1, 1}, 5, false, false, false, true},
      {"DenseLogitsOverMaps", DenseConfig{3}, {20, 3, 2}, 1, false, false, false, true},
      {"MaxPool2x2", PoolConfig{}, {16, 8, 8}},
      {"MaxPoolOddSize", PoolConfig{}, {24, 7, 5}, 3},
      {"MaxPoolOfSigned", PoolConfig{true, 3, 3, 2, 2, {1, 1, 1, 1}}, {17, 9, 9}, 2, false, true},
      {"MaxPoolGlobal", PoolConfig{true, 7, 6, 7, 6, {}}, {20, 7, 6}},
      {"MaxPoolImages", PoolConfig{}, {3, 6, 6}, 2, true},
  };
}

bool has_relu(const OpConfig& config) {
  return std::visit(
      [](const auto& c) {
        if constexpr (requires { c.relu; }) return c.relu;
        return false;
      },
      config);
}

// The tensors of a case and what stands in the source, in channel, row, column order.
struct Setting {
  explicit Setting(const Case& c)
      : engine(2),
        src(c.src, c.batch, Layout::kChannelsLast, Precision::kInt8, c.image ? 1 : engine.lanes(),
            false),
        dst(output_shape(c.config, c.src), c.batch, Layout::kChannelsLast, Precision::kInt8,
            std::holds_alternative<PoolConfig>(c.config) ? src.lanes : engine.lanes(), false),
        bytes(c.src.size() * std::size_t(c.batch)) {
    src.is_signed = c.is_signed;
    src.range = c.is_signed ? 1.27f : 2.55f;
    const bool pools = std::holds_alternative<PoolConfig>(c.config);
    dst.is_signed = pools ? c.is_signed : !has_relu(c.config);
    if (c.logits) dst.widen_data();
    const Rng rng(5, Purpose::kDraw, 0);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const int drawn = int(rng.uniform(i) * (c.is_signed ? 255 : 256)) - (c.is_signed ? 127 : 0);
      bytes[i] = c.largest ? (c.is_signed ? -127 : 255) : drawn;
    }
  }

  void fill() {
    std::fill_n(simd::values<std::uint8_t>(src.data), src.data.bytes(), 0);
    std::fill_n(simd::values<std::uint8_t>(dst.data), dst.data.bytes(), 0xaa);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      simd::values<std::uint8_t>(src.data)[at(src, i)] = std::uint8_t(bytes[i]);
    }
  }

  // Where value i of a channels-last tensor lies.
  static std::size_t at(const Tensor& t, std::size_t i) {
    const std::size_t within = i % t.shape.size();
    return i / t.shape.size() * t.image_size() + within % t.plane() * std::size_t(t.channels) +
           within / t.plane();
  }

  double result(std::size_t i) const {
    if (dst.precision == Precision::kF32) {
      const std::size_t classes = std::size_t(dst.shape.channels);
      return simd::values<float>(dst.data)[i / classes * std::size_t(dst.channels) + i % classes];
    }
    const std::uint8_t byte = simd::values<std::uint8_t>(dst.data)[at(dst, i)];
    return dst.is_signed ? std::int8_t(byte) : int(byte);
  }

  Engine engine;
  Tensor src, dst;
  std::vector<int> bytes;
};

std::vector<float> random_weights(std::size_t count, std::uint32_t stream, double width) {
  const Rng rng(7, Purpose::kDraw, stream);
  std::vector<float> list(count);
  for (std::size_t i = 0; i < count; ++i) list[i] = float(width * rng.normal(i));
  return list;
}

// Whole weights, as the operation is to round them, and what 1 stands for.
struct Rounded {
  std::vector<double> kernel;
  std::vector<double> scales;  // by output
};

Rounded rounded(const std::vector<float>& kernel, std::size_t outputs) {
  Rounded r;
  const std::size_t inputs = kernel.size() / outputs;
  for (std::size_t o = 0; o < outputs; ++o) {
    double largest = 0;
    for (std::size_t i = 0; i < inputs; ++i) {
      largest = std::max(largest, double(std::abs(kernel[o * inputs + i])));
    }
    r.scales.push_back(largest / 127);
    for (std::size_t i = 0; i < inputs; ++i) {
      r.kernel.push_back(std::nearbyint(kernel[o * inputs + i] / float(largest / 127)));
    }
  }
  return r;
}

class Int8Cases : public testing::TestWithParam<Case> {};

TEST_P(Int8Cases, AgreeWithSumsOfWholeNumbersNeedsVnni) {
  const Case& c = GetParam();
  Setting s(c);
  ASSERT_TRUE(fits(c.config, {s.engine, s.src, s.dst}));
  const auto op = int8::make_op(c.config, {s.engine, s.src, s.dst});
  const Buffer scratch = bind_alone(*op, s.engine);
  s.fill();

  const reference::ParamSizes sizes = reference::param_sizes(c.config, c.src);
  std::vector<float> kernel = random_weights(sizes.kernel, 1, 0.1);
  if (c.largest) std::fill(kernel.begin(), kernel.end(), 0.5f);
  const std::vector<float> bias = random_weights(sizes.bias, 2, 1);
  const auto outputs = std::size_t(s.dst.shape.channels);
  const bool weighted = sizes.kernel > 0;
  const Rounded whole = weighted ? rounded(kernel, outputs) : Rounded{};
  // Without the ReLU, which comes after the bias.
  const auto real = [&](std::size_t i, const std::vector<double>& linear) {
    if (!weighted) return linear[i] * double(s.src.scale());
    const std::size_t o = i / s.dst.plane() % outputs;
    const double unit = double(s.src.scale()) * whole.scales[o];
    return linear[i] * unit + (bias.empty() ? 0 : bias[o]);
  };
  OpConfig linear_config = c.config;
  std::visit(
      [](auto& config) {
        if constexpr (requires { config.relu; }) config.relu = false;
      },
      linear_config);
  const std::vector<double> linear = reference::forward(
      linear_config, c.src, c.batch,
      {{s.bytes.begin(), s.bytes.end()}, whole.kernel, std::vector<double>(sizes.bias, 0.0)});
  double largest = 0;
  for (std::size_t i = 0; i < linear.size(); ++i)
    largest = std::max(largest, std::abs(real(i, linear)));
  s.dst.range = weighted ? float(0.8 * largest) : s.src.range;  // some are cut off
  op->load({kernel, bias, {}, {}});
  op->forward({});

  const double low = s.dst.is_signed ? -128 : 0;
  const double high = s.dst.is_signed ? 127 : 255;
  for (std::size_t i = 0; i < linear.size(); ++i) {
    if (c.logits) {
      ASSERT_NEAR(s.result(i), real(i, linear), 1e-5 * largest) << i;
    } else {
      const double want = std::clamp(real(i, linear) / double(s.dst.scale()), low, high);
      ASSERT_NEAR(s.result(i), want, 0.501) << i;
    }
  }
}

TEST_P(Int8Cases, LeaveZerosInPaddedChannelsNeedsVnni) {
  const Case& c = GetParam();
  Setting s(c);
  const auto op = int8::make_op(c.config, {s.engine, s.src, s.dst});
  const Buffer scratch = bind_alone(*op, s.engine);
  s.fill();
  s.dst.range = 3;
  const reference::ParamSizes sizes = reference::param_sizes(c.config, c.src);
  op->load({random_weights(sizes.kernel, 1, 0.1), random_weights(sizes.bias, 2, 1), {}, {}});
  op->forward({});
  const std::size_t value = value_bytes(s.dst.precision);
  for (std::size_t i = 0; i < s.dst.data.bytes(); ++i) {
    if (i / value % std::size_t(s.dst.channels) < std::size_t(s.dst.shape.channels)) continue;
    ASSERT_EQ(simd::values<std::uint8_t>(s.dst.data)[i], 0) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Int8Cases, testing::ValuesIn(cases()),
                         [](const auto& instance) { return instance.param.name; });

TEST(Int8, RoundsAndCutsOffOnTheWayFromF32AndBack) {
  Engine engine(2);
  for (const bool is_signed : {false, true}) {
    const Shape shape{engine.lanes() + 1, 3, 5};
    Tensor real(shape, 2, Layout::kBlocked, Precision::kF32, engine.lanes(), false);
    Tensor bytes(shape, 2, Layout::kChannelsLast, Precision::kInt8, engine.lanes(), false);
    Tensor back = real;
    bytes.is_signed = is_signed;
    bytes.range = 2;
    const auto there = make_conversion(engine, real, bytes);
    const auto again = make_conversion(engine, bytes, back);
    const Buffer a = bind_alone(*there, engine);
    const Buffer b = bind_alone(*again, engine);
    const auto drawn = random_weights(real.size(), 3, 1);
    const auto values = real.data.floats();
    for (std::size_t i = 0; i < real.size(); ++i) {
      const bool padded =
          i / (real.plane() * std::size_t(real.lanes)) % 2 == 1 && i % std::size_t(real.lanes) > 0;
      values[i] = padded ? 0 : drawn[i];
    }
    there->forward({});
    again->forward({});
    const float low = is_signed ? -128 * bytes.scale() : 0;
    for (std::size_t i = 0; i < real.size(); ++i) {
      ASSERT_NEAR(back.data.floats()[i], std::clamp(values[i], low, 2.f), 0.501 * bytes.scale());
    }
  }
}

TEST(Int8, TakesImagesAsTheyAre) {
  Engine engine(1);
  Tensor bytes({3, 4, 5}, 2, Layout::kChannelsLast, Precision::kInt8, 1, false);
  bytes.data = Buffer(bytes.data.bytes());
  std::vector<std::uint8_t> image(60);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = std::uint8_t(i * 5);
  const std::uint8_t* images[] = {image.data(), image.data()};
  read_images(engine, images, 1. / 255, 0, bytes);
  bytes.range = 1;
  std::vector<float> values(60);
  read_values(bytes, 1, values);
  // channel 2, row 1, column 3
  EXPECT_FLOAT_EQ(values[2 * 20 + 1 * 5 + 3], float(image[(1 * 5 + 3) * 3 + 2]) / 255);
}

TEST(Int8, HasNoKernelForWhatIsNotASumOrAMaximum) {
  Engine engine(1);
  Tensor src({16, 4, 4}, 1, Layout::kChannelsLast, Precision::kInt8, engine.lanes(), false);
  Tensor dst = src;
  for (const OpConfig& config : {OpConfig(BatchNormConfig{}), OpConfig(ActivationConfig{}),
                                 OpConfig(PoolConfig{.max = false})}) {
    EXPECT_FALSE(fits(config, {engine, src, dst}));
    EXPECT_THROW(internal::make_op(config, {engine, src, dst}), Error);
  }
}

}  // namespace
}  // namespace tailor::internal::int8
