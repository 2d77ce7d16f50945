#include "tailor/nn/spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>

#include "tailor/core/error.hpp"
#include "tailor/nn/params.hpp"
#include "tailor/nn/test_nets.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using testing::HasSubstr;

std::string refusal(const Spec& spec) {
  return refusal_of([&] { validate(spec); });
}

TEST(Spec, CountsTheSeedNetsParametersAsKerasDoes) {
  ModelOptions options;  // kernels 32, dense 128
  const ParamTable table = param_table(make_spec(options, {1, 28, 28}, 10));
  EXPECT_EQ(table.weight_count, 421642u);  // Keras's summary() of the same stack
  EXPECT_EQ(table.state_count, 0u);
}

TEST(Spec, CountsMultiplyAddsWithPadding) {
  Conv2D conv;
  conv.filters = 4;
  conv.padding = "same";
  const Spec spec{{2, 5, 5}, 100, {{conv}, {Flatten{}}}};
  EXPECT_EQ(multiply_adds(spec), 5 * 5 * 4 * 2 * 9);
}

TEST(Spec, CountsWholeBlocksOfChannelsWhereAskedTo) {
  const auto cost = [](int filters) {
    Conv2D conv;
    conv.filters = filters;
    return multiply_adds({{1, 6, 6}, 10, {{conv}, {conv}}}, 16);
  };
  EXPECT_EQ(cost(17), cost(32));
  EXPECT_LT(cost(16), cost(17));
  EXPECT_EQ(cost(16), 4 * 4 * 16 * 9 + 2 * 2 * 16 * 16 * 9);  // the one gray channel stays one
}

TEST(Spec, ComputesKerassShapes) {
  Conv2D conv;
  conv.strides = {2, 2};
  EXPECT_EQ(output_shape({conv}, {1, 28, 28}, ""), (Shape{32, 13, 13}));
  conv.padding = "same";
  EXPECT_EQ(output_shape({conv}, {1, 27, 28}, ""), (Shape{32, 14, 14}));
  EXPECT_EQ(output_shape({MaxPooling2D{}}, {8, 7, 7}, ""), (Shape{8, 3, 3}));
  EXPECT_EQ(output_shape({MaxPooling2D{{2, 2}, {}, "same"}}, {8, 7, 7}, ""), (Shape{8, 4, 4}));
  EXPECT_EQ(output_shape({ZeroPadding2D{{1, 2, 3, 4}}}, {1, 5, 5}, ""), (Shape{1, 8, 12}));
  EXPECT_EQ(output_shape({Flatten{}}, {3, 4, 5}, ""), (Shape{60, 1, 1}));
}

TEST(Spec, NamesTheLayerThatDoesNotFit) {
  EXPECT_THAT(refusal({{1, 2, 2}, 10, {{MaxPooling2D{{3, 3}}}, {Flatten{}}}}),
              HasSubstr("layer 0 (max_pooling2d): a window of 3x3 does not fit into 2x2x1"));
  EXPECT_THAT(refusal({{1, 2, 2}, 10, {{Dense{10}}}}), HasSubstr("put a flatten before it"));
  EXPECT_THAT(refusal({{1, 2, 2}, 10, {{Flatten{}}, {Dense{7}}}}),
              HasSubstr("ends in 7 values per image, but the data has 10 classes"));
  EXPECT_THAT(refusal({{1, 2, 2}, 10, {}}), HasSubstr("no layers"));
  EXPECT_THAT(refusal({{1, 4, 4}, 10, {{Residual{{{MaxPooling2D{}}}}}, {Flatten{}}}}),
              HasSubstr("a residual adds the two"));
  Dense soft{10};
  soft.activation = "softmax";
  EXPECT_THAT(refusal({{1, 2, 2}, 10, {{Flatten{}}, {soft}, {Dense{10}}}}),
              HasSubstr("softmax is for the last layer only"));
}

constexpr int kLargest = std::numeric_limits<int>::max();

TEST(Spec, RefusesLayersThatPutOutMoreThanTheyMay) {
  const Conv2D many{.filters = kLargest, .kernel_size = {1, 1}};
  const Conv2D around{.filters = 1, .kernel_size = {255, 255}, .padding = "same"};
  const Conv2D far{.filters = 1, .kernel_size = {1, 1}, .strides = {kLargest, kLargest}};
  const std::vector<std::pair<Shape, Layer>> too_large = {
      {{1, 1 << 16, 1 << 16}, {Flatten{}}},  // 2^32 values: 0 in 32 bits
      {{kLargest, kLargest, kLargest}, {ReLU{}}},
      {{1, 8, 8}, {ZeroPadding2D{{kLargest, kLargest, 0, 0}}}},
      {{1, 8, 8}, {ZeroPadding2D{{1 << 15, 0, 1 << 15, 0}}}},
      {{1, 8, 8}, {many}},
      {{1, 1, 1 << 28}, {around}},  // what it reads with zeros around it
  };
  for (const auto& [input, layer] : too_large) {
    EXPECT_THAT(refusal({input, 10, {layer, {Flatten{}}, {Dense{10}}}}),
                HasSubstr("values for one image are more than the 1,073,741,824"))
        << layer_type(layer);
  }
  EXPECT_EQ(output_shape({far}, {1, 1, 1 << 30}, ""), (Shape{1, 1, 1}));
}

TEST(Spec, RefusesMoreWeightsThanItMayHave) {
  const Dense wide{.units = 1 << 20, .use_bias = false};
  const Dense one{.units = 1, .use_bias = false};
  EXPECT_EQ(refusal({{1 << 20, 1, 1}, 1 << 20, {{wide}}}), "");  // 2^40, the most
  EXPECT_THAT(refusal({{1 << 20, 1, 1}, 1, {{wide}, {one}}}),
              HasSubstr("layers.1.kernel: with it the model has more weights than the "
                        "1,099,511,627,776 that it may"));
  Spec wraps{{1 << 20, 1, 1}, 1, {}};  // 2^64 in all: 0 in 64 bits
  for (int i = 0; i < 4000; ++i) wraps.layers.push_back({wide});
  wraps.layers.push_back({one});
  EXPECT_THAT(refusal(wraps), HasSubstr("layers.1.kernel"));
  EXPECT_THAT(refusal_of([&] { param_table(wraps); }), HasSubstr("layers.1.kernel"));
}

TEST(Spec, RefusesMoreLayersThanItMayHave) {
  Spec many{{1, 1, 1}, 1, std::vector<Layer>(4095, Layer{ReLU{}})};
  many.layers.push_back({Dense{1}});
  EXPECT_EQ(refusal(many), "");
  many.layers.push_back({Dense{1}});
  EXPECT_THAT(refusal(many), HasSubstr("more than the 4,096 layers"));
  Layer nested = {ReLU{}};
  for (int i = 0; i < 64; ++i) nested = {Residual{{nested}}};
  EXPECT_EQ(refusal({{1, 1, 1}, 1, {nested, {Dense{1}}}}), "");
  EXPECT_THAT(refusal({{1, 1, 1}, 1, {{Residual{{nested}}}, {Dense{1}}}}),
              HasSubstr("more than 64 residuals within each other"));
}

// All of it in a moment, whatever the number of layers and of residuals around them.
TEST(Spec, OfTheMostLayersIsSummarizedAtOnce) {
  Layer nested = {ReLU{}};
  for (int i = 0; i < 60; ++i) {
    std::vector<Layer> body(30, Layer{BatchNormalization{}});
    body.push_back(nested);
    nested = {Residual{body}};
  }
  Spec long_net{{4, 4, 4}, 2, std::vector<Layer>(2000, Layer{BatchNormalization{}})};
  long_net.layers.insert(long_net.layers.end(), {nested, {Flatten{}}, {Dense{2}}});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(refusal(long_net), "");
  EXPECT_THAT(summary(long_net), HasSubstr("trainable parameters"));
  EXPECT_GT(multiply_adds(long_net), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Spec, SuggestsTheNearestLayerType) {
  try {
    make_layer("conv2D", "model.layer 3");
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(),
                HasSubstr("model.layer 3: unknown layer type 'conv2D'; did you mean 'conv2d'?"));
  }
}

TEST(Spec, SummarizesLayerByLayer) {
  const std::string text = summary(test::seed_net(8, {1, 28, 28}));
  EXPECT_THAT(text, HasSubstr("conv2d(filters=8, activation=\"relu\")"));
  EXPECT_THAT(text, HasSubstr("dropout(rate=0.4)"));
  EXPECT_THAT(text, HasSubstr("7x7x16"));
}

TEST(Params, StartWithinGlorotsLimitsAndZeroBiases) {
  const Spec spec = test::seed_net(16);
  Params p = init_params(spec, 42);
  const TensorInfo& kernel = p.table.weights[0];
  const TensorInfo& bias = p.table.weights[1];
  EXPECT_EQ(kernel.name, "layers.2.kernel");
  const double limit = std::sqrt(6.0 / (9 * 1 + 9 * 16));
  double largest = 0;
  for (const float w : p.tensor(kernel, p.weights))
    largest = std::max(largest, double(std::abs(w)));
  EXPECT_LE(largest, limit);
  EXPECT_GT(largest, 0.9 * limit);
  for (const float b : p.tensor(bias, p.weights)) EXPECT_EQ(b, 0);
}

TEST(Params, DrawHeNormalWithItsDeviation) {
  Dense dense{500};
  dense.kernel_initializer = "he_normal";
  const Spec spec{{1, 20, 20}, 500, {{Flatten{}}, {dense}}};
  Params p = init_params(spec, 1);
  double squares = 0;
  const auto kernel = p.tensor(p.table.weights[0], p.weights);
  for (const float w : kernel) squares += double(w) * w;
  EXPECT_NEAR(std::sqrt(squares / double(kernel.size())), std::sqrt(2.0 / 400), 0.001);
}

TEST(Params, PenalizeAsKerasDoes) {
  Dense dense{1};
  dense.kernel_regularizer = {0.1, 0.01};
  const Spec spec{{1, 1, 2}, 1, {{Flatten{}}, {dense}}};
  Params p = init_params(spec, 1);
  const auto w = p.weights.floats();
  w[0] = 3;
  w[1] = -4;
  w[2] = 100;  // the bias is not penalized
  std::vector<float> g(3);
  EXPECT_NEAR(add_penalty_gradient(penalized(p.table), 0, w, g), 0.1 * 7 + 0.01 * 25, 1e-9);
  EXPECT_NEAR(g[0], 0.1 + 0.06, 1e-6);
  EXPECT_NEAR(g[1], -0.1 - 0.08, 1e-6);
  EXPECT_EQ(g[2], 0);
}

}  // namespace
}  // namespace tailor::internal
