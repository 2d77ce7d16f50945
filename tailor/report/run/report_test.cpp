#include "tailor/report/run/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tailor/report/parts/page_checks.hpp"

namespace tailor::internal {
namespace {

Evaluation make_evaluation(std::size_t classes) {
  Evaluation test;
  test.images = std::int64_t(classes) * 10;
  test.accuracy = 0.8;
  test.interval_low = 0.7131;
  test.interval_high = 0.8687;
  test.confusion.assign(classes, std::vector<std::int64_t>(classes, 0));
  for (std::size_t i = 0; i < classes; ++i) {
    test.confusion[i][i] = 8;
    test.confusion[i][(i + 1) % classes] = 2;
    test.per_class.push_back({"class " + std::to_string(i), 0.8, 0.8, 0.8, 10});
  }
  test.macro = {"macro avg", 0.8, 0.8, 0.8, test.images};
  return test;
}

ModelReport make_model(const std::string& title, std::size_t classes) {
  ModelReport model;
  model.title = title;
  model.settings = {{"model.kernels", "32"}};
  model.params = 422026;
  for (int epoch = 1; epoch <= 3; ++epoch) {
    EpochRecord record;
    record.epoch = epoch;
    record.accuracy = 0.7 + 0.05 * epoch;
    record.loss = 1.0 / epoch;
    model.history.push_back(record);
  }
  model.train_accuracy = 0.9;
  model.test = make_evaluation(classes);
  return model;
}

SearchResult make_search(const std::vector<Settings>& candidates) {
  SearchResult search;
  search.strategy = "random";
  search.folds = 2;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    CandidateRow row;
    row.params = candidates[i];
    row.mean_test_score = 0.90 - 0.01 * double(i);
    row.test_scores = {row.mean_test_score - 0.001, row.mean_test_score + 0.001};
    row.std_test_score = 0.001;
    row.rank = int(i) + 1;
    search.rows.push_back(row);
  }
  return search;
}

ReportData make_data(std::size_t classes = 10) {
  ReportData data;
  data.title = "fashion";
  data.dataset_line = "60,000 training and 10,000 test images";
  data.sprite = {2, 2, 1, {0, 100, 200, 255}};
  for (std::size_t i = 0; i < classes; ++i)
    data.class_names.push_back("class " + std::to_string(i));
  data.notebook_table = {{"Final model, test accuracy", "92.9 %", "92.93 %"}};
  data.models = {make_model("First model", classes), make_model("Final model", classes)};
  data.search = make_search({{{"model.kernels", std::int64_t(16)}, {"model.dropout", 0.2}},
                             {{"model.kernels", std::int64_t(64)}, {"model.dropout", 0.5}}});
  Pictured& mistake = data.mistakes.emplace_back();
  mistake.image = {2, 2, 1, {1, 2, 3, 4}};
  mistake.index = 77;
  mistake.true_class = 0;
  mistake.predicted_class = 1;
  mistake.probabilities.assign(classes, 0.0f);
  mistake.probabilities[0] = 0.013f;
  mistake.probabilities[1] = 0.987f;
  data.experiment_toml = "seed = 1\n";
  data.provenance = {{"commit", "abc"}};
  data.command = "./run";
  data.timings = {{"search", "12 s"}};
  data.stages = {{"First model", 10}, {"Search", 90}};
  data.sets = {{"57,000 training images", 57000, "to train"}};
  return data;
}

TEST(Report, LoadsNothingFromAnywhere) {
  ReportData data = make_data();
  data.explorer = "explorer.html";
  const std::string page = render_report(data);
  EXPECT_NE(page.find("default-src 'none'; img-src data:; style-src"), std::string::npos);
  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_EQ(page.find("<link"), std::string::npos);
  EXPECT_EQ(page.find("@import"), std::string::npos);
  EXPECT_EQ(count_of(page, "<script"), count_of(page, "<script>"));
  const std::string markup = without_code(page);
  EXPECT_EQ(count_of(markup, " src="), count_of(markup, " src=\"data:image/"));
  EXPECT_GE(count_of(markup, " src="), 1u);  // the sprite
  EXPECT_EQ(count_of(markup, " href="), count_of(markup, " href=\"#") + 1);
  EXPECT_EQ(count_of(markup, " href=\"./explorer.html\""), 1u);
}

TEST(Report, LinksToFilesOfAnyName) {
  ReportData data = make_data();
  data.explorer = "javascript:alert(1)//\"><b>#?";
  EXPECT_NE(render_report(data).find("href=\"./javascript%3Aalert%281%29//%22%3E%3Cb%3E%23%3F\""),
            std::string::npos);
}

TEST(Report, ClosesEveryTagInOrder) {
  EXPECT_EQ(tag_fault(render_report(make_data())), "");
  EXPECT_EQ(tag_fault(render_report(ReportData{})), "");
  EXPECT_EQ(tag_fault("<html><p></html>"), "unexpected </html>");  // the check can fail
}

TEST(Report, HoldsEveryPartOfTheStory) {
  const std::string page = render_report(make_data());
  for (const char* part :
       {"92.93 %", "id=\"data\"", "id=\"model-1\"", "id=\"search\"", "id=\"model-2\"",
        "id=\"time\"", "id=\"making\"", "seed = 1", "./run", "422,026", "macro avg", "12 s",
        "Search: 90.0\xC2\xA0s, 90\xC2\xA0%", "71.31\xC2\xA0% to 86.87\xC2\xA0%",
        "prefers-color-scheme: dark", "@media print"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  EXPECT_LT(page.find("id=\"model-1\""), page.find("id=\"search\""));
  EXPECT_LT(page.find("id=\"search\""), page.find("id=\"model-2\""));
}

TEST(Report, LeavesOutWhatHasNoRecord) {
  ReportData data = make_data();
  data.search.reset();
  data.mistakes.clear();
  data.sprite = {};
  data.models.pop_back();
  const std::string page = render_report(data);
  EXPECT_EQ(tag_fault(page), "");
  EXPECT_EQ(page.find("id=\"search\""), std::string::npos);
  EXPECT_EQ(without_code(page).find("<img"), std::string::npos);
  EXPECT_EQ(page.find("folds of the training set"), std::string::npos);
}

TEST(Report, ComparesWithTheNotebookOnlyWhereItHasFigures) {
  ReportData data = make_data();
  EXPECT_NE(render_report(data).find(">Keras notebook</th>"), std::string::npos);
  data.notebook_table[0].notebook.clear();
  const std::string page = without_code(render_report(data));
  EXPECT_EQ(page.find("notebook"), std::string::npos);
  EXPECT_NE(page.find("92.93 %"), std::string::npos);
}

TEST(Report, EscapesEverythingItIsGiven) {
  const std::string evil = "<i>&\"'\x01\xFF";
  ReportData data = make_data();
  data.title = data.dataset_line = data.experiment_toml = data.command = evil;
  data.class_names[0] = evil;
  data.notebook_table = {{evil, evil, evil}};
  data.provenance = data.timings = {{evil, evil}};
  data.stages = {{evil, 1}};
  data.sets = {{evil, 1, evil}};
  data.models[0].title = data.models[0].summary = evil;
  data.models[0].settings = {{evil, evil}};
  data.models[0].test->per_class[0].name = evil;
  data.search->strategy = data.search->warning = evil;
  data.search->rows[0].params = {{evil, evil}};
  const std::string page = render_report(data);
  EXPECT_EQ(tag_fault(page), "");
  EXPECT_EQ(page.find("<i>"), std::string::npos);
  EXPECT_EQ(page.find("\x01"), std::string::npos);
  EXPECT_EQ(page.find("\xFF"), std::string::npos);
  EXPECT_NE(page.find("&lt;i&gt;&amp;&quot;&#39;\xEF\xBF\xBD\xEF\xBF\xBD"), std::string::npos);
}

TEST(Report, IsTheSameForTheSameRecords) {
  EXPECT_EQ(render_report(make_data()), render_report(make_data()));
}

TEST(Report, UsesEveryIdOnce) {
  EXPECT_THAT(repeated_ids(render_report(make_data())), testing::IsEmpty());
}

TEST(Report, NamesEveryDrawingForThoseWhoDoNotSeeIt) {
  const std::string page = without_code(render_report(make_data()));
  EXPECT_GE(count_of(page, "<svg "), 6u);
  EXPECT_EQ(count_of(page, "<svg "), count_of(page, "<desc "));
  EXPECT_EQ(count_of(page, "<img "), count_of(page, " alt=\""));
}

TEST(Report, DrawsTwoClassesAndAHundred) {
  for (const std::size_t classes : {std::size_t(2), std::size_t(100)}) {
    const std::string page = render_report(make_data(classes));
    EXPECT_EQ(tag_fault(page), "") << classes;
    EXPECT_LT(page.size(), 1'000'000u) << classes;
    EXPECT_NE(page.find("class " + std::to_string(classes - 1)), std::string::npos);
  }
}

}  // namespace
}  // namespace tailor::internal
