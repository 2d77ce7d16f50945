#include "tailor/report/picture/text_raster.hpp"

#include <gtest/gtest.h>

namespace tailor::internal {
namespace {

const std::vector<std::filesystem::path> kNoFolders;

int dark_pixels(const TextRaster& text, std::string_view letters) {
  Canvas canvas(200, 40);
  text.draw(canvas, 4, 28, letters, {20, {0, 0, 0}, false});
  int dark = 0;
  for (const Rgb& pixel : canvas.pixels()) dark += pixel[0] < 128;
  return dark;
}

class TextRasterTest : public testing::TestWithParam<bool> {
 protected:
  const TextRaster text{GetParam() ? font_folders() : kNoFolders};
};

// Without the font package only the small letters can be tried.
TEST_P(TextRasterTest, DrawsLettersAndNothingForSpaces) {
  if (GetParam() && !text.has_font()) GTEST_SKIP() << "fonts-dejavu-core is not installed";
  EXPECT_EQ(text.has_font(), GetParam());
  EXPECT_GT(dark_pixels(text, "Ankle boot"), 100);
  EXPECT_GT(dark_pixels(text, "Ankle boots"), dark_pixels(text, "Ankle boot"));
  EXPECT_EQ(dark_pixels(text, " \t\n"), 0);
}

TEST_P(TextRasterTest, ShortensToTheRoomThereIs) {
  const TextStyle style{15};
  const std::string name = "Größe of a class with quite a long name";
  const int whole = text.width(name, style);
  EXPECT_EQ(text.shortened(name, style, whole), name);
  for (int room = 20; room < whole; room += 23) {
    const std::string cut = text.shortened(name, style, room);
    EXPECT_LE(text.width(cut, style), room);
    EXPECT_NE(cut, name);
    EXPECT_TRUE(cut.ends_with(text.has_font() ? "…" : "~")) << cut;
  }
  EXPECT_EQ(text.shortened(name, style, 3), "");
}

TEST_P(TextRasterTest, TakesBytesOfAnyOrigin) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += char(i);
  bytes += "\xf0\x9f\x91\x9f \xe2\x82";  // a letter beyond 16 bits, and one cut short
  const std::string shown = text.shortened(bytes, {15}, 100'000);
  EXPECT_EQ(shown.find('\n'), shown.npos);
  EXPECT_TRUE(shown.ends_with("\xf0\x9f\x91\x9f \xef\xbf\xbd")) << shown;
  EXPECT_GT(dark_pixels(text, bytes.substr(120)), 0);
}

INSTANTIATE_TEST_SUITE_P(Fonts, TextRasterTest, testing::Values(false, true));

}  // namespace
}  // namespace tailor::internal
