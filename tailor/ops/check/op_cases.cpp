#include "tailor/ops/check/op_cases.hpp"

namespace tailor::internal {

namespace {

ConvConfig conv(int filters, int kernel, int stride, int pad, bool bias = true, bool relu = false) {
  return {filters, kernel, kernel, stride, stride, {pad, pad, pad, pad}, bias, relu};
}

void add_convolutions(std::vector<OpCase>& cases) {
  cases.push_back({"Conv3x3", conv(16, 3, 1, 1), {16, 8, 8}});
  cases.push_back({"Conv3x3Relu", conv(32, 3, 1, 1, true, true), {16, 14, 14}, 3});
  cases.push_back({"Conv3x3NoBias", conv(32, 3, 1, 1, false), {32, 7, 7}});
  cases.push_back({"ConvValid", conv(16, 3, 1, 0), {16, 9, 9}});
  cases.push_back({"ConvOddChannels", conv(24, 3, 1, 1), {17, 8, 8}, 3});
  cases.push_back({"ConvManyOddChannels", conv(40, 3, 1, 1), {33, 7, 7}, 1});
  cases.push_back({"ConvFewFilters", conv(5, 3, 1, 1, true, true), {3, 10, 10}, 2});
  cases.push_back({"Conv1x1", conv(20, 1, 1, 0), {16, 6, 6}});
  cases.push_back({"Conv5x5", conv(16, 5, 1, 2), {16, 11, 11}, 2});
  cases.push_back({"ConvStride2", conv(16, 3, 2, 1), {16, 8, 8}, 2});
  cases.push_back({"ConvUnevenPadding", ConvConfig{16, 2, 2, 1, 1, {0, 1, 0, 1}}, {16, 7, 7}, 2});
  cases.push_back({"ConvTallWindow", ConvConfig{16, 5, 1, 1, 1, {2, 2, 0, 0}}, {16, 9, 6}, 2});
  cases.push_back({"ConvStride2Uneven", ConvConfig{16, 3, 3, 2, 2, {0, 1, 0, 1}}, {16, 8, 8}, 2});
  cases.push_back({"ConvPlainGray", conv(32, 3, 1, 1, true, true), {1, 28, 28}, 3, true});
  cases.push_back({"ConvPlainRgb", conv(16, 3, 1, 1), {3, 12, 12}, 2, true});
  cases.push_back({"ConvPlainOddFilters", conv(9, 3, 1, 0), {1, 8, 8}, 5, true});
}

// What oneDNN 2.6 has reference kernels for, on one CPU or another: strides that differ or leave
// rows out, windows that are larger than the image, more padding than the window.
void add_unusual_convolutions(std::vector<OpCase>& cases) {
  cases.push_back({"ConvStridesDiffer", ConvConfig{16, 3, 2, 1, 2, {1, 1, 0, 0}}, {3, 9, 12}, 5});
  cases.push_back(
      {"ConvStridesDifferDeep", ConvConfig{17, 3, 4, 2, 3, {0, 1, 1, 1}}, {24, 6, 11}, 3});
  cases.push_back({"ConvGaps", ConvConfig{20, 1, 2, 3, 4, {}, true, true}, {16, 9, 12}, 2});
  cases.push_back({"ConvGapsBeside", ConvConfig{9, 1, 1, 4, 1, {}, false}, {7, 10, 5}, 4});
  cases.push_back({"ConvLargerThanImage", conv(33, 7, 1, 3, true, true), {12, 3, 2}, 3});
  cases.push_back(
      {"ConvTwiceAsHigh", ConvConfig{64, 22, 5, 1, 1, {10, 11, 2, 2}}, {16, 12, 12}, 2});
  cases.push_back({"ConvHighAndThin", ConvConfig{16, 31, 1, 1, 1, {15, 15, 0, 0}}, {17, 12, 9}, 3});
  cases.push_back(
      {"ConvPlainTwiceAsHigh", ConvConfig{8, 22, 1, 1, 1, {10, 11, 0, 0}}, {1, 12, 12}, 3, true});
  cases.push_back({"ConvWholeImage", ConvConfig{40, 6, 5, 1, 1, {}}, {34, 6, 5}, 3});
  cases.push_back({"ConvFarPadding", ConvConfig{8, 2, 3, 2, 1, {4, 3, 5, 1}}, {5, 4, 3}, 2});
  cases.push_back({"ConvLong", ConvConfig{10, 1, 11, 1, 2, {0, 0, 5, 4}}, {20, 3, 14}, 1});
  cases.push_back(
      {"ConvPlainStrided", ConvConfig{12, 5, 3, 2, 1, {2, 1, 1, 1}}, {3, 9, 8}, 3, true});
}

// 3x3 with stride 1: sizes that end in half a tile, in one row or column, in a block of channels
// that is alone or padded, in an odd number of images.
void add_3x3(std::vector<OpCase>& cases) {
  for (const int width : {1, 2, 3, 4, 5, 7, 10, 13, 33}) {
    const std::string name = std::to_string(width);
    cases.push_back({"Conv3x3Wide" + name, conv(32, 3, 1, 1, true, true), {16, 5, width}, 3});
    cases.push_back({"Conv3x3High" + name, conv(16, 3, 1, 1), {32, width, 6}, 1});
    cases.push_back({"ConvPlainWide" + name, conv(32, 3, 1, 1), {1, 5, width}, 3, true});
  }
  cases.push_back({"Conv3x3ThreeBlocks", conv(48, 3, 1, 1, true, true), {48, 9, 9}, 5});
  cases.push_back({"Conv3x3OneChannelEach", conv(1, 3, 1, 1), {1, 6, 6}, 2});
  cases.push_back({"Conv3x3Valid", conv(32, 3, 1, 0, true, true), {16, 8, 11}, 2});
  cases.push_back({"Conv3x3Full", conv(17, 3, 1, 2), {24, 5, 6}, 2});
  cases.push_back(
      {"Conv3x3UnevenPadding", ConvConfig{16, 3, 3, 1, 1, {2, 0, 0, 1}}, {16, 6, 7}, 2});
  cases.push_back({"Conv3x3ManyImages", conv(16, 3, 1, 1), {16, 4, 4}, 37});
  cases.push_back({"ConvPlainValid", conv(40, 3, 1, 0, true, true), {1, 9, 8}, 4, true});
  cases.push_back({"ConvPlainFull", conv(16, 3, 1, 2, false), {1, 5, 5}, 9, true});
}

ConvConfig pooled(ConvConfig c) {
  c.relu = c.pools = true;
  return c;
}

void add_pooled_convolutions(std::vector<OpCase>& cases) {
  cases.push_back({"ConvPool", pooled(conv(32, 3, 1, 1)), {16, 8, 8}, 2});
  cases.push_back({"ConvPoolOddSize", pooled(conv(48, 3, 1, 1)), {17, 7, 9}, 3});
  cases.push_back({"ConvPoolValid", pooled(conv(24, 3, 1, 0, false)), {32, 9, 12}, 1});
  cases.push_back({"ConvPoolOneWindow", pooled(conv(16, 3, 1, 1)), {16, 2, 2}, 5});
  cases.push_back({"ConvPoolPlain", pooled(conv(32, 3, 1, 1)), {1, 28, 28}, 2, true});
  cases.push_back({"ConvPoolPlainOddSize", pooled(conv(20, 3, 1, 1)), {1, 9, 7}, 3, true});
  cases.push_back(
      {"ConvPoolPlainThreeBlocks", pooled(conv(48, 3, 1, 0, false)), {1, 12, 9}, 10, true});
}

void add_dense(std::vector<OpCase>& cases) {
  cases.push_back({"Dense", DenseConfig{128}, {64, 1, 1}, 4});
  cases.push_back({"DenseRelu", DenseConfig{32, true, true}, {48, 1, 1}, 7});
  cases.push_back({"DenseTenClasses", DenseConfig{10}, {128, 1, 1}, 5});
  cases.push_back({"DenseNoBias", DenseConfig{17, false}, {19, 1, 1}, 3});
  cases.push_back({"DenseOverImages", DenseConfig{24, true, true}, {20, 7, 7}, 3});
  cases.push_back({"DenseOverPixels", DenseConfig{16}, {1, 9, 9}, 2, true});
  cases.push_back({"DenseThreePixels", DenseConfig{48}, {17, 1, 3}, 9});
  cases.push_back({"DenseManyPixels", DenseConfig{70, true, true}, {34, 6, 6}, 37});
  cases.push_back({"DenseOverBlocks", DenseConfig{65, false}, {16, 5, 7}, 2});
  cases.push_back({"DenseOneImage", DenseConfig{10}, {64, 1, 1}, 1});
}

void add_pooling(std::vector<OpCase>& cases) {
  cases.push_back({"MaxPool2x2", PoolConfig{}, {16, 8, 8}});
  cases.push_back({"MaxPoolOddSize", PoolConfig{}, {24, 7, 7}, 3});
  cases.push_back({"MaxPoolOverlapping", PoolConfig{true, 3, 3, 2, 2, {1, 1, 1, 1}}, {16, 9, 9}});
  cases.push_back({"MaxPoolGaps", PoolConfig{true, 2, 2, 3, 3, {}}, {5, 8, 8}});
  cases.push_back({"MaxPool3x3", PoolConfig{true, 3, 3, 3, 3, {}}, {16, 9, 9}});
  cases.push_back({"MaxPoolGlobal", PoolConfig{true, 7, 7, 7, 7, {}}, {20, 7, 7}});
  cases.push_back({"MaxPoolGlobalLarge", PoolConfig{true, 28, 28, 28, 28, {}}, {3, 28, 28}, 1});
  cases.push_back({"AveragePool2x2", PoolConfig{false, 2, 2, 2, 2, {}}, {16, 8, 8}});
  cases.push_back({"AveragePoolPadded", PoolConfig{false, 3, 3, 2, 2, {0, 1, 0, 1}}, {17, 8, 8}});
  cases.push_back({"AveragePoolGlobal", PoolConfig{false, 5, 6, 5, 6, {}}, {33, 5, 6}, 4});
}

// Odd channels, so that there are padded lanes; and more than one thread's share.
void add_activations(std::vector<OpCase>& cases) {
  cases.push_back({"Relu", ActivationConfig{Relu{}}, {20, 5, 5}, 3});
  cases.push_back({"LeakyRelu", ActivationConfig{LeakyRelu{0.3}}, {20, 5, 5}, 3});
  cases.push_back({"LeakyReluSlopeZero", ActivationConfig{LeakyRelu{0}}, {7, 3, 5}, 2});
  cases.push_back({"Elu", ActivationConfig{Elu{}}, {20, 5, 5}, 3});
  cases.push_back({"EluSmallAlpha", ActivationConfig{Elu{0.25}}, {37, 1, 1}, 9});
  cases.push_back({"Silu", ActivationConfig{Silu{}}, {20, 5, 5}, 3});
  cases.push_back({"SiluMany", ActivationConfig{Silu{}}, {33, 17, 19}, 5});
  cases.push_back({"Gelu", ActivationConfig{Gelu{}}, {20, 5, 5}, 3});
  cases.push_back({"GeluFlat", ActivationConfig{Gelu{}}, {37, 1, 1}, 9});
  cases.push_back({"GeluApproximate", ActivationConfig{Gelu{true}}, {20, 5, 5}, 3});
}

}  // namespace

std::vector<OpCase> op_cases() {
  std::vector<OpCase> cases;
  add_convolutions(cases);
  add_unusual_convolutions(cases);
  add_3x3(cases);
  add_pooled_convolutions(cases);
  add_dense(cases);
  add_pooling(cases);
  cases.push_back({"BatchNorm", BatchNormConfig{}, {16, 6, 6}, 4});
  cases.push_back({"BatchNormRelu", BatchNormConfig{0.9, 1e-3, true}, {24, 5, 7}, 19});
  cases.push_back({"BatchNormFlat", BatchNormConfig{}, {33, 1, 1}, 8});
  cases.push_back({"BatchNormPool", BatchNormConfig{0.9, 1e-3, true, true}, {16, 6, 8}, 4});
  cases.push_back({"BatchNormPoolOddSize", BatchNormConfig{0.9, 1e-3, true, true}, {17, 7, 5}, 18});
  cases.push_back({"BatchNormLarge", BatchNormConfig{}, {3, 40, 41}, 2});
  add_activations(cases);
  cases.push_back({"DropoutRateZero", DropoutConfig{0}, {20, 5, 5}, 3});
  cases.push_back({"Pad", PadConfig{{1, 2, 3, 0}}, {17, 4, 5}, 2});
  cases.push_back({"Rescale", RescaleConfig{0.25, -1}, {18, 4, 4}, 2});
  cases.push_back({"Flatten", FlattenConfig{}, {5, 3, 4}, 3});
  return cases;
}

}  // namespace tailor::internal
