// The harness itself: that it sees what it is there to see, and that its hands work.
#include <gmock/gmock.h>

#include "tests/browser/fixture.hpp"

namespace tailor::internal::browser {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::filesystem::path plain_page(const std::string& name, const std::string& body) {
  return write_page("harness-" + name,
                    "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>t</title>"
                    "<style>body { margin: 0; background: #fff }"
                    "@media (prefers-color-scheme: dark) { body { background: #111 } }"
                    "@media print { body { background: #ccc } }</style>" +
                        body + "</html>");
}

using Harness = BrowserTest;

TEST_F(Harness, CatchesExceptionsErrorsWarningsAndDialogs) {
  tab().open(plain_page("errors",
                        "<script>console.error('bad', 7); console.warn('odd'); console.log('ok');"
                        "alert('hello'); setTimeout(() => nowhere(), 0);</script>"));
  EXPECT_TRUE(tab().becomes("new Promise(r => setTimeout(() => r(true), 20))"));
  EXPECT_THAT(tab().faults(), ElementsAre("console.error: bad 7", "console.warning: odd",
                                          "dialog: hello", HasSubstr("nowhere is not defined")));
  EXPECT_THAT(tab().faults(), IsEmpty());
}

TEST_F(Harness, CatchesEveryRequestThatLeavesTheFile) {
  tab().open(plain_page("requests",
                        "<img alt='' src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>"
                        "<img alt='' src='beside.png'><script>fetch('http://127.0.0.1:9/x')"
                        ".catch(() => 0); window.ready = true;</script>"));
  EXPECT_TRUE(tab().becomes("window.ready === true"));
  const std::vector<std::string> faults = tab().faults();
  EXPECT_THAT(faults, Contains(HasSubstr("/beside.png")));
  EXPECT_THAT(faults, Contains("request: http://127.0.0.1:9/x"));
  EXPECT_THAT(faults, Not(Contains(HasSubstr("data:"))));
}

TEST_F(Harness, ThrowsWhatTheScriptThrows) {
  tab().open(plain_page("throws", ""));
  EXPECT_THROW(tab().run("missing.thing"), std::runtime_error);
  EXPECT_THROW(tab().middle("#missing"), std::runtime_error);
  EXPECT_EQ(tab().text("Promise.resolve('\\u2028\"')"), "\xE2\x80\xA8\"");
  EXPECT_THAT(tab().numbers("[1, 2.5]"), ElementsAre(1, 2.5));
}

TEST_F(Harness, MovesMouseKeysAndFingers) {
  tab().screen({.width = 390, .height = 600, .touch = true});
  tab().open(plain_page("input",
                        "<meta name='viewport' content='width=device-width'>"
                        "<canvas id='c' width='300' height='200' style='touch-action: none'>"
                        "</canvas><input id='i'><script>const seen = []; for (const t of "
                        "['pointerdown', 'pointermove', 'pointerup', 'wheel']) "
                        "c.addEventListener(t, e => seen.push(`${t} ${e.pointerType ?? e.deltaY} "
                        "${Math.round(e.clientX)} ${e.shiftKey}`), {passive: true}); "
                        "onkeydown = e => seen.push(`${e.key} ${e.ctrlKey}`)</script>"));
  tab().drag({{10, 10}, {30, 20}}, kShift);
  tab().wheel({10, 10}, 120);
  tab().fingers({{{50, 50}, {60, 50}}, {{90, 50}, {80, 50}}});
  EXPECT_TRUE(tab().becomes("seen.filter(s => s.startsWith('pointerup touch')).length === 2"));
  const std::vector<std::string> seen = tab().texts("seen");
  for (const char* event :
       {"pointerdown mouse 10 true", "pointermove mouse 30 true", "pointerup mouse 30 true",
        "wheel 120 10 false", "pointerdown touch 50 false", "pointerdown touch 90 false"}) {
    EXPECT_THAT(seen, Contains(event));
  }
  tab().click("#i");
  tab().type("a1");
  tab().key("ArrowLeft");
  tab().key("c", kControl);
  EXPECT_EQ(tab().text("i.value"), "a1");
  EXPECT_THAT(tab().texts("seen.slice(-4)"),
              ElementsAre("a false", "1 false", "ArrowLeft false", "c true"));
}

TEST_F(Harness, ChangesScreenSchemeMediaAndScripts) {
  const auto page =
      plain_page("media", "<p id='p'>static</p><script>p.textContent = 'run'</script>");
  const std::string background = "getComputedStyle(document.body).backgroundColor";
  tab().screen({.width = 390, .height = 700});
  tab().open(page);
  EXPECT_EQ(tab().number("innerWidth"), 390);
  EXPECT_EQ(tab().text(background), "rgb(255, 255, 255)");
  tab().dark(true);
  EXPECT_EQ(tab().text(background), "rgb(17, 17, 17)");
  tab().print(true);
  EXPECT_EQ(tab().text(background), "rgb(204, 204, 204)");
  tab().reduced_motion(true);
  EXPECT_TRUE(tab().truth("matchMedia('(prefers-reduced-motion: reduce)').matches"));
  EXPECT_EQ(tab().text("p.textContent"), "run");
  tab().scripts(false);
  tab().open(page);
  EXPECT_EQ(tab().text("p.textContent"), "static");
}

TEST_F(Harness, DrawsFrames) {
  tab().open(plain_page("frames", "<canvas></canvas>"));
  tab().run("requestAnimationFrame(() => window.drawn = true)");
  tab().wait_frames(3);
  EXPECT_TRUE(tab().truth("window.drawn"));
}

}  // namespace
}  // namespace tailor::internal::browser
