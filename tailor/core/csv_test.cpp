#include "tailor/core/csv.hpp"

#include <gtest/gtest.h>

namespace tailor::internal {
namespace {

TEST(Csv, QuotesOnlyWhatNeedsIt) {
  Csv csv({"class", "count"});
  csv.add({"T-shirt/top", "6000"});
  csv.add({"a \"b\", c", ""});
  csv.add({"two\nlines", "1"});
  EXPECT_EQ(csv.text(), "class,count\nT-shirt/top,6000\n\"a \"\"b\"\", c\",\n\"two\nlines\",1\n");
}

}  // namespace
}  // namespace tailor::internal
