#include "tailor/report/run/model_part.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>
#include <set>

#include "tailor/report/charts/curves.hpp"
#include "tailor/report/parts/page_checks.hpp"

namespace tailor::internal {
namespace {

std::string part_fault(const std::string& html) {
  return tag_fault("<html>" + html + "</html>");
}

std::vector<std::string> found(const std::string& html, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> all;
  for (std::sregex_iterator it(html.begin(), html.end(), regex), end; it != end; ++it) {
    all.push_back((*it)[1]);
  }
  return all;
}

// Every link leads somewhere, and every id stands once.
void expect_links_to_lead(const std::string& html) {
  EXPECT_TRUE(repeated_ids(html).empty());
  const std::vector<std::string> ids = found(html, " id=\"([^\"]+)\"");
  const std::set<std::string> once(ids.begin(), ids.end());
  for (const char* pattern : {" href=\"#([^\"]+)\"", " for=\"([^\"]+)\""}) {
    for (const std::string& target : found(html, pattern)) {
      EXPECT_TRUE(once.contains(target)) << target;
    }
  }
}

std::vector<EpochRecord> make_history(int epochs, double accuracy) {
  std::vector<EpochRecord> history;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    EpochRecord& record = history.emplace_back();
    record.epoch = epoch;
    record.accuracy = accuracy + 0.01 * epoch;
    record.loss = 1.0 / epoch;
  }
  return history;
}

Pictured make_picture(std::size_t index, int truth, int guess, std::size_t classes,
                      int channels = 1) {
  Pictured picture;
  picture.index = index;
  picture.true_class = truth;
  picture.predicted_class = guess;
  picture.probabilities.assign(classes, 0.1f / float(classes));
  picture.probabilities[std::size_t(guess)] += 0.9f;
  picture.image = {3, 2, channels, std::vector<std::uint8_t>(std::size_t(6 * channels), 7)};
  return picture;
}

// Of every 100 images of a class, 90 are right and 10 are taken for the next class.
Evaluation make_evaluation(const std::vector<std::string>& names) {
  Evaluation test;
  const std::size_t classes = names.size();
  test.accuracy = 0.9;
  test.images = std::int64_t(classes) * 100;
  test.confusion.assign(classes, std::vector<std::int64_t>(classes, 0));
  for (std::size_t i = 0; i < classes; ++i) {
    test.confusion[i][i] = 90;
    test.confusion[i][(i + 1) % classes] += 10;
    test.per_class.push_back({names[i], 0.9, 0.9, 0.9, 100});
  }
  test.macro = {"macro avg", 0.9, 0.9, 0.9, test.images};
  return test;
}

Reliability make_reliability() {
  Reliability result{0.04, 0.5, 0.2, 0.9, {}};
  for (int b = 0; b < 15; ++b) result.bins.push_back({b / 15.0, (b + 1) / 15.0, 0, 0, 0});
  result.bins[9] = {9 / 15.0, 10 / 15.0, 40, 0.63, 0.5};
  result.bins[14] = {14 / 15.0, 1, 960, 0.98, 0.92};
  return result;
}

ReportData make_data(std::size_t classes = 3) {
  ReportData data;
  for (std::size_t i = 0; i < classes; ++i) data.class_names.push_back("kind" + std::to_string(i));
  for (const char* title : {"First model", "Final model"}) {
    ModelReport& model = data.models.emplace_back();
    model.title = title;
    model.settings = {{"model.kernels", "32"}};
    model.params = 421642;
    model.history = make_history(data.models.size() == 1 ? 3 : 5, 0.8);
    model.test = make_evaluation(data.class_names);
    model.costs = ModelCosts{1'700'000, 2'340'000, 412, 31234};
  }
  auto& calibration = data.models[1].calibration.emplace();
  calibration.temperature = {1.25, 3000};
  calibration.before = calibration.after = make_reliability();
  for (std::size_t i = 0; i < classes; ++i) {
    data.cells.push_back(make_picture(i, int(i), int(i), classes));
    data.cells.push_back(make_picture(100 + i, int(i), int((i + 1) % classes), classes));
  }
  data.mistakes = {make_picture(4021, 0, 1, classes)};
  data.unsure_hits = {make_picture(77, 2 % int(classes), 2 % int(classes), classes)};
  Anatomy anatomy;
  anatomy.example = make_picture(5, 0, 1, classes);
  anatomy.kernels = {"layers.0 conv2d", 2, 1, 1, {-0.5f, 0.25f}};
  anatomy.maps = {{"layers.0 conv2d", 40, 2, 1, std::vector<float>(80, 1.5f)}};
  data.anatomy = anatomy;
  return data;
}

std::string all_parts(const ReportData& data) {
  std::string html = curves_part(data);
  for (std::size_t i = 0; i < data.models.size(); ++i) {
    html += model_part(data, data.models[i], "model-" + std::to_string(i + 1));
  }
  return html + pictures_part(data) + anatomy_part(data);
}

TEST(ModelPart, IsWellFormedAndItsLinksLead) {
  for (const std::size_t classes : {std::size_t(2), std::size_t(10), std::size_t(100)}) {
    const std::string html = all_parts(make_data(classes));
    EXPECT_EQ(part_fault(html), "") << classes;
    expect_links_to_lead(html);
    EXPECT_EQ(count_of(html, "\"nan"), 0u);
    EXPECT_LT(html.size(), 600'000u) << classes;
  }
  EXPECT_EQ(part_fault("<p><b></p>"), "unexpected </p>");  // the check can fail
}

TEST(ModelPart, SaysNothingWhereThereIsNothing) {
  EXPECT_EQ(all_parts(ReportData{}), "");
  ReportData data;
  data.models.emplace_back();
  data.anatomy.emplace();
  EXPECT_EQ(all_parts(data), "");
}

TEST(ModelPart, EscapesNamesFromStrangers) {
  ReportData data = make_data();
  const std::string evil = "</svg><script>'\"&\x01\xFF";
  data.class_names[1] = evil;
  for (ModelReport& model : data.models) {
    model.title = model.summary = evil;
    model.settings = {{evil, evil}};
    model.test->per_class[1].name = evil;
  }
  data.anatomy->maps[0].layer = data.anatomy->kernels.layer = evil;
  const std::string html = all_parts(data);
  EXPECT_EQ(part_fault(html), "");
  EXPECT_EQ(count_of(html, "<script"), 0u);
  EXPECT_EQ(count_of(html, "\x01") + count_of(html, "\xFF"), 0u);
  EXPECT_GT(count_of(html, "&lt;script&gt;&#39;&quot;&amp;\xEF\xBF\xBD\xEF\xBF\xBD"), 20u);
}

TEST(ModelPart, LinksEachFigureOfTheFinalMatrixToItsImages) {
  const ReportData data = make_data();
  const std::string html = model_part(data, data.models[1], "m");
  EXPECT_NE(html.find("href=\"#m-confusion-0-1\" aria-label=\"10 images of kind0 taken for kind1: "
                      "show images\""),
            std::string::npos);
  EXPECT_NE(html.find("Test image 101, 93.3"), std::string::npos);
  EXPECT_EQ(count_of(html, "class=\"cell-images"), 6u);
  EXPECT_EQ(count_of(html, "class=\"cell-images first\""), 1u);
  EXPECT_EQ(count_of(html, "data:image"), 1u);  // all of them in one sheet
  EXPECT_EQ(count_of(model_part(data, data.models[0], "m"), "cell-images"), 0u);
}

TEST(ModelPart, HoldsCountsAndShares) {
  const ReportData data = make_data();
  const std::string html = model_part(data, data.models[1], "m");
  EXPECT_EQ(count_of(html, "<span class=\"count\">90</span><span class=\"share\">90.0</span>"), 3u);
  EXPECT_EQ(count_of(html, "<td class=\"sum\">100</td>"), 6u);  // three rows, three columns
  EXPECT_EQ(count_of(html, "<td class=\"sum\">300</td>"), 1u);
  EXPECT_EQ(count_of(html, "type=\"radio\""), 2u);
}

TEST(ModelPart, PrintsADashForAClassWithoutImages) {
  ReportData data = make_data();
  Evaluation& test = *data.models[1].test;
  test.confusion[1] = {0, 0, 0};
  test.per_class[1] = {"kind1", 0, 0, 0, 0};
  const std::string html = model_part(data, data.models[1], "m");
  // Precision 0 of the 10 that were taken for it; no recall.
  const std::string row = html.substr(html.rfind("<th scope=\"row\">kind1</th>"), 420);
  EXPECT_NE(row.find("<b>0.0</b>"), std::string::npos);
  EXPECT_NE(row.find("<td class=\"meter\"><span>\xE2\x80\x93</span></td>"), std::string::npos);
}

TEST(ModelPart, SaysWhatTheTemperatureDid) {
  const ReportData data = make_data();
  const std::string html = model_part(data, data.models[1], "m");
  EXPECT_NE(html.find("Temperature 1.250: the model was surer"), std::string::npos);
  EXPECT_NE(html.find("3,000 training images kept out"), std::string::npos);
  EXPECT_NE(html.find("960 images said 98.0"), std::string::npos);
  EXPECT_EQ(count_of(html, "class=\"dot\""), 4u);  // two bins with images, before and after
}

TEST(ModelPart, ShowsTheTrueClassAmongTheBarsHoweverImprobable) {
  ReportData data = make_data(10);
  data.mistakes = {make_picture(9, 9, 0, 10)};
  data.unsure_hits.clear();
  const std::string html = pictures_part(data);
  EXPECT_EQ(count_of(html, "<li class=\"other\">"), 3u);
  EXPECT_EQ(count_of(html, "<li class=\"truth\"><span>kind9 <span title=\"true class\">"), 1u);
  EXPECT_NE(html.find("temperature 1.250"), std::string::npos);
}

TEST(ModelPart, ShowsAtMostThirtyTwoMapsAndSaysHowManyThereAre) {
  const std::string html = anatomy_part(make_data());
  EXPECT_EQ(count_of(html, "<img "), 1u + 2 + 32);
  EXPECT_NE(html.find("40 maps of 2 \xC3\x97 1, the first 32"), std::string::npos);
  EXPECT_NE(html.find("-0.50<i class=\"diverging\"></i>0.50"), std::string::npos);
}

TEST(ModelPart, SaysWhichMapsHaveOneValueEverywhere) {
  ReportData data = make_data();
  EXPECT_NE(anatomy_part(data).find("32 of 32 (dashed) have one value everywhere: these filters do "
                                    "not answer to this image."),
            std::string::npos);
  data.anatomy->maps[0].values[1] = 2;
  EXPECT_NE(anatomy_part(data).find("31 of 32"), std::string::npos);
  for (std::size_t i = 0; i < 80; i += 2) data.anatomy->maps[0].values[i] = 3;
  EXPECT_EQ(anatomy_part(data).find("(dashed)"), std::string::npos);
}

TEST(ModelPart, NamesRowsAndColumnsOfAMatrixTooLargeForFigures) {
  const std::string forty = all_parts(make_data(40));
  EXPECT_EQ(count_of(forty, ">kind39</text>"), 4u);  // two models, rows and columns
  const std::string many = all_parts(make_data(200));
  EXPECT_NE(many.find(">kind195</text>"), std::string::npos);
  EXPECT_EQ(many.find(">kind196</text>"), std::string::npos);
  EXPECT_NE(many.find("One class in 5 has its name here."), std::string::npos);
}

TEST(ModelPart, KeepsNamesApartThatAreAlikeAsFarAsTheyAreShown) {
  ReportData data = make_data(40);
  for (auto& model : data.models) {
    for (auto& scores : model.test->per_class)
      scores.name = "a long-sleeved garment " + scores.name;
  }
  EXPECT_EQ(count_of(all_parts(data), ">39 a long-sleeve"), 4u);
}

TEST(ModelPart, TurnsNamesOfColumnsOnlyWhereTheyAreLong) {
  ReportData data = make_data();
  EXPECT_EQ(count_of(all_parts(data), "class=\"turned\""), 0u);
  for (auto& scores : data.models[0].test->per_class) scores.name += " of garment";
  EXPECT_EQ(count_of(all_parts(data), "class=\"turned\""), 3u);
}

TEST(ModelPart, KeepsLargeColourImagesWithinTheBudget) {
  ReportData data = make_data(10);
  data.cells.clear();
  Image photo{300, 200, 3, {}};
  std::uint32_t noise = 1;
  for (int i = 0; i < 300 * 200 * 3; ++i) {
    photo.pixels.push_back(std::uint8_t((noise = noise * 1664525u + 1013904223u) >> 24));
  }
  for (int truth = 0; truth < 10; ++truth) {
    for (int i = 0; i < 96; ++i) {
      Pictured& picture =
          data.cells.emplace_back(make_picture(0, truth, (truth + i / 12) % 10, 10));
      picture.image = photo;
    }
  }
  for (int i = 0; i < 24; ++i) {
    data.mistakes.push_back(data.cells[12]);
    data.unsure_hits.push_back(data.cells[0]);
  }
  EXPECT_LT(all_parts(data).size(), 3'000'000u);
}

TEST(Curves, DrawBothModelsOnOneScale) {
  const std::string html = curves_part(make_data());
  EXPECT_EQ(count_of(html, "<svg "), 2u);
  EXPECT_EQ(count_of(html, "role=\"img\""), 2u);
  EXPECT_EQ(count_of(html, "class=\"line\""), 4u);
  EXPECT_NE(html.find("First model: 81.0\xC2\xA0% after epoch 1, 83.0\xC2\xA0% after epoch 3"),
            std::string::npos);
  EXPECT_NE(html.find("Final model: 85.0\xC2\xA0%"), std::string::npos);
  EXPECT_EQ(count_of(html, "class=\"band\""), 0u);
}

TEST(Curves, DrawTheMeanOfSeveralSeedsAndTheirRange) {
  const std::vector<CurveGroup> groups = {
      {"adam", {make_history(4, 0.5), make_history(2, 0.7)}}, {"empty", {}}, {"none", {{}}}};
  const std::string chart = curve_chart("c", groups, CurveMeasure::accuracy);
  EXPECT_EQ(count_of(chart, "class=\"band\""), 1u);
  EXPECT_NE(chart.find("adam: 61.0\xC2\xA0% (51.0\xC2\xA0% to 71.0\xC2\xA0%)"), std::string::npos);
  EXPECT_NE(chart.find("adam: 54.0\xC2\xA0% (54.0"), std::string::npos);  // one run went on alone
  EXPECT_EQ(curve_chart("c", {{"empty", {}}}, CurveMeasure::loss), "");
}

TEST(Curves, BreakWhereALossIsNotANumber) {
  CurveGroup group{"run", {make_history(4, 0.5)}};
  group.runs[0][1].loss = std::numeric_limits<double>::quiet_NaN();
  const std::string chart = curve_chart("c", {group}, CurveMeasure::loss);
  EXPECT_EQ(chart.find("nan"), std::string::npos);
  const std::string line = found(chart, "<path d=\"([^\"]*)\" class=\"line\"")[0];
  EXPECT_EQ(std::count(line.begin(), line.end(), 'M'), 2);
  for (EpochRecord& epoch : group.runs[0]) epoch.loss = group.runs[0][1].loss;
  EXPECT_EQ(curve_chart("c", {group}, CurveMeasure::loss), "");
}

TEST(Curves, TellTheWatchedSetByDashesAndWords) {
  ReportData data = make_data();
  EXPECT_EQ(count_of(curves_part(data), "validation"), 0u);
  for (EpochRecord& epoch : data.models[1].history) epoch.watched_accuracy = 0.82;
  const std::string html = curves_part(data);
  EXPECT_EQ(count_of(html, "class=\"curve c1 watched\""), 1u);
  EXPECT_EQ(count_of(html, "82.0\xC2\xA0%<tspan class=\"who\"> validation</tspan>"), 1u);
}

TEST(ModelPart, SaysWhyATemperatureStaysOneAndThatAModelFailed) {
  ReportData data = make_data(3);
  data.models[1].calibration->temperature.value = 1;
  data.models[1].calibration->temperature.kept = "all <kept-out> images are right";
  EXPECT_THAT(
      model_part(data, data.models[1], "m"),
      ::testing::HasSubstr("The temperature stays 1: all &lt;kept-out&gt; images are right"));
  data.models[0].failed = "training <diverged> in epoch 1";
  EXPECT_THAT(model_part(data, data.models[0], "m"),
              ::testing::HasSubstr(
                  "There is no such model: its training failed. training &lt;diverged&gt;"));
}

}  // namespace
}  // namespace tailor::internal
