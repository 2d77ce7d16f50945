#include "tailor/report/parts/html.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tailor::internal {
namespace {

TEST(Escape, MakesMarkupHarmless) {
  EXPECT_EQ(escape("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
}

TEST(Escape, KeepsValidUtf8AndReplacesTheRest) {
  EXPECT_EQ(escape("\xC3\xBC \xE2\x82\xAC \xF0\x9F\x91\x9F"),
            "\xC3\xBC \xE2\x82\xAC \xF0\x9F\x91\x9F");
  EXPECT_EQ(escape("\xC3"), "\xEF\xBF\xBD");                                  // cut short
  EXPECT_EQ(escape("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong
  EXPECT_EQ(escape("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
  EXPECT_EQ(escape(std::string_view("\0\x1B\x7F", 3)), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escape("a\n\tb"), "a\n\tb");
}

TEST(Numbers, PrintAsPeopleReadThem) {
  EXPECT_EQ(percent(0.92934), "92.93\xC2\xA0%");
  EXPECT_EQ(decimal(0.25, 3), "0.250");
  EXPECT_EQ(decimal(std::numeric_limits<double>::quiet_NaN(), 3), "\xE2\x80\x93");
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-123456), "-123,456");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(TableHtml, HeadsRowsAndColumns) {
  const std::string html = table_html(
      {"Scores", {{"class", false}, {"f1"}}, {{"coat", "0.9"}, {"all", "0.8"}}, 0, true});
  EXPECT_NE(html.find("<caption><span>Scores</span></caption>"), std::string::npos);
  EXPECT_NE(html.find("<th scope=\"col\">class</th>"), std::string::npos);
  EXPECT_NE(html.find("<tr class=\"marked\"><th scope=\"row\">coat</th><td class=\"n\">0.9</td>"),
            std::string::npos);
  EXPECT_NE(html.find("<tr class=\"total\"><th scope=\"row\">all</th>"), std::string::npos);
}

TEST(SectionHtml, IsLeftOutWithoutABody) {
  EXPECT_EQ(section_html("x", "X", ""), "");
  EXPECT_NE(section_html("x", "X", "<p></p>").find("<h2 id=\"x-title\">X</h2>"), std::string::npos);
}

}  // namespace
}  // namespace tailor::internal
