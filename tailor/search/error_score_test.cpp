#include "tailor/search/error_score.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

TEST(ErrorScore, IsANumberOrNoNumberOrTheEndOfTheSearch) {
  EXPECT_EQ(parse_error_score("0.25").score, 0.25);
  EXPECT_EQ(parse_error_score("-1").score, -1);
  EXPECT_FALSE(parse_error_score("0").raise);
  EXPECT_TRUE(std::isnan(parse_error_score("nan").score));
  EXPECT_FALSE(parse_error_score("nan").raise);
  EXPECT_TRUE(parse_error_score("raise").raise);
}

TEST(ErrorScore, IsNothingElse) {
  for (const char* text : {"", "none", "0.5x", "inf", "-inf", " 1", "1e999", "NaN"}) {
    EXPECT_THROW(parse_error_score(text), Error) << text;
  }
}

}  // namespace
}  // namespace tailor::internal
