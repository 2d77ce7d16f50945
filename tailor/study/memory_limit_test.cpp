#include "tailor/study/memory_limit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/core/error.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(const MemoryPlan& plan, std::size_t limit) {
  return refusal_of([&] { check_memory(plan, limit); });
}

constexpr std::size_t kMiB = 1024 * 1024;

TEST(Memory, ReadsSizesWithTheirUnit) {
  EXPECT_EQ(parse_memory("4096B"), 4096u);
  EXPECT_EQ(parse_memory("3k"), 3072u);
  EXPECT_EQ(parse_memory("500M"), 500 * kMiB);
  EXPECT_EQ(parse_memory("500MiB"), 500 * kMiB);
  EXPECT_EQ(parse_memory("1.5g"), 1536 * kMiB);
  for (const char* bad : {"", "M", "0", "-5M", "5X", "5MM", "5M5", "nan", "1e30", "5 M"}) {
    EXPECT_THROW(parse_memory(bad), Error) << bad;
  }
}

TEST(Memory, RefusesAPlanAboveTheLimitNamingBothAndWhatHelps) {
  MemoryPlan plan;
  plan.images = 10 * kMiB;
  plan.training = 80 * kMiB;
  plan.evaluation = 40 * kMiB;
  EXPECT_EQ(refusal(plan, 90 * kMiB), "");
  EXPECT_THAT(refusal(plan, 90 * kMiB - 1), AllOf(HasSubstr("90.0 MiB"), HasSubstr("train.batch")));
  plan.images = 200 * kMiB;
  EXPECT_THAT(refusal(plan, 90 * kMiB), AllOf(HasSubstr("280.0"), HasSubstr("data.train_limit")));
  plan.parameters = 300 * kMiB;
  EXPECT_THAT(refusal(plan, 90 * kMiB), AllOf(HasSubstr("580.0"), HasSubstr("model.kernels")));
}

}  // namespace
}  // namespace tailor::internal
