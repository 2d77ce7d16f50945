#include "tailor/search/sampler.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/json.hpp"
#include "tailor/search/golden_settings.hpp"

namespace tailor::internal {
namespace {

TEST(Sampler, DrawsScikitLearnsCandidatesToTheLastBit) {
  std::ifstream file(std::filesystem::path(TAILOR_SOURCE_DIR) / "tests/golden/candidates.json");
  const Json cases = Json::parse(file);
  ASSERT_GE(cases.size(), 60u);
  for (const Json& golden : cases) {
    SCOPED_TRACE(golden["name"].get<std::string>());
    const Sample sample =
        sample_parameters(spaces_of(golden["spaces"]), golden["n_iter"], golden["random_state"]);
    // In our words: scikit-learn's name classes of its own.
    EXPECT_EQ(sample.warning.empty(), golden["warning"].get<std::string>().empty());
    ASSERT_EQ(sample.candidates.size(), golden["candidates"].size());
    for (std::size_t i = 0; i < sample.candidates.size(); ++i) {
      const Settings wanted = settings_of(golden["candidates"][i]);
      EXPECT_EQ(sample.candidates[i], wanted) << to_python(sample.candidates[i]) << "\ninstead of\n"
                                              << to_python(wanted);
    }
  }
}

TEST(Sampler, DoesNotCareInWhatOrderDimensionsAreGiven) {
  const Space space{{"b", UniformRange{0, 1}}, {"a", Choices{std::int64_t(1), std::int64_t(2)}}};
  const Space turned{space[1], space[0]};
  EXPECT_EQ(sample_parameters({space}, 5, 3).candidates,
            sample_parameters({turned}, 5, 3).candidates);
}

TEST(Sampler, RefusesNoTrialsAndNoSpaceAndAnEndlessGrid) {
  const Space space{{"a", Choices{true}}};
  EXPECT_THROW(sample_parameters({space}, 0, 0), Error);
  EXPECT_THROW(sample_parameters({}, 3, 0), Error);
  Space endless;
  for (int i = 0; i < 64; ++i) endless.push_back({"k" + std::to_string(i), Choices{true, false}});
  EXPECT_THROW(sample_parameters({endless}, 3, 0), Error);
}

TEST(Sampler, TellsListsFromDistributions) {
  const Space list{{"a", Choices{true}}};
  const Space range{{"a", IntegerRange{0, 2}}};
  EXPECT_TRUE(lists_only({list, list}));
  EXPECT_FALSE(lists_only({list, range}));
}

}  // namespace
}  // namespace tailor::internal
