// What a step does besides running kernels, which is nothing: no memory and no primitive is made.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tailor/core/memory/allocations.hpp"
#include "tailor/nn/plan.hpp"
#include "tailor/nn/test_nets.hpp"

namespace {

std::atomic<int> primitives = 0;

}  // namespace

// The program finds this before the library's function of the same name, whose types only ops/ may
// know: whatever makes a primitive comes through here.
extern "C" int dnnl_primitive_create(void** primitive, const void* descriptor) {
  using Create = int (*)(void**, const void*);
  static const auto of_library =
      reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "dnnl_primitive_create"));
  ++primitives;
  return of_library(primitive, descriptor);
}

namespace tailor::internal {
namespace {

// No kernel of ours runs these convolutions.
Spec library_net() {
  const Conv2D conv{.filters = 16, .kernel_size = {1, 5}, .strides = {2, 2}};
  return {{3, 16, 16}, 10, {{conv}, {conv}, {Flatten{}}, {Dense{10}}}};
}

struct Made {
  std::uint64_t allocations = 0;
  int primitives = 0;
};

template <typename Work>
Made made_by(Work work) {
  const std::uint64_t allocations = allocations_on_this_thread().ours;
  const int primitives = ::primitives;
  work();
  return {allocations_on_this_thread().ours - allocations, ::primitives - primitives};
}

void expect_nothing(const Made& made) {
  EXPECT_EQ(made.allocations, 0u);
  EXPECT_EQ(made.primitives, 0);
}

template <typename Check>
void for_nets(Check check) {
  for (const Spec& spec : {test::seed_net(16), test::air_net(16), library_net()}) {
    for (const Precision precision : test::precisions()) {
      SCOPED_TRACE(std::to_string(spec.layers.size()) + " layers, " + to_string(precision));
      check(spec, precision);
    }
  }
}

TEST(PlanStep, MakesNothingInTraining) {
  for_nets([](const Spec& spec, Precision precision) {
    test::LoadedPlan net(spec, 8, Phase::kTraining, precision, 2);
    expect_nothing(made_by([&] {
      net.plan.load(net.params);
      net.forward();
      net.backward();
    }));
  });
}

TEST(PlanStep, MakesNothingInInference) {
  for_nets([](const Spec& spec, Precision precision) {
    test::LoadedPlan net(spec, 8, Phase::kInference, precision, 2);
    std::vector<float> probabilities(80);
    net.forward();  // the first starts the engine's threads
    expect_nothing(made_by([&] {
      net.forward();
      net.plan.probabilities(probabilities);
      net.plan.loss(net.batch.labels);
    }));
  });
}

// The two above would pass as well if nothing were counted.
TEST(PlanStep, CountsWhatMakingAPlanMakes) {
  Engine engine(1);
  const Made made = made_by(
      [&] { const Plan plan(library_net(), engine, 4, Phase::kTraining, Precision::kF32); });
  EXPECT_GE(made.primitives, 2);
  EXPECT_TRUE(made.allocations > 0 || !kCountsAllocations);
}

}  // namespace
}  // namespace tailor::internal
