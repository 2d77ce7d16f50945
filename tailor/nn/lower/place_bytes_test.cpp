#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/nn/lower/pass_names.hpp"
#include "tailor/nn/test_nets.hpp"

namespace tailor::internal {
namespace {

using test::Names;
using test::names_of;

Nodes placed(const Spec& spec) {
  Engine engine(1);
  const PlanSite site{engine, 2, Phase::kInference, Precision::kInt8};
  Nodes nodes = test::chosen(spec, site);
  place_bytes(nodes, site);
  return nodes;
}

TEST(PlaceBytes, KeepsTheSeedNetInBytesNeedsVnni) {
  const Nodes nodes = placed(test::seed_net(16));
  for (const Node& node : nodes.list) EXPECT_TRUE(node.is_int8) << node.name();
  EXPECT_TRUE(nodes.input.is_int8);
}

// A ReLU is where bytes end at 0; other functions have no kernel in bytes.
TEST(PlaceBytes, ConvertsAroundWhatHasNoKernelInBytesNeedsVnni) {
  const Conv2D conv{.filters = 16, .padding = "same", .activation = "silu"};
  const Spec spec{
      {1, 8, 8}, 10, {{Rescaling{}}, {conv}, {conv}, {ReLU{}}, {Flatten{}}, {Dense{10}}}};
  EXPECT_EQ(
      names_of(placed(spec)),
      (Names{"layers.1 conv2d", "layers.1.activation from int8", "layers.1.activation silu",
             "layers.2 to int8", "layers.2 conv2d", "layers.2.activation from int8",
             "layers.2.activation silu", "layers.3 relu", "layers.5 to int8", "layers.5 dense"}));
}

TEST(PlaceBytes, ReadsImagesThatHaveAnOffsetAsF32NeedsVnni) {
  const Spec spec{{1, 8, 8}, 10, {{Rescaling{1. / 127.5, -1}}, {Flatten{}}, {Dense{10}}}};
  const Nodes nodes = placed(spec);
  EXPECT_FALSE(nodes.input.is_int8);
  EXPECT_EQ(names_of(nodes).front(), "layers.2 to int8");
}

}  // namespace
}  // namespace tailor::internal
