// What holds for every page on every screen: nothing goes wrong, nothing leaves the file, nothing
// is cut off, strangers' texts are texts, and those who do not see or do not use a mouse get the
// same.
#include <gmock/gmock.h>

#include <algorithm>

#include "tailor/core/file.hpp"
#include "tests/browser/fixture.hpp"
#include "tests/browser/page_files.hpp"
#include "tests/browser/pages.hpp"

namespace tailor::internal::browser {
namespace {

using ::testing::IsEmpty;

constexpr int kWidths[] = {390, 768, 1280, 2560};

Screen screen_of(int width) {
  return {.width = width, .height = width < 500 ? 844 : 800, .touch = width < 500};
}

class EveryPage : public BrowserTest, public ::testing::WithParamInterface<std::string> {
 protected:
  void open() {
    tab().open(page_file(GetParam()));
    if (is_explorer()) settle();
  }

  // The explorer unpacks what it carries and plays once; its pictures are compared at rest.
  void settle() {
    ASSERT_TRUE(tab().becomes("tailor.state().complete"));
    tab().run("tailor.setFrame(1e9)");
    tab().wait_frames(2);
  }

  bool is_explorer() const { return GetParam().starts_with("explorer"); }

  void load_audit() { tab().run(read_text(TAILOR_SOURCE_DIR "/tests/browser/audit.js")); }

  std::vector<std::string> audit(const std::string& what) {
    load_audit();
    return tab().texts("tailorAudit." + what + "()");
  }
};

std::string test_name(const ::testing::TestParamInfo<std::string>& page) {
  std::string name = page.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// All pages of one small set.
auto pages_of(const std::string& set) {
  return ::testing::Values("report-" + set, "explorer-" + set, "comparison-" + set);
}

class HostilePage : public EveryPage {};
class PicturedPage : public EveryPage {};
INSTANTIATE_TEST_SUITE_P(Pages, EveryPage, ::testing::ValuesIn(page_names()), test_name);
INSTANTIATE_TEST_SUITE_P(Pages, HostilePage, pages_of("hostile"), test_name);
INSTANTIATE_TEST_SUITE_P(Pages, PicturedPage, pages_of("grey"), test_name);

// The fixture's TearDown looks for errors and requests.
TEST_P(EveryPage, LoadsShowsAndScrollsWithoutFault) {
  tab().reduced_motion(true);
  open();
  EXPECT_TRUE(tab().truth("document.querySelector('h1').checkVisibility()"));
  EXPECT_TRUE(tab().truth("[...document.images].every(i => i.complete && i.naturalWidth > 0)"));
  tab().run("scrollTo(0, document.documentElement.scrollHeight)");
  tab().wait_frames(3);
  tab().run("dispatchEvent(new Event('resize'))");
  tab().wait_frames(3);
}

TEST_P(EveryPage, FitsEveryScreen) {
  for (const int width : kWidths) {
    SCOPED_TRACE(width);
    tab().screen(screen_of(width));
    open();
    for (const char* what : {"overflow", "contentsBar", "smallText", "cutText", "spilledLabels",
                             "crossedLabels", "silentScrolling", "runTogether"}) {
      EXPECT_THAT(audit(what), IsEmpty()) << what;
    }
  }
}

TEST_P(EveryPage, NamesWhatItShowsInOrder) {
  open();
  EXPECT_THAT(audit("ids"), IsEmpty());
  EXPECT_THAT(audit("headings"), IsEmpty());
  EXPECT_THAT(audit("names"), IsEmpty());
  tab().key("Tab");
  EXPECT_THAT(audit("focus"), IsEmpty());
}

TEST_P(EveryPage, StandsOutFromItsBackgroundInLightAndDark) {
  open();
  EXPECT_THAT(audit("contrast"), IsEmpty());
  EXPECT_THAT(audit("marks"), IsEmpty());
  tab().dark(true);
  EXPECT_TRUE(
      tab().becomes("(() => { const c = getComputedStyle(document.body).backgroundColor"
                    ".match(/[\\d.]+/g).map(Number); return Math.max(c[0], c[1], c[2]) < 80 })()"));
  tab().wait_frames(2);
  EXPECT_THAT(audit("contrast"), IsEmpty());
  EXPECT_THAT(audit("marks"), IsEmpty());
}

TEST_P(EveryPage, ReadsWithoutScript) {
  tab().scripts(false);
  tab().open(page_file(GetParam()));
  EXPECT_TRUE(tab().truth("document.querySelector('h1').checkVisibility()"));
  EXPECT_GE(tab().number("[...document.querySelectorAll('main h2')].filter(h => "
                         "h.checkVisibility()).length"),
            1);
  EXPECT_THAT(audit("overflow"), IsEmpty());
}

TEST_P(EveryPage, PrintsDarkOnWhite) {
  tab().dark(true);
  tab().print(true);
  tab().screen({.width = 718, .height = 1000, .touch = true});  // A4 between usual margins
  open();
  load_audit();
  EXPECT_LE(tab().number("tailorAudit.shareOfWidth()"), 2);
  EXPECT_THAT(audit("contrast"), IsEmpty());
  EXPECT_TRUE(
      tab().truth("(() => { const c = getComputedStyle(document.body).backgroundColor"
                  ".match(/[\\d.]+/g).map(Number); return c[3] === 0 || "
                  "Math.min(c[0], c[1], c[2]) > 240 })()"));
  // Bars that stay on the screen would lie on every page of the paper.
  EXPECT_THAT(audit("staying"), IsEmpty());
}

// Separators of lines and paragraphs (U+2028, U+2029) become U+FFFD on a page.
std::string as_shown(std::string text) {
  for (const char* separator : {"\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    const std::size_t at = text.find(separator);
    if (at != std::string::npos) text.replace(at, 3, "\xEF\xBF\xBD");
  }
  return text;
}

TEST_P(HostilePage, ShowsStrangersTextsAndRunsNone) {
  open();
  EXPECT_EQ(tab().text("typeof window.hacked"), "undefined");
  EXPECT_THAT(tab().texts("[...document.querySelectorAll('a')].filter(a => "
                          "a.protocol === 'javascript:').map(a => a.href)"),
              IsEmpty());
  for (const char* tag : {"img[src=x]", "[onmouseover]", "[onerror]"}) {
    EXPECT_EQ(tab().number("document.querySelectorAll('" + std::string(tag) + "').length"), 0);
  }
  const std::string shown = tab().text(
      "[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && "
      "!['SCRIPT', 'STYLE'].includes(e.tagName)).flatMap(e => [...e.childNodes])"
      ".filter(n => n.nodeType === 3).map(n => n.data).join('\\n')");
  for (const std::string& text : hostile_texts()) {
    EXPECT_NE(shown.find(as_shown(text)), std::string::npos) << text;
  }
}

// For people to look at: browser/PAGE-WIDTH-SCHEME.png in the build folder.
TEST_P(PicturedPage, IsKeptInLightAndDark) {
  for (const int width : kWidths) {
    tab().screen(screen_of(width));
    open();
    for (const bool dark : {false, true}) {
      tab().dark(dark);
      tab().wait_frames(2);
      const auto picture =
          picture_path(GetParam() + "-" + std::to_string(width) + (dark ? "-dark" : "-light"));
      tab().screenshot(picture, true);
      EXPECT_GT(std::filesystem::file_size(picture), 10'000u);
    }
  }
}

}  // namespace
}  // namespace tailor::internal::browser
