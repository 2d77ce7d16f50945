#include "tailor/core/text.hpp"

#include <gtest/gtest.h>

namespace tailor::internal {
namespace {

TEST(DurationText, PicksUnitsAPersonWouldSay) {
  EXPECT_EQ(duration_text(0.44), "0.4 s");
  EXPECT_EQ(duration_text(42.4), "42 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(3900), "1 h 5 min");
}

TEST(Grouped, PutsCommasBetweenThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(60000), "60,000");
  EXPECT_EQ(grouped(1234567.6), "1,234,568");
}

TEST(Printable, LeavesNothingThatSteersATerminal) {
  EXPECT_EQ(printable("\x1b[31mred\n"), "?[31mred?");
  EXPECT_EQ(printable("bell\a, C1 \xC2\x9B, raw \x9B"), "bell?, C1 ?, raw ?");
  EXPECT_EQ(printable("\xE2\x80\xAEtxt.exe\xE2\x81\xA6\xD8\x9C\xE2\x80\xA8"), "?txt.exe???");
  EXPECT_EQ(printable("M\xC3\xA4ntel \xF0\x9F\x91\x9F"), "M\xC3\xA4ntel \xF0\x9F\x91\x9F");
  EXPECT_EQ(printable("\xEF\xBB\xBFname"), "?name");
}

TEST(Excerpt, QuotesTheBeginningOfWhatIsLong) {
  EXPECT_EQ(excerpt("short"), "short");
  EXPECT_EQ(excerpt(std::string(100'000, 'x'), 5), "xxxxx...");
  EXPECT_EQ(excerpt("\xC3\xA4\xC3\xB6\xC3\xBC", 2), "\xC3\xA4\xC3\xB6...");
}

TEST(Text, WrapsAtSpacesUnderItsFirstWord) {
  EXPECT_EQ(wrapped("one two three", 9, 2), "one two\n  three");
  EXPECT_EQ(wrapped("unbreakable word", 4, 0), "unbreakable\nword");
  EXPECT_EQ(wrapped("", 10, 2), "");
}

TEST(Text, SizesOfPicturesSayWhichNumberIsWhich) {
  EXPECT_EQ(picture_size(28, 28), "28x28");
  EXPECT_EQ(picture_size(400, 711), "400x711 (width x height)");
  EXPECT_EQ(picture_text({.channels = 3, .height = 711, .width = 400}),
            "400x711 (width x height), colour");
}

}  // namespace
}  // namespace tailor::internal
