#include "tailor/report/report.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

namespace tailor {
namespace {

// "" where every tag of the page is closed in order and every attribute quoted; otherwise what is
// wrong. The page promises to be XML too, so void elements close themselves.
std::string tag_fault(const std::string& page) {
  std::vector<std::string> open;
  std::size_t at = page.find("<html");
  while (at != std::string::npos) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return "a tag without end";
    const std::string tag = page.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string::npos) return "a bare < before " + tag;
    const std::string name = tag.substr(0, tag.find_first_of(" \n/", 1));
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return "unexpected <" + tag + ">";
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    at = page.find('<', end);
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

std::size_t count_of(const std::string& page, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) {
    ++count;
  }
  return count;
}

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
  mistake.probabilities = {0.01f, 0.987f, 0.003f};
  data.experiment_toml = "seed = 1\n";
  data.provenance = {{"commit", "abc"}};
  data.command = "./run";
  data.timings = {{"search", "12 s"}};
  return data;
}

TEST(Report, LoadsNothingFromAnywhere) {
  const std::string page = render_report(make_data());
  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<link"), std::string::npos);
  EXPECT_EQ(page.find("url("), std::string::npos);
  EXPECT_EQ(count_of(page, " src="), count_of(page, " src=\"data:image/png;base64,"));
  EXPECT_EQ(count_of(page, " src="), 2u);  // the sprite and one mistake
  EXPECT_EQ(count_of(page, " href="), count_of(page, " href=\"#"));
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
        "id=\"mistakes\"", "id=\"making\"", "seed = 1", "./run", "422,026", "macro avg", "12 s",
        "71.31\xC2\xA0% to 86.87\xC2\xA0%", "prefers-color-scheme: dark", "@media print"}) {
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
  EXPECT_EQ(page.find("id=\"mistakes\""), std::string::npos);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find("folds of the training set"), std::string::npos);
}

TEST(Report, ComparesWithTheNotebookOnlyWhereItHasFigures) {
  ReportData data = make_data();
  EXPECT_NE(render_report(data).find(">notebook</th>"), std::string::npos);
  data.notebook_table[0].notebook.clear();
  const std::string page = render_report(data);
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
  const std::string page = render_report(make_data());
  const std::regex id(" id=\"([^\"]+)\"");
  std::vector<std::string> seen;
  for (std::sregex_iterator it(page.begin(), page.end(), id), end; it != end; ++it) {
    const std::string name = (*it)[1];
    EXPECT_EQ(std::count(seen.begin(), seen.end(), name), 0) << name;
    seen.push_back(name);
  }
  EXPECT_GT(seen.size(), 10u);
}

TEST(Report, NamesEveryDrawingForThoseWhoDoNotSeeIt) {
  const std::string page = render_report(make_data());
  EXPECT_EQ(count_of(page, "<svg "), 5u);  // two curves for two models, one scatter
  EXPECT_EQ(count_of(page, "<svg "), count_of(page, "role=\"img\""));
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

TEST(Report, DrawsASearchOverOneDimensionAgainstTheScore) {
  ReportData data = make_data();
  data.search =
      make_search({{{"model.kernels", std::int64_t(16)}}, {{"model.kernels", std::int64_t(24)}}});
  const std::string page = render_report(data);
  EXPECT_EQ(tag_fault(page), "");
  EXPECT_NE(page.find(">mean score</text>"), std::string::npos);
  EXPECT_EQ(count_of(page, "class=\"point\""), 2u);
}

TEST(Report, DrawsNamesAndASingleCandidate) {
  ReportData data = make_data();
  data.search = make_search({{{"train.optimizer", std::string("adam")}, {"train.nesterov", true}}});
  const std::string page = render_report(data);
  EXPECT_EQ(tag_fault(page), "");
  EXPECT_NE(page.find(">adam</text>"), std::string::npos);
  EXPECT_EQ(count_of(page, "class=\"best\""), 1u);
  EXPECT_EQ(page.find("\"nan"), std::string::npos);
}

TEST(Report, CrossesOutCandidatesWithoutAScore) {
  ReportData data = make_data();
  data.search->rows[1].mean_test_score = std::numeric_limits<double>::quiet_NaN();
  data.search->rows[1].std_test_score = std::numeric_limits<double>::quiet_NaN();
  data.search->rows[1].test_scores[0] = std::numeric_limits<double>::quiet_NaN();
  const std::string page = render_report(data);
  EXPECT_EQ(tag_fault(page), "");
  EXPECT_EQ(count_of(page, "class=\"failed\""), 1u);
  EXPECT_EQ(count_of(page, "class=\"point\""), 1u);
  EXPECT_EQ(page.find("\"nan\""), std::string::npos);
  EXPECT_EQ(page.find(">nan"), std::string::npos);
}

TEST(Report, DrawsTheWatchedSetOnlyWhereThereWasOne) {
  ReportData data = make_data();
  EXPECT_EQ(render_report(data).find("validation</text>"), std::string::npos);
  for (EpochRecord& epoch : data.models[1].history) {
    epoch.watched_accuracy = 0.85;
    epoch.watched_loss = 0.4;
  }
  EXPECT_EQ(count_of(render_report(data), "validation</text>"), 2u);
}

}  // namespace
}  // namespace tailor
