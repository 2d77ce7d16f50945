// Small nets and batches the tests of nn/ and train/ share.
#pragma once

#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/nn/zoo.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal::test {

inline Spec seed_net(int kernels, const Shape& input = {1, 12, 12}, double dropout = 0.4) {
  ModelOptions options;
  options.kernels = kernels;
  options.dropout = dropout;
  options.dense = 32;
  return make_spec(options, input, 10);
}

inline Spec air_net(int kernels, const Shape& input = {1, 12, 12}) {
  ModelOptions options;
  options.name = "air";
  options.kernels = kernels;
  return make_spec(options, input, 10);
}

inline std::vector<Precision> precisions() {
  if (cpu_info().native_bf16) return {Precision::kF32, Precision::kBf16};
  return {Precision::kF32};
}

// Convolutions that the library computes: windows of 5 and 2, strides, and a dense layer over what
// they leave.
inline std::vector<Spec> library_nets(const Shape& input = {1, 12, 12}) {
  const auto net = [&](const Conv2D& conv) {
    return Spec{input, 10, {{Rescaling{}}, {conv}, {ReLU{}}, {conv}, {Flatten{}}, {Dense{10}}}};
  };
  return {net({.filters = 24, .kernel_size = {5, 5}, .padding = "same"}),
          net({.filters = 20, .kernel_size = {2, 2}}),
          net({.filters = 18, .kernel_size = {3, 3}, .strides = {2, 2}, .padding = "same"}),
          net({.filters = 16, .kernel_size = {1, 1}})};
}

// Odd channels and sizes, residuals, explicit padding, overlapping and global pooling, ReLUs fused
// and alone: whatever leaves lanes, rows or columns that nothing counts.
inline std::vector<Spec> odd_nets() {
  const auto conv = [](int filters, bool same = true, bool bias = true) {
    return Conv2D{.filters = filters, .padding = same ? "same" : "valid", .use_bias = bias};
  };
  const Conv2D strided{.filters = 21, .kernel_size = {1, 1}, .strides = {2, 2}, .padding = "same"};
  const Conv2D rectified{.filters = 19, .padding = "same", .activation = "relu"};
  const MaxPooling2D overlapping{{3, 3}, {2, 2}};
  const Dense dense{10};
  const Layer body = {Residual{{{BatchNormalization{}}, {ReLU{}}, {conv(17)}, {Dropout{0.2}}}}};
  return {
      seed_net(17, {1, 13, 11}),
      seed_net(16, {3, 9, 15}),
      air_net(17, {1, 15, 13}),
      {{1, 9, 9}, 10, {{conv(17)}, body, {MaxPooling2D{}}, body, {Flatten{}}, {dense}}},
      {{5, 11, 9},
       10,
       {{Rescaling{1. / 255, 0.5}},
        {ZeroPadding2D{{3, 2, 1, 4}}},
        {rectified},
        {MaxPooling2D{}},
        {strided},
        {ReLU{}},
        {overlapping},
        {Dropout{0.3}},
        {Flatten{}},
        {dense}}},
      {{2, 8, 9},
       10,
       {{BatchNormalization{}},
        {ZeroPadding2D{{1, 2, 3, 1}}},
        {AveragePooling2D{}},
        {conv(7, false, false)},
        {BatchNormalization{}},
        {Residual{{{ReLU{}}}}},
        {GlobalAveragePooling2D{}},
        {dense}}},
      {{1, 9, 7},
       10,
       {{Rescaling{}},
        {Conv2D{.filters = 18, .activation = "gelu"}},
        {LeakyReLU{}},
        {Residual{{{SiLU{}}, {conv(18)}}}},
        {Flatten{}},
        {GELU{true}},
        {Dense{.units = 21, .activation = "silu"}},
        {dense}}},
  };
}

// Random bytes as images, with labels and rows.
struct RandomBatch {
  RandomBatch(const Shape& shape, int count, std::uint32_t first_row = 0) {
    const Rng rng(3, Purpose::kDraw, first_row);
    for (std::size_t i = 0; i < shape.size() * std::size_t(count); ++i) {
      bytes.push_back(std::uint8_t(rng.uniform(i) * 256));
    }
    for (int n = 0; n < count; ++n) {
      images.push_back(bytes.data() + std::size_t(n) * shape.size());
      labels.push_back(Label(n % 10));
      rows.push_back(first_row + std::uint32_t(n));
    }
  }
  std::vector<std::uint8_t> bytes;
  std::vector<const std::uint8_t*> images;
  std::vector<Label> labels;
  std::vector<std::uint32_t> rows;
};

// A plan with weights in it, and a batch to run it on.
struct LoadedPlan {
  LoadedPlan(const Spec& spec, int count, Phase phase, Precision precision, int threads = 1)
      : batch(spec.input, count),
        params(init_params(spec, 1)),
        gradients(params.table.weight_count),
        engine(threads),
        plan(spec, engine, count, phase, precision) {
    plan.load(params);
  }
  void forward() { plan.forward(batch.images, params, {5, 0, batch.rows}); }
  void backward(const SharedBatch& whole = {}) { plan.backward({batch.labels}, gradients, whole); }

  RandomBatch batch;
  Params params;
  std::vector<float> gradients;
  Engine engine;
  Plan plan;
};

}  // namespace tailor::internal::test
