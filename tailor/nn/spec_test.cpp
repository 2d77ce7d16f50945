#include "tailor/nn/spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
