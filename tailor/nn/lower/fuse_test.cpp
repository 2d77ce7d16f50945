#include <gtest/gtest.h>

#include "tailor/core/error.hpp"
#include "tailor/nn/lower/pass_names.hpp"

namespace tailor::internal {
namespace {

using test::fused;
using test::Names;
using test::names_of;

const Conv2D kSame{.filters = 8, .padding = "same"};

TEST(Fuse, MeltsRescalingZerosReluAndFlattenAndMarksPooling) {
  const Spec spec{{1, 8, 8},
                  10,
                  {{Rescaling{0.5, -1}},
                   {ZeroPadding2D{{1, 2, 3, 4}}},
                   {Conv2D{.filters = 8}},
                   {ReLU{}},
                   {MaxPooling2D{}},
                   {Flatten{}},
                   {Dropout{}},
                   {Dense{10}}}};
  const Nodes nodes = fused(spec, Phase::kTraining);
  EXPECT_EQ(names_of(nodes), (Names{"layers.2 conv2d", "layers.4 max_pooling2d", "layers.6 dropout",
                                    "layers.7 dense"}));
  EXPECT_EQ(nodes.input_scale, 0.5);
  EXPECT_TRUE(nodes.input.is_signed);
  const Node& conv = nodes.list.front();
  EXPECT_EQ(config_of<ConvConfig>(conv)->pad, (Padding2D{1, 2, 3, 4}));
  EXPECT_TRUE(config_of<ConvConfig>(conv)->relu);
  EXPECT_EQ(conv.zeros, "layers.1");
  EXPECT_TRUE(conv.halved);
  EXPECT_TRUE(conv.reads_images);
}

TEST(Fuse, LeavesOtherActivationsOperationsOfTheirOwn) {
  for (const char* name : {"leaky_relu", "silu", "gelu", "gelu_approximate"}) {
    Conv2D conv = kSame;
    conv.activation = name;
    const Spec spec{{1, 4, 4}, 10, {{conv}, {MaxPooling2D{}}, {Flatten{}}, {GELU{}}, {Dense{10}}}};
    const Nodes nodes = fused(spec, Phase::kInference);
    EXPECT_EQ(names_of(nodes),
              (Names{"layers.0 conv2d", "layers.0.activation " + std::string(name),
                     "layers.1 max_pooling2d", "layers.3 gelu", "layers.4 dense"}));
    EXPECT_FALSE(config_of<ConvConfig>(nodes.list.front())->relu);
    EXPECT_FALSE(nodes.list.front().halved);
  }
}

TEST(Fuse, FoldsABatchNormalisationOnlyForInference) {
  const Spec spec{
      {1, 4, 4}, 8, {{kSame}, {BatchNormalization{}}, {ReLU{}}, {MaxPooling2D{}}, {ReLU{}}}};
  EXPECT_EQ(
      names_of(fused(spec, Phase::kTraining)),
      (Names{"layers.0 conv2d", "layers.1 batch_normalization + max_pooling2d", "layers.4 relu"}));
  const Nodes nodes = fused(spec, Phase::kInference);
  EXPECT_EQ(names_of(nodes), (Names{"layers.0 conv2d + batch_normalization",
                                    "layers.3 max_pooling2d", "layers.4 relu"}));
  EXPECT_EQ(nodes.list.front().norm, "layers.1");
}

TEST(Fuse, PutsDownWhatNothingTakes) {
  const Spec spec{{1, 4, 4}, 36, {{ZeroPadding2D{}}, {ZeroPadding2D{}}, {SiLU{}}, {Flatten{}}}};
  EXPECT_EQ(names_of(fused(spec, Phase::kInference)),
            (Names{"layers.1 zero_padding2d", "layers.2 silu", "layers.3 flatten"}));
}

TEST(Fuse, CopiesABodyThatOnlyPassesOnAndNumbersDropouts) {
  const Spec spec{{4, 1, 1}, 4, {{Dropout{}}, {Residual{{{Flatten{}}}}}, {Dropout{}}}};
  const Nodes nodes = fused(spec, Phase::kTraining);
  EXPECT_EQ(names_of(nodes), (Names{"layers.0 dropout", "layers.1 fork", "layers.1 residual copy",
                                    "layers.1 join", "layers.2 dropout"}));
  EXPECT_EQ(config_of<DropoutConfig>(nodes.list[2])->stream, 1u);
  EXPECT_EQ(config_of<DropoutConfig>(nodes.list[4])->stream, 2u);
  EXPECT_EQ(names_of(fused(spec, Phase::kInference)), (Names{"layers.1 fork", "layers.1 join"}));
}

TEST(Fuse, RefusesMoreDropoutsThanCanBeToldApart) {
  Spec spec{{4, 1, 1}, 4, {}};
  spec.layers.assign(DropoutConfig::kMaxLayers + 1, {Dropout{}});
  EXPECT_THROW(fused(spec, Phase::kTraining), Error);
  EXPECT_NO_THROW(fused(spec, Phase::kInference));
}

}  // namespace
}  // namespace tailor::internal
