#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/nn/lower/pass_names.hpp"
#include "tailor/nn/test_nets.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {
namespace {

using test::chosen;
using test::Names;
using test::names_of;
using testing::Contains;

TEST(ChooseKernels, SettlesPoolingByWhoseKernelsRun) {
  KernelChoices library;
  library.otherwise = Kernels::kLibrary;
  Engine own_engine(1);
  Engine library_engine(1, nullptr, &library);
  const Spec spec = test::seed_net(16);
  const Nodes own = chosen(spec, {own_engine, 2, Phase::kTraining, Precision::kF32});
  EXPECT_THAT(names_of(own), Contains("layers.4 conv2d + max_pooling2d"));
  const Nodes other = chosen(spec, {library_engine, 2, Phase::kTraining, Precision::kF32});
  EXPECT_THAT(names_of(other), Contains("layers.4 conv2d"));
  EXPECT_THAT(names_of(other), Contains("layers.5 max_pooling2d"));
  for (const Node& node : other.list) {
    EXPECT_EQ(node.masked_by_consumer, config_of<ConvConfig>(node) != nullptr) << node.name();
  }
}

TEST(ChooseKernels, KeepsImagesUnpaddedWhereTheirReaderTakesThemSo) {
  Engine engine(1);
  const PlanSite site{engine, 2, Phase::kInference, Precision::kF32};
  const auto layout = [&](const Spec& spec) { return chosen(spec, site).input.layout; };
  EXPECT_EQ(layout(test::seed_net(16)), Layout::kPlain);
  EXPECT_EQ(layout({{1, 4, 4}, 10, {{Flatten{}}, {Dense{10}}}}), Layout::kPlain);
  EXPECT_EQ(layout({{1, 4, 4}, 10, {{GELU{}}, {Flatten{}}, {Dense{10}}}}), Layout::kBlocked);
}

TEST(ChooseKernels, NamesItsCasesByOperation) {
  Engine engine(1);
  Nodes nodes = test::fused(test::seed_net(16), Phase::kTraining);
  std::map<std::string, OpCase> choices;
  choose_kernels(nodes, {engine, 2, Phase::kTraining, Precision::kF32}, choices);
  EXPECT_TRUE(choices.contains("conv 3x3 16->32 @6x6 pool f32"));
  EXPECT_EQ(choices.size(), 4u);
}

}  // namespace
}  // namespace tailor::internal
