#include "tailor/search/strategies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tailor/core/file.hpp"
#include "tailor/search/golden_settings.hpp"
#include "tailor/search/sampler.hpp"
#include "tailor/search/sobol_points.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const Json& golden() {
  static const Json cases =
      Json::parse(read_text(TAILOR_SOURCE_DIR "/tests/golden/strategies.json"));
  return cases;
}

SearchOptions options_of(const std::string& strategy, std::vector<Space> spaces, int n_iter = 10,
                         std::uint64_t random_state = 0) {
  SearchOptions options;
  options.strategy = strategy;
  options.spaces = std::move(spaces);
  options.n_iter = n_iter;
  options.random_state = random_state;
  return options;
}

std::vector<Settings> candidates_by(const SearchOptions& options) {
  return proposed_without_scores(make_strategy(options).propose);
}

std::string refusal(const SearchOptions& options) {
  return refusal_of([&] { make_strategy(options); });
}

const Space kLists = {{"a", Choices{Value(std::int64_t(1)), Value(std::int64_t(2))}}};
const Space kRange = {{"train.learning_rate", LogUniformRange{0.1, 1}}};

TEST(Strategies, AnUnknownOneIsRefusedWithTheKnownAndTheNearest) {
  for (const std::string& name : strategy_names()) {
    const std::string mistyped = name + "x";
    EXPECT_THAT(refusal(options_of(mistyped, {kLists})),
                AllOf(HasSubstr("not \"" + mistyped + "\"; did you mean " + name + "?"),
                      HasSubstr("search.strategy must be one of random, ")));
  }
  EXPECT_THAT(refusal(options_of("bayesian", {kLists})), ::testing::EndsWith("not \"bayesian\""));
}

TEST(Strategies, AllAreOptionsWithHelp) {
  SearchOptions options;
  const FieldList fields = fields_of(options);
  EXPECT_EQ(find_field(fields, "strategy")->choices, strategy_names());
  EXPECT_EQ(strategy_names().front(), options.strategy);
  for (const std::string& name : strategy_names()) {
    EXPECT_THAT(find_field(fields, "strategy")->help, HasSubstr(name + " = "));
  }
}

TEST(Strategies, ProposeTheSameWhateverTheScores) {
  for (const std::string& name : strategy_names()) {
    const SearchOptions options = options_of(name, {kLists}, 2);
    const Strategy strategy = make_strategy(options);
    const std::vector<Settings> wanted = candidates_by(options);
    ASSERT_EQ(wanted.size(), 2u) << name;
    EXPECT_EQ(strategy.propose({{wanted[0], 0.5}}), wanted[1]) << name;
    EXPECT_EQ(strategy.propose({{wanted[0], std::nullopt}}), wanted[1]) << name;
    EXPECT_EQ(strategy.propose({{wanted[0], 0.5}, {wanted[1], 0.25}}), std::nullopt) << name;
  }
}

TEST(RandomStrategy, DrawsScikitLearnsCandidates) {
  const Sample sample = sample_parameters({kRange}, 5, 7);
  EXPECT_EQ(candidates_by(options_of("random", {kRange}, 5, 7)), sample.candidates);
  EXPECT_THAT(make_strategy(options_of("random", {kLists}, 5)).warning, HasSubstr("n_iter = 5"));
  EXPECT_TRUE(make_strategy(options_of("random", {kLists}, 1)).params_descending);
  EXPECT_FALSE(make_strategy(options_of("random", {kRange}, 1)).params_descending);
}

TEST(GridStrategy, TakesScikitLearnsGridInItsOrder) {
  ASSERT_GE(golden()["grids"].size(), 5u);
  for (const Json& one : golden()["grids"]) {
    SCOPED_TRACE(one["spaces"].dump());
    EXPECT_EQ(candidates_by(options_of("grid", spaces_of(one["spaces"]))),
              candidates_of(one["candidates"]));
  }
}

TEST(GridStrategy, SortsWhatComesInAnyOrderAndHasNoUseForNIter) {
  const Choices numbers = std::get<Choices>(kLists[0].from);
  const Space sorted = {{"a", numbers}, {"b", numbers}};
  const Space turned = {{"b", numbers}, {"a", numbers}};
  const auto wanted = candidates_by(options_of("grid", {sorted}, 1));
  EXPECT_EQ(wanted.size(), 4u);
  EXPECT_EQ(candidates_by(options_of("grid", {turned}, 100)), wanted);
  EXPECT_FALSE(make_strategy(options_of("grid", {sorted})).params_descending);
}

TEST(GridStrategy, RefusesARangeByItsName) {
  EXPECT_THAT(refusal(options_of("grid", {kLists, kRange})), HasSubstr("train.learning_rate"));
}

TEST(GridStrategy, RefusesMoreThanFitsTheMemory) {
  Space large;
  for (int i = 0; i < 20; ++i) large.push_back({"k" + std::to_string(i), Choices{true, false}});
  EXPECT_THAT(refusal(options_of("grid", {large})), HasSubstr("1048576 points"));
}

TEST(SobolPoints, AreScipysToTheLastBit) {
  ASSERT_GE(golden()["points"].size(), 16u);
  for (const Json& one : golden()["points"]) {
    const auto dimensions = one["dimensions"].get<std::size_t>();
    SobolPoints points(dimensions, one["random_state"].get<std::uint32_t>());
    for (const Json& wanted : one["points"]) {
      std::vector<double> whole = points.next();
      for (double& coordinate : whole) coordinate *= SobolPoints::kMostPoints;
      ASSERT_EQ(whole, wanted.get<std::vector<double>>())
          << dimensions << " dimensions, seed " << one["random_state"];
    }
  }
}

TEST(SobolPoints, FillEveryBoxOfThePlaneEquallyOften) {
  SobolPoints points(2, 3);
  std::vector<int> counts(64);
  for (int i = 0; i < 64; ++i) {
    const std::vector<double> point = points.next();
    ++counts[std::size_t(point[0] * 8) * 8 + std::size_t(point[1] * 8)];
  }
  EXPECT_EQ(counts, std::vector<int>(64, 1));
}

TEST(SobolStrategy, TakesScipysPointsThroughScipysDistributions) {
  ASSERT_GE(golden()["sobol"].size(), 20u);
  for (const Json& one : golden()["sobol"]) {
    SCOPED_TRACE(one["space"].dump());
    const auto spaces = spaces_of(Json::array({one["space"]}));
    EXPECT_EQ(candidates_by(options_of("sobol", spaces, one["n_iter"], one["random_state"])),
              candidates_of(one["candidates"]));
  }
}

TEST(SobolStrategy, DoesNotCareInWhatOrderOptionsAreGiven) {
  const Space space = {{"a", UniformRange{0, 1}}, {"b", IntegerRange{0, 9}}};
  EXPECT_EQ(candidates_by(options_of("sobol", {{space[1], space[0]}}, 8)),
            candidates_by(options_of("sobol", {space}, 8)));
}

TEST(SobolStrategy, WarnsWhereItsPointsDoNotSpreadEvenly) {
  EXPECT_EQ(make_strategy(options_of("sobol", {kRange}, 8)).warning, "");
  EXPECT_EQ(make_strategy(options_of("sobol", {kRange}, 1)).warning, "");
  EXPECT_THAT(make_strategy(options_of("sobol", {kRange}, 10)).warning, HasSubstr("8 or 16"));
  EXPECT_THAT(make_strategy(options_of("sobol", {kLists}, 4)).warning, HasSubstr("2 points"));
}

TEST(SobolStrategy, RefusesSeveralSpacesAndTooManyOptions) {
  EXPECT_THAT(refusal(options_of("sobol", {kLists, kRange})), HasSubstr("[search.space]"));
  Space wide;
  for (int i = 0; i < 65; ++i) wide.push_back({"k" + std::to_string(i), UniformRange{0, 1}});
  EXPECT_THAT(refusal(options_of("sobol", {wide})), HasSubstr("at most 64"));
  wide.pop_back();
  EXPECT_EQ(candidates_by(options_of("sobol", {wide}, 2)).size(), 2u);
}

}  // namespace
}  // namespace tailor::internal
