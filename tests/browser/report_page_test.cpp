// What the report can do beyond being read.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/browser/fixture.hpp"
#include "tests/browser/page_files.hpp"

namespace tailor::internal::browser {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReportPage : public BrowserTest {
 protected:
  void open(const std::string& name = "report-grey") { tab().open(page_file(name)); }

  std::string background() { return tab().text("getComputedStyle(document.body).backgroundColor"); }

  // What stands in a column of the candidates' table, from top to bottom; empty cells are NaN.
  std::vector<double> column(int index) {
    return tab().numbers(
        "[...document.querySelector('table.sortable').tBodies[0].rows].map(r => "
        "parseFloat(r.cells[" +
        std::to_string(index) +
        "].textContent.replace(/,/g, ''))).map(v => "
        "isNaN(v) ? -1 : v)");
  }

  // The column whose header begins so.
  int column_named(const std::string& header) {
    return int(
        tab().number("[...document.querySelector('table.sortable').tHead.rows[0].cells]"
                     ".findIndex(c => c.textContent.trim().startsWith('" +
                     header + "'))"));
  }

  void click_header(int index) {
    tab().click("table.sortable thead th:nth-child(" + std::to_string(index + 1) + ") button");
  }
};

// Without score, shown as -1 above, stands last in both directions.
TEST_F(ReportPage, SortsCandidatesByAnyColumn) {
  open();
  const int score = column_named("mean");
  ASSERT_GE(score, 0);
  click_header(score);
  std::vector<double> values = column(score);
  ASSERT_EQ(values.size(), 12u);
  EXPECT_EQ(values.back(), -1);
  EXPECT_TRUE(std::is_sorted(values.begin(), values.end() - 1));
  click_header(score);
  values = column(score);
  EXPECT_EQ(values.back(), -1);
  EXPECT_TRUE(std::is_sorted(values.rbegin() + 1, values.rend()));
  EXPECT_EQ(tab().text("document.querySelector('table.sortable [aria-sort]').ariaSort"),
            "descending");
  EXPECT_EQ(tab().number("document.querySelectorAll('table.sortable [aria-sort]').length"), 1);
}

TEST_F(ReportPage, SwitchesBetweenCountsAndShares) {
  open();
  const auto shown = [&](const std::string& which) {
    return tab().truth("document.querySelector('.matrix:has(.shelf) td ." + which +
                       "').checkVisibility()");
  };
  EXPECT_TRUE(shown("count"));
  EXPECT_FALSE(shown("share"));
  tab().click(".matrix:has(.shelf) label[for$='shares']");
  EXPECT_FALSE(shown("count"));
  EXPECT_TRUE(shown("share"));
  // Rows sum to 100.
  EXPECT_NEAR(
      tab().number("[...document.querySelectorAll('.matrix:has(.shelf) tbody tr:first-child "
                   ".share')].reduce((s, e) => s + parseFloat(e.textContent), 0)"),
      100, 0.2);
}

constexpr const char* kOpenPanel =
    "[...document.querySelectorAll('.matrix .shelf > [id]')].filter(e => e.checkVisibility())";

// Every tenth of the 300 images is taken for the next class: 10 of each.
TEST_F(ReportPage, ShowsTheImagesBehindACell) {
  open();
  const std::string cell = ".matrix:has(.shelf) tbody tr:nth-child(2) td:nth-of-type(3) a";
  EXPECT_EQ(tab().text("document.querySelector('" + cell + " .count').textContent"), "10");
  tab().click(cell);
  const std::string panel = std::string(kOpenPanel) + "[0]";
  EXPECT_EQ(tab().number(std::string(kOpenPanel) + ".length"), 1);
  EXPECT_EQ(tab().text("'#' + " + panel + ".id"),
            tab().text("document.querySelector('" + cell + "').hash"));
  EXPECT_TRUE(tab().truth(panel + ".textContent.includes('Disc right') && " + panel +
                          ".textContent.includes('Disc below')"));
  tab().key("ArrowLeft");
  EXPECT_TRUE(tab().truth("document.activeElement.closest('td').cellIndex === 2"));
  tab().key("Enter");
  EXPECT_NE(tab().text(panel + ".id"), "");
  EXPECT_FALSE(tab().truth(panel + ".textContent.includes('Disc below')"));
}

TEST_F(ReportPage, ShowsTheImagesBehindACellWithoutScript) {
  tab().scripts(false);
  open();
  const std::string cell = ".matrix:has(.shelf) tbody tr:nth-child(2) td:nth-of-type(3) a";
  tab().click(cell);
  EXPECT_TRUE(tab().becomes("document.querySelector(document.querySelector('" + cell +
                            "').hash).checkVisibility()"));
}

TEST_F(ReportPage, FollowsTheSystemsColoursAndItsButton) {
  open();
  const std::string light = background();
  tab().dark(true);
  const std::string dark = background();
  EXPECT_NE(dark, light);
  tab().click("nav .theme button");
  EXPECT_EQ(background(), light);
  tab().click("nav .theme button");
  EXPECT_EQ(background(), dark);
}

TEST_F(ReportPage, MarksTheSectionThatIsRead) {
  open();
  const std::string current =
      "[...document.querySelectorAll('nav [aria-current]')].map(a => a.hash)";
  tab().click("nav a[href='#search']");
  EXPECT_TRUE(tab().becomes(current + ".join() === '#search'"));
  tab().run("scrollTo(0, document.documentElement.scrollHeight)");
  EXPECT_TRUE(tab().becomes(current + ".join() === "
                                      "[...document.querySelectorAll('nav a')].at(-1).hash"));
}

TEST_F(ReportPage, FoldsItsContentsIntoAMenuWhereTheScreenIsNarrow) {
  tab().screen({.width = 390, .height = 844, .touch = true});
  open();
  const std::string search = "document.querySelector(\"nav a[href='#search']\")";
  EXPECT_FALSE(tab().truth(search + ".checkVisibility()"));
  tab().click("nav .menu");
  EXPECT_TRUE(tab().truth(search + ".checkVisibility()"));
  tab().click("nav a[href='#search']");
  EXPECT_FALSE(tab().truth(search + ".checkVisibility()"));
  EXPECT_TRUE(tab().becomes("document.querySelector('nav .menu').textContent.endsWith('Search')"));
}

TEST_F(ReportPage, DrawsTheBestOnTopOfAllOthers) {
  open("report-digits");
  EXPECT_TRUE(
      tab().truth("[...document.querySelectorAll('#search svg .best')].every(ring => "
                  "![...ring.parentNode.querySelectorAll('.point')].some(point => "
                  "ring.compareDocumentPosition(point) & Node.DOCUMENT_POSITION_FOLLOWING))"));
}

TEST_F(ReportPage, CopiesTheCommand) {
  open("report-hostile");
  tab().click(".command button");
  EXPECT_TRUE(tab().becomes("document.querySelector('.command button').textContent === 'Copied'"));
  EXPECT_EQ(tab().clipboard(), tab().text("document.querySelector('.command pre').textContent"));
}

TEST_F(ReportPage, FollowsOneCandidateThroughTheCharts) {
  open();
  const std::string lit =
      "[...new Set([...document.querySelectorAll('.candidates .lit')].map(e => e.dataset.c))]";
  tab().move(tab().middle("#search circle[data-c='4']"));
  EXPECT_TRUE(tab().becomes(lit + ".join() === '4'"));
  EXPECT_GE(tab().number("document.querySelectorAll('.candidates .lit').length"), 3);
  EXPECT_TRUE(tab().truth("document.querySelector('.tip').checkVisibility()"));
  tab().click(tab().middle("tr[data-c='2']"));
  tab().move({5, 5});
  EXPECT_THAT(tab().texts(lit), ElementsAre("2"));
  tab().key("Escape");
  EXPECT_THAT(tab().texts(lit), IsEmpty());
}

TEST_F(ReportPage, SkipsToTheContentByKeyboard) {
  open();
  tab().key("Tab");
  EXPECT_EQ(tab().text("document.activeElement.hash"), "#main");
  EXPECT_TRUE(tab().truth("document.activeElement.getBoundingClientRect().top >= 0"));
  tab().key("Enter");
  tab().key("Tab");
  EXPECT_TRUE(tab().truth("!!document.activeElement.closest('main')"));
}

}  // namespace
}  // namespace tailor::internal::browser
