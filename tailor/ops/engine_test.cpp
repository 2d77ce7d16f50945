#include "tailor/ops/engine.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {
namespace {

TEST(Engine, TreatsDenormalsAsZeroOnAllItsThreads) {
  const Engine engine(2);
  std::vector<float> products(2, 1);
  std::latch both(2);  // so that each thread has one
  engine.team().share_out_each(2, [&](int item, int) {
    both.arrive_and_wait();
    volatile float denormal = 1e-39f;
    products[std::size_t(item)] = denormal * 1.0f;
  });
  EXPECT_EQ(products, std::vector<float>(2, 0));
}

TEST(Engine, TakesAllUsableCoresForZeroThreads) {
  EXPECT_EQ(Engine(0).threads(), cpu_info().cores);
  EXPECT_EQ(Engine(3).threads(), 3);
  EXPECT_THROW(Engine(-1), Error);
}

TEST(Engine, HasTheMachinesKernelsOrThoseItIsGiven) {
  EXPECT_EQ(&Engine(1).choices(), &machine_kernel_choices());
  const KernelChoices others;
  EXPECT_EQ(&Engine(1, nullptr, &others).choices(), &others);
}

TEST(Precision, IsParsedAndPrinted) {
  EXPECT_EQ(to_string(parse_precision("f32")), "f32");
  const CpuInfo cpu = cpu_info();
  EXPECT_EQ(parse_precision("auto"), machine_kernel_choices().precision.value_or(
                                         cpu.bf16_pays ? Precision::kBf16 : Precision::kF32));
#if defined(__x86_64__)
  EXPECT_EQ(cpu.bf16_pays, cpu.native_bf16 && __builtin_cpu_is("amd"));  // AMX or not
#endif
  EXPECT_THROW(parse_precision("fp16"), Error);
  if (cpu_info().native_bf16) {
    EXPECT_EQ(parse_precision("bf16"), Precision::kBf16);
  } else {
    EXPECT_THROW(parse_precision("bf16"), Error);
  }
}

}  // namespace
}  // namespace tailor::internal
