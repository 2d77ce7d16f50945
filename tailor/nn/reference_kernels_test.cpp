// The library answers what it has no fast kernel for with reference kernels, hundreds of times
// slower: no plan may run one, on any instruction set, whichever kernels are asked for.
#include <gtest/gtest.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/nn/test_nets.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {
namespace {

using test::precisions;
using test::seed_net;

TEST(ReferenceKernels, DoNotRunInTheSearchableSpace) {
  Engine engine(1);
  for (const Precision precision : precisions()) {
    for (const int kernels : {1, 3, 8, 15, 16, 17, 20, 24, 31, 32, 33, 40, 48, 64, 100, 128}) {
      for (const int batch : {1, 3, 128}) {
        const Spec spec = seed_net(kernels, {1, 28, 28});
        const Plan training(spec, engine, batch, Phase::kTraining, precision);
        const Plan inference(spec, engine, batch, Phase::kInference, precision);
        EXPECT_EQ(training.reference_kernels() + inference.reference_kernels(), 0)
            << kernels << " kernels, batch " << batch << ", " << to_string(precision);
      }
    }
  }
}

TEST(ReferenceKernels, DoNotRunOnOtherImages) {
  Engine engine(1);
  for (const Precision precision : precisions()) {
    for (const Shape& shape :
         {Shape{1, 8, 8}, Shape{3, 32, 32}, Shape{1, 17, 23}, Shape{3, 28, 28}}) {
      const Plan plan(seed_net(24, shape), engine, 5, Phase::kTraining, precision);
      EXPECT_EQ(plan.reference_kernels(), 0) << to_string(shape);
    }
  }
}

TEST(ReferenceKernels, DoNotRunOnMapsSmallerThanTheWindow) {
  Engine engine(1);
  for (const int size : {1, 2, 3, 4}) {
    for (const std::vector<int>& window : {std::vector{3, 3}, {5, 5}, {1, 7}, {7, 1}}) {
      const Conv2D conv{.filters = 16, .kernel_size = window, .padding = "same"};
      const Spec spec{{3, size, size}, 10, {{conv}, {conv}, {Flatten{}}, {Dense{10}}}};
      for (const Precision precision : precisions()) {
        const Plan plan(spec, engine, 5, Phase::kTraining, precision);
        EXPECT_EQ(plan.reference_kernels(), 0)
            << size << " pixels, " << window[0] << "x" << window[1] << ", " << to_string(precision);
      }
    }
  }
}

// Draws nets of one convolution, on images or behind another layer: few and many channels, sizes
// around the windows', windows and strides that differ, padding of both kinds.
class Draw {
 public:
  Spec net(std::uint32_t number) {
    random_ = Rng(11, Purpose::kDraw, number);
    at_ = 0;
    const bool first = below(2) == 0;
    const int channels = first ? of({1, 2, 3, 4, 5}) : of({1, 3, 7, 8, 9, 16, 17, 24, 33, 48, 64});
    Spec spec{{first ? channels : 1, size(), size()}, 10, {}};
    if (!first) spec.layers.push_back({Conv2D{.filters = channels, .kernel_size = {1, 1}}});
    if (below(4) == 0) {
      spec.layers.push_back({ZeroPadding2D{{below(5), below(5), below(5), below(5)}}});
    }
    spec.layers.push_back({Conv2D{
        .filters = of({1, 2, 5, 8, 9, 15, 16, 17, 24, 32, 33, 48, 64}),
        .kernel_size = {of({1, 2, 3, 4, 5, 6, 7, 9, 11}), of({1, 2, 3, 4, 5, 6, 7, 9, 11})},
        .strides = {of({1, 1, 2, 3, 4}), of({1, 1, 2, 3, 4})},
        .padding = below(3) > 0 ? "same" : "valid",
        .activation = below(2) == 0 ? "relu" : "linear",
        .use_bias = below(2) == 0,
    }});
    spec.layers.push_back({Flatten{}});
    spec.layers.push_back({Dense{10}});
    return spec;
  }
  int of(const std::vector<int>& values) { return values[std::size_t(below(int(values.size())))]; }

 private:
  int below(int end) { return int(random_.uniform(at_++) * end); }
  int size() { return of({1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14, 16, 28}); }

  Rng random_{11, Purpose::kDraw, 0};
  std::uint64_t at_ = 0;
};

bool is_valid(const Spec& spec) {
  try {
    validate(spec);
    return true;
  } catch (const Error&) {  // a window larger than its image
    return false;
  }
}

TEST(ReferenceKernels, DoNotRunForAnyConvolution) {
  KernelChoices library;
  library.otherwise = Kernels::kLibrary;
  Engine rule(2);
  Engine librarys(1, nullptr, &library);
  Draw draw;
  int asked = 0;
  for (std::uint32_t number = 0; asked < 150; ++number) {
    const Spec spec = draw.net(number);
    if (!is_valid(spec)) continue;
    ++asked;
    for (Engine* engine : {&rule, &librarys}) {
      for (const Precision precision : precisions()) {
        for (const Phase phase : {Phase::kTraining, Phase::kInference}) {
          const Plan plan(spec, *engine, draw.of({1, 2, 5, 16}), phase, precision);
          EXPECT_EQ(plan.reference_kernels(), 0)
              << to_string(precision) << (engine == &rule ? "\n" : ", the library's kernels\n")
              << summary(spec);
        }
      }
    }
  }
}

// The library's dense kernels are reference kernels for some CPUs and images.
TEST(ReferenceKernels, DoNotRunForADenseLayerOnImages) {
  KernelChoices library;
  library.otherwise = Kernels::kLibrary;
  for (const KernelChoices& choices : {KernelChoices{}, library}) {
    Engine engine(1, nullptr, &choices);
    for (const Shape& shape : {Shape{1, 28, 28}, Shape{1, 9, 9}, Shape{3, 5, 7}, Shape{2, 3, 3}}) {
      const Spec spec{shape, 10, {{Flatten{}}, {Dense{17}}, {Dense{10}}}};
      for (const Precision precision : precisions()) {
        const Plan plan(spec, engine, 3, Phase::kTraining, precision);
        EXPECT_EQ(plan.reference_kernels(), 0) << to_string(shape);
      }
    }
  }
}

}  // namespace
}  // namespace tailor::internal
