#include "tailor/search/space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tailor/core/error.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

std::string refusal(const Space& space) {
  return refusal_of([&] { validate(space); });
}

TEST(Space, AcceptsWhatScipyAccepts) {
  EXPECT_EQ(refusal({{"a", Choices{std::int64_t(1), 0.5, true, std::string("x")}},
                     {"b", UniformRange{0.5, 0}},
                     {"c", LogUniformRange{1e-300, 1e300}},
                     {"d", IntegerRange{-1, 0}}}),
            "");
}

TEST(Space, RefusesWhatScipyWouldAndNamesThePath) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Dimension> wrong = {
      {"model.x", Choices{}},
      {"model.x", Choices{nan}},
      {"model.x", UniformRange{0, -1}},
      {"model.x", UniformRange{nan, 1}},
      {"model.x", UniformRange{0, infinity}},
      {"model.x", LogUniformRange{0, 1}},
      {"model.x", LogUniformRange{2, 2}},
      {"model.x", LogUniformRange{nan, 1}},
      {"model.x", LogUniformRange{1, infinity}},
      {"model.x", IntegerRange{3, 3}},
  };
  for (const Dimension& dimension : wrong) {
    EXPECT_THAT(refusal({dimension}), ::testing::HasSubstr("model.x")) << dimension.from.index();
  }
}

TEST(Space, RefusesOnePathTwice) {
  EXPECT_THAT(refusal({{"a", Choices{true}}, {"a", IntegerRange{0, 1}}}),
              ::testing::HasSubstr("twice"));
}

TEST(Space, CountsGridPoints) {
  const Choices three{std::int64_t(1), std::int64_t(2), std::int64_t(3)};
  EXPECT_EQ(grid_size({{"a", three}, {"b", three}}), 9u);
  EXPECT_EQ(grid_size({}), 1u);
  EXPECT_EQ(grid_size({{"a", three}, {"b", UniformRange{}}}), 0u);
}

TEST(Space, RefusesToCountBeyondWhatAnIndexHolds) {
  Space space;
  for (int i = 0; i < 62; ++i) space.push_back({"k" + std::to_string(i), Choices{true, false}});
  EXPECT_EQ(grid_size(space), std::uint64_t(1) << 62);
  space.push_back({"last", Choices{true, false}});
  EXPECT_THROW(grid_size(space), Error);
}

TEST(Space, GridsFollowOneAnotherAndTheLastPathTurnsFastest) {
  const Choices two = {Value(std::int64_t(1)), Value(std::int64_t(2))};
  const std::vector<Space> spaces = {{{"a", two}, {"b", two}}, {}, {{"c", two}}};
  EXPECT_EQ(grids_size(spaces), 7u);
  EXPECT_EQ(to_python(grid_point(spaces, 1)), "{'a': 1, 'b': 2}");
  EXPECT_EQ(to_python(grid_point(spaces, 2)), "{'a': 2, 'b': 1}");
  EXPECT_EQ(to_python(grid_point(spaces, 4)), "{}");
  EXPECT_EQ(to_python(grid_point(spaces, 6)), "{'c': 2}");
}

TEST(Space, AreCheckedAndSortedTogether) {
  const Choices one = {Value(true)};
  const std::vector<Space> sorted = checked_and_sorted({{{"b", one}, {"a", one}}});
  EXPECT_EQ(sorted[0][0].path, "a");
  EXPECT_EQ(sorted[0][1].path, "b");
  EXPECT_THROW(checked_and_sorted({{{"a", one}}, {{"a", one}, {"a", one}}}), Error);
}

}  // namespace
}  // namespace tailor::internal
