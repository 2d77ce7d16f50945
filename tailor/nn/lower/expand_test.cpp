#include "tailor/nn/lower/expand.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tailor/core/error.hpp"
#include "tailor/nn/lower/pass_names.hpp"
#include "tailor/nn/test_nets.hpp"

namespace tailor::internal {
namespace {

using test::Names;
using test::names_of;

TEST(Expand, MakesOneOperationOfEveryLayerAndOneOfItsActivation) {
  const Spec spec{{1, 8, 8},
                  10,
                  {{Rescaling{}},
                   {ZeroPadding2D{}},
                   {Conv2D{.filters = 4, .activation = "relu"}},
                   {Flatten{}},
                   {Dense{.units = 9, .activation = "gelu_approximate"}},
                   {Dropout{}},
                   {Dense{.units = 10, .activation = "softmax"}}}};
  const Nodes nodes = expand(spec);
  EXPECT_EQ(names_of(nodes),
            (Names{"layers.0 rescaling", "layers.1 zero_padding2d", "layers.2 conv2d",
                   "layers.2.activation relu", "layers.3 flatten", "layers.4 dense",
                   "layers.4.activation gelu_approximate", "layers.5 dropout", "layers.6 dense"}));
  EXPECT_EQ(nodes.list[2].parameters, "layers.2");
  EXPECT_EQ(nodes.list[3].parameters, "");
  EXPECT_TRUE(std::get<Gelu>(config_of<ActivationConfig>(nodes.list[6])->function).approximate);
  EXPECT_TRUE(is_wide(nodes.list.back()));
}

TEST(Expand, NestsBodiesBetweenForkAndJoin) {
  const Residual inner{{{Conv2D{.filters = 2, .padding = "same"}}}};
  const Spec spec{{2, 3, 3}, 2, {{Residual{{{inner}, {ReLU{}}}}}, {GlobalMaxPooling2D{}}}};
  EXPECT_EQ(names_of(expand(spec)),
            (Names{"layers.0 fork", "layers.0.body.0 fork", "layers.0.body.0.body.0 conv2d",
                   "layers.0.body.0 join", "layers.0.body.1 relu", "layers.0 join",
                   "layers.1 global_max_pooling2d"}));
}

// Whatever layer there is puts out what its shape says, through operations.
TEST(Expand, EndsInTheShapeOfEveryLayer) {
  for (const std::string& type : layer_types()) {
    Layer layer = make_layer(type, "test");
    if (auto* residual = std::get_if<Residual>(&layer.kind)) residual->body = {{SiLU{}}};
    const Shape in = type == "dense" ? Shape{6, 1, 1} : Shape{6, 5, 4};
    const Nodes nodes = expand({in, 10, {layer}});
    Source at = nodes.input;
    for (const Node& node : nodes.list) at = after(node, at);
    EXPECT_EQ(at.shape, output_shape(layer, in, type)) << type;
    EXPECT_THAT(to_string(nodes), testing::HasSubstr("layers.0")) << type;
  }
}

TEST(Expand, HasALayerForEveryActivation) {
  std::set<std::size_t> seen;
  for (const std::string& type : layer_types()) {
    if (type == "dense" || type == "residual") continue;
    for (const Node& node : expand({{1, 4, 4}, 10, {make_layer(type, "test")}}).list) {
      const auto* config = config_of<ActivationConfig>(node);
      if (config != nullptr) seen.insert(config->function.index());
    }
  }
  EXPECT_EQ(seen.size(), std::variant_size_v<Activation>) << "of nn/layers/activations.hpp";
}

TEST(Expand, KnowsEveryNamedActivation) {
  for (const std::string& name : activation_names()) {
    const Nodes nodes = expand({{1, 1, 1}, 2, {{Dense{.units = 2, .activation = name}}}});
    EXPECT_EQ(nodes.list.size(), name == "linear" ? 1u : 2u) << name;
  }
  EXPECT_THROW(expand({{1, 1, 1}, 2, {{Dense{.units = 2, .activation = "tanh"}}}}), Error);
}

}  // namespace
}  // namespace tailor::internal
