#include "tailor/core/text.hpp"

#include <gtest/gtest.h>

namespace tailor::internal {
namespace {

TEST(DurationText, PicksUnitsAPersonWouldSay) {
  EXPECT_EQ(duration_text(0.44), "0.4 s");
  EXPECT_EQ(duration_text(42.4), "42 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(3900), "1 h 5 min");
}

TEST(Grouped, PutsCommasBetweenThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(60000), "60,000");
  EXPECT_EQ(grouped(1234567.6), "1,234,568");
}

}  // namespace
}  // namespace tailor::internal
