#include <gtest/gtest.h>

#include <cmath>

#include "tailor/cli/text_charts.hpp"
#include "tailor/cli/text_image.hpp"
#include "tailor/cli/text_width.hpp"
#include "tailor/core/error.hpp"
#include "tailor/study/image_source.hpp"

namespace tailor::internal {
namespace {

TEST(TextWidth, CountsCharactersAndCutsWithAnEllipsis) {
  EXPECT_EQ(text_columns("Mäntel"), 6u);
  EXPECT_EQ(cut_to("Ankle boot", 10), "Ankle boot");
  EXPECT_EQ(cut_to("Ankle boot", 6), "Ankle\xE2\x80\xA6");
  EXPECT_EQ(cut_to("Mäntel", 3), "Mä\xE2\x80\xA6");
  EXPECT_EQ(padded("Bag", 5), "Bag  ");
}

TEST(TextImage, PutsTwoPixelsInEveryCell) {
  const Image image{3, 2, 1, {0, 255, 128, 0, 255, 255}};
  const TextImage coloured = text_image(image, 80, true);
  ASSERT_EQ(coloured.lines.size(), 2u);
  EXPECT_EQ(coloured.columns, 2);
  EXPECT_TRUE(coloured.lines[0].starts_with(
      "\x1b[38;2;0;0;0;48;2;128;128;128m\xE2\x96\x80\x1b[38;2;255;255;255;48;2;0;0;0m"));
  EXPECT_TRUE(coloured.lines[1].find("48;2;0;0;0m") != std::string::npos);  // black below the image
  const TextImage plain = text_image(image, 80, false);
  EXPECT_EQ(plain.lines[0], ":=");  // a quarter and a half of the light
}

TEST(TextImage, ShrinksWhatIsWiderThanTheTerminal) {
  const Image image{30, 30, 3, std::vector<std::uint8_t>(2700, 200)};
  const TextImage small = text_image(image, 11, false);
  EXPECT_EQ(small.columns, 10);
  EXPECT_EQ(small.lines.size(), 5u);
}

TEST(TextImage, StandsSideBySideAsLongAsThereIsRoom) {
  const TextImage picture{4, {"abcd", "efgh"}};
  const std::vector<CaptionedImage> three(3, {picture, {"x"}});
  const std::string narrow = image_rows(three, 30), wide = image_rows(three, 80);
  EXPECT_EQ(std::count(narrow.begin(), narrow.end(), '\n'), 12);
  EXPECT_EQ(std::count(wide.begin(), wide.end(), '\n'), 4);
}

TEST(CurvesText, MarksEveryEpochOnOneScale) {
  const std::string text =
      curves_text("Accuracy", {{"first model", 'o', {0.5, 0.75}}, {"final model", '*', {1.0}}});
  EXPECT_NE(text.find("100.0 % |*"), std::string::npos) << text;
  EXPECT_NE(text.find("75.0 % |       o"), std::string::npos) << text;
  EXPECT_NE(text.find("50.0 % |o"), std::string::npos) << text;
  EXPECT_EQ(curves_text("Accuracy", {}), "");
  EXPECT_NE(curves_text("flat", {{"a", '*', {0.5, 0.5, NAN}}}).find('*'), std::string::npos);
}

TEST(ConfusionText, NumbersClassesAndDotsZeros) {
  const Console console(false);
  const std::string text = confusion_text(console, {{9, 1}, {0, 10}}, {"cat\x07", "dog"});
  EXPECT_NE(text.find("  0 cat?             9   1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  1 dog              .  10\n"), std::string::npos) << text;
  std::vector<std::vector<std::int64_t>> many(30, std::vector<std::int64_t>(30));
  many[3][7] = 5;
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) names.push_back("class " + std::to_string(i));
  EXPECT_EQ(confusion_text(console, many, names),
            "most confused\n     5  class 3 taken for class 7\n");
}

TEST(ImageSource, ReadsNumbersWithAndWithoutASplit) {
  EXPECT_EQ(parse_image_source("17", true)->index, 17u);
  EXPECT_TRUE(parse_image_source("17", true)->test);
  EXPECT_FALSE(parse_image_source("17", false)->test);
  EXPECT_FALSE(parse_image_source("train:3", true)->test);
  EXPECT_TRUE(parse_image_source("idx:3", false)->test);
  EXPECT_FALSE(parse_image_source("shoe.png", true).has_value());
  EXPECT_FALSE(parse_image_source("c:3", true).has_value());
  EXPECT_THROW(parse_image_source("test:x", true), Error);
  EXPECT_THROW(parse_image_source("train:-1", true), Error);
}

}  // namespace
}  // namespace tailor::internal
