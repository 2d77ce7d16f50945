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
  return refusal_of([&] { check_memory(plan, limit, "--memory's"); });
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

TEST(Memory, IsRefusedBeforeAnyOfItIsTaken) {
  Dataset set{{1, 28, 28}, std::vector<std::uint8_t>(28 * 28), {0}, {"a", "b"}};
  FitJob job;
  job.train = all_rows(set);
  job.options.batch = 1;
  job.spec.input = set.shape;
  job.spec.classes = 2;
  job.spec.layers = {{Flatten{}}, {Dense{1'000'000}}, {Dense{500'000}}, {Dense{2}}};
  Engine engine(1);
  const std::string said =
      refusal_of([&] { checked_memory_plan(job, engine, kMiB * 1024, "this machine's"); });
  EXPECT_THAT(said, AllOf(HasSubstr("this machine's 1024.0 MiB"), HasSubstr("a smaller model")));
}

}  // namespace
}  // namespace tailor::internal
