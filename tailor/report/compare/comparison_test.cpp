#include "tailor/report/compare/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tailor/report/parts/page_checks.hpp"

namespace tailor::internal {
namespace {

using testing::HasSubstr;

ComparedModel make_model(double accuracy, std::int64_t images) {
  ComparedModel model;
  for (int epoch = 1; epoch <= 3; ++epoch) {
    EpochRecord& record = model.history.emplace_back();
    record.epoch = epoch;
    record.loss = 1.0 / epoch;
    record.accuracy = accuracy;
  }
  model.settings = {{"epochs", "3"}};
  Evaluation& test = model.test.emplace();
  test.accuracy = accuracy;
  test.images = images;
  const auto [low, high] = wilson_interval(std::int64_t(accuracy * double(images)), images);
  test.interval_low = low;
  test.interval_high = high;
  test.per_class = {{"coat", 0.8, 0.7, accuracy, images}};
  return model;
}

ComparedRun make_run(const std::string& name, const std::string& group, const std::string& seed,
                     double accuracy) {
  ComparedRun run;
  run.name = name;
  run.folder = "runs/" + name;
  run.group = group;
  run.seed = seed;
  run.first = make_model(accuracy - 0.1, 100);
  run.final = make_model(accuracy, 100);
  run.final.settings.emplace_back("model.kernels", group == "small" ? "16" : "64");
  run.facts = {{"precision", "bf16"}};
  run.timings = {{"All", "2 min"}};
  return run;
}

TEST(Comparison, StandsOnItsOwnForNoneOneAndManyRuns) {
  std::vector<ComparedRun> runs;
  for (int count = 0; count <= 9; ++count) {
    const std::string page = render_comparison(runs);
    EXPECT_EQ(tag_fault(page), "") << count;
    EXPECT_THAT(repeated_ids(page), testing::IsEmpty());
    EXPECT_EQ(count_of(without_code(page), ">nan"), 0u);
    runs.push_back(make_run("run " + std::to_string(count), "", "1", 0.8));
  }
}

TEST(Comparison, GivesDifferencesWithTheirInterval) {
  // Newcombe's method 10 on 60 and 80 of 100: +20 points, 7.31 to 31.85.
  const std::string page =
      render_comparison({make_run("a", "", "1", 0.6), make_run("b", "", "1", 0.8)});
  EXPECT_THAT(page, HasSubstr("+20.00 (+7.31 to +31.85)"));
}

TEST(Comparison, ComparesNothingOnDifferentTestImages) {
  std::vector<ComparedRun> runs = {make_run("a", "a", "1", 0.6), make_run("a2", "a", "2", 0.6),
                                   make_run("b", "b", "1", 0.8)};
  EXPECT_THAT(without_code(render_comparison(runs)), HasSubstr("+20.00"));
  runs[2].data = "others";
  const std::string page = without_code(render_comparison(runs));
  EXPECT_EQ(count_of(page, "+20.00"), 0u);
  EXPECT_THAT(page, HasSubstr("on different test images"));
}

TEST(Comparison, PairsGroupsBySeed) {
  std::vector<ComparedRun> runs;
  for (int seed = 1; seed <= 3; ++seed) {
    const std::string text = std::to_string(seed);
    runs.push_back(make_run("small-" + text, "small", text, 0.80 + 0.01 * seed));
    runs.push_back(make_run("large-" + text, "large", text, 0.82 + 0.012 * seed));
  }
  const std::string page = render_comparison(runs);
  EXPECT_THAT(page, HasSubstr("+2.40 (+1.90 to +2.90), 3 seeds"));  // 2.4 +- 4.3027 * 0.2 / sqrt 3
  EXPECT_EQ(tag_fault(page), "");
}

TEST(Comparison, ListsOnlyTheSettingsThatDiffer) {
  const std::string page =
      render_comparison({make_run("a", "small", "1", 0.8), make_run("b", "large", "1", 0.8)});
  EXPECT_THAT(page, HasSubstr("final model: model.kernels"));
  EXPECT_EQ(count_of(without_code(page), "final model: epochs"), 0u);
  EXPECT_THAT(page, HasSubstr("Equal in all runs: 3 of 4 settings and facts."));
}

TEST(Comparison, ShowsHostileNamesAsText) {
  const std::string evil = "<script>&\"'\xFF";
  ComparedRun run = make_run(evil, evil, evil, 0.8);
  run.folder = evil;
  run.facts = run.timings = run.final.settings = {{evil, evil}};
  run.final.test->per_class[0].name = evil;
  ComparedRun other = make_run("b", "", "2", 0.7);
  const std::string page = render_comparison({run, other});
  EXPECT_EQ(tag_fault(page), "");
  EXPECT_EQ(count_of(page, "<script>"), 1u);  // its own
  EXPECT_EQ(count_of(without_code(page), "\xFF"), 0u);
}

}  // namespace
}  // namespace tailor::internal
