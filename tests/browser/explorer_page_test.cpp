// What the explorer shows: moments, maps, colours, filters, single images.
#include <gmock/gmock.h>

#include "tests/browser/explorer_fixture.hpp"
#include "tests/browser/pages.hpp"

namespace tailor::internal::browser {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ExplorerPage = ExplorerTest;

TEST_F(ExplorerPage, PlaysAndStopsAtAPress) {
  open();
  tab().run("tailor.setFrame(0)");
  const std::vector<double> start = places();
  tab().click("#play");
  EXPECT_TRUE(tab().becomes("tailor.state().playing && tailor.state().step > 20"));
  EXPECT_NE(places(), start);
  tab().click("#play");
  EXPECT_FALSE(truth("playing"));
  const std::vector<double> stopped = places();
  tab().wait_frames(5);
  EXPECT_EQ(places(), stopped);
}

TEST_F(ExplorerPage, OpensAtTheEndAndPlaysOnRequestOnly) {
  tab().open(page_file("explorer-grey"));
  ASSERT_TRUE(tab().becomes("tailor.state().complete"));
  tab().wait_frames(5);
  EXPECT_FALSE(truth("playing"));
  EXPECT_EQ(number("step"), 500);
  tab().click("#play");
  EXPECT_TRUE(tab().becomes("tailor.state().playing"));
  EXPECT_TRUE(tab().becomes("tailor.state().step > 0 && !tailor.state().playing"));
  EXPECT_EQ(number("step"), 500);
}

// Nothing but points, names and what is asked for: controls would hide some.
TEST_F(ExplorerPage, LaysNothingOnTheMap) {
  for (const int width : {390, 768, 1280, 2560}) {
    tab().screen({.width = width, .height = 844, .touch = width < 500});
    open();
    EXPECT_EQ(tab().number("tailor.visible().length"), 300) << width;
    EXPECT_EQ(tab().number("tailor.visible().filter(i => { const [x, y] = tailor.project(i), b = "
                           "document.querySelector('#scatter').getBoundingClientRect(); return "
                           "document.elementFromPoint(b.left + x, b.top + y).id !== 'scatter' })"
                           ".length"),
              0)
        << width;
  }
}

TEST_F(ExplorerPage, StaysStillForThoseWhoWantNoMotion) {
  tab().reduced_motion(true);
  tab().open(page_file("explorer-grey"));
  ASSERT_TRUE(tab().becomes("tailor.state().complete"));
  tab().wait_frames(5);
  EXPECT_FALSE(truth("playing"));
  EXPECT_EQ(number("step"), 500);
  tab().click("#maps button:nth-child(2)");
  EXPECT_FALSE(truth("flowing"));
  EXPECT_EQ(number("map"), 1);
}

TEST_F(ExplorerPage, ScrubsToAStepAndNamesIt) {
  open();
  const std::vector<double> end = places();
  tab().run("document.querySelector('#frame').focus()");
  tab().key("Home");
  tab().wait_frames(2);
  EXPECT_EQ(number("step"), 0);
  EXPECT_THAT(tab().text("document.querySelector('#step').textContent"),
              HasSubstr("step 0 of 500"));
  EXPECT_NE(places(), end);
  const Point middle = tab().middle("#frame");
  tab().click(middle);
  EXPECT_NEAR(number("step"), 250, 30);
  tab().run("document.querySelector('#frame').focus()");
  tab().key("End");
  tab().wait_frames(2);
  EXPECT_EQ(places(), end);
}

TEST_F(ExplorerPage, FlowsFromMapToMap) {
  open();
  const std::vector<double> before = places();
  tab().click("#maps button:nth-child(2)");
  EXPECT_TRUE(truth("flowing"));
  EXPECT_TRUE(tab().becomes("!tailor.state().flowing"));
  const std::vector<double> after = places();
  EXPECT_EQ(number("map"), 1);
  EXPECT_NE(after, before);
  EXPECT_EQ(tab().text("document.querySelector('#maps [aria-pressed=true]').textContent"),
            "learned features");
  tab().click("#maps button:nth-child(1)");
  EXPECT_TRUE(tab().becomes("!tailor.state().flowing"));
  tab().wait_frames(2);
  EXPECT_EQ(places(), before);
}

TEST_F(ExplorerPage, TurnsAMapInSpace) {
  open();
  tab().run("tailor.setMap(2)");
  const std::vector<double> before = places();
  tab().drag({on_canvas({100, 100}), on_canvas({140, 110}), on_canvas({200, 130})});
  tab().wait_frames(2);
  EXPECT_NE(places(), before);
  EXPECT_EQ(number("camera.x"), 0);
}

TEST_F(ExplorerPage, ShowsImageAndClassUnderTheMouse) {
  open();
  const int point = lonely_point();
  const ExplorerData data = explorer_data(grey_set());
  tab().move(on_canvas(place_of(point)));
  EXPECT_TRUE(tab().becomes("document.querySelector('#tip').checkVisibility()"));
  const std::string text = tab().text("document.querySelector('#tip').textContent");
  EXPECT_THAT(text, HasSubstr(data.points.set->class_names[data.points.label(std::size_t(point))]));
  EXPECT_THAT(text, HasSubstr(std::to_string(data.points.number(std::size_t(point)))));
  // The very pixels of this image, not of another.
  const auto pixels = data.points.image(std::size_t(point));
  EXPECT_THAT(tab().numbers("(() => { const c = document.querySelector('#tip canvas'); return "
                            "[...c.getContext('2d').getImageData(0, 0, 8, 8).data]"
                            ".filter((_, i) => i % 4 === 0) })()"),
              ElementsAreArray(std::vector<double>(pixels.begin(), pixels.end())));
  tab().move(on_canvas({2, 2}));
  EXPECT_TRUE(tab().becomes("!document.querySelector('#tip').checkVisibility()"));
}

TEST_F(ExplorerPage, PinsAnImageAndListsItsNeighbours) {
  open();
  const int point = lonely_point();
  const ExplorerData data = explorer_data(grey_set());
  tab().click(on_canvas(place_of(point)));
  EXPECT_EQ(number("pinned"), point);
  const auto first = data.neighbours[0].index.begin() + std::ptrdiff_t(point) * 10;
  EXPECT_THAT(tab().numbers("[...document.querySelectorAll('#neighbours [data-point]')].map(e => "
                            "Number(e.dataset.point))"),
              ElementsAreArray(std::vector<double>(first, first + 10)));
  tab().click("#neighbours [data-point]");
  EXPECT_EQ(number("pinned"), *first);
  tab().click("#unpin");
  EXPECT_EQ(number("pinned"), -1);
  EXPECT_FALSE(tab().truth("document.querySelector('#pin').checkVisibility()"));
}

TEST_F(ExplorerPage, HidesAClassAndIsolatesOne) {
  open();
  EXPECT_EQ(number("shown"), 300);
  const double all = picture_sum();
  tab().click("#legend [data-key='0']");
  EXPECT_EQ(number("shown"), 100);
  tab().click("#legend [data-key='0']");
  EXPECT_EQ(number("shown"), 300);
  tab().click(tab().middle("#legend [data-key='0']"), kControl);
  EXPECT_EQ(number("shown"), 200);
  EXPECT_EQ(tab().number("tailor.visible().filter(i => i % 3 === 0).length"), 0);
  EXPECT_NE(picture_sum(), all);
  EXPECT_THAT(tab().text("document.querySelector('#shown').textContent"), HasSubstr("200 of 300"));
  tab().click("#show-all");
  EXPECT_EQ(number("shown"), 300);
  EXPECT_EQ(picture_sum(), all);
}

TEST_F(ExplorerPage, ShowsAClassAloneWhereItsNameIsDoubleClicked) {
  open();
  for (const char* key : {"0", "2"}) {
    tab().run("(() => { const item = document.querySelector('#legend [data-key=\"" +
              std::string(key) +
              "\"]'); for (const detail of [1, 2]) item.dispatchEvent(new MouseEvent('click', "
              "{bubbles: true, detail})) })()");
    EXPECT_EQ(number("shown"), 100);
    EXPECT_EQ(
        tab().number("tailor.visible().filter(i => i % 3 === " + std::string(key) + ").length"),
        100);
  }
}

TEST_F(ExplorerPage, DimsTheOthersWhileThePointerIsOnAClassOfTheLegend) {
  open();
  const double all = picture_sum();
  tab().move(tab().middle("#legend [data-key='1']"));
  EXPECT_TRUE(tab().becomes("tailor.state().spotted === 1"));
  EXPECT_NE(picture_sum(), all);
  tab().move(on_canvas({5, 5}));
  EXPECT_TRUE(tab().becomes("tailor.state().spotted === -1"));
  EXPECT_EQ(picture_sum(), all);
}

TEST_F(ExplorerPage, ColoursByEverythingItKnows) {
  open();
  const std::vector<std::string> modes =
      tab().texts("[...document.querySelector('#colour').options].map(o => o.value)");
  EXPECT_GE(modes.size(), 4u);
  std::vector<double> pictures;
  for (const std::string& mode : modes) {
    tab().run("document.querySelector('#colour').focus()");
    tab().run("(() => { const c = document.querySelector('#colour'); c.value = '" + mode +
              "'; c.dispatchEvent(new Event('change', {bubbles: true})) })()");
    EXPECT_EQ(tab().text("tailor.state().colour"), mode);
    EXPECT_EQ(tab().number("[...document.querySelectorAll('#legend .count')].reduce((s, e) => s + "
                           "Number(e.textContent), 0)"),
              300)
        << mode;
    const double picture = picture_sum();
    EXPECT_THAT(pictures, ::testing::Not(::testing::Contains(picture))) << mode;
    pictures.push_back(picture);
  }
}

TEST_F(ExplorerPage, FindsAnImageByItsIndex) {
  open();
  tab().click("#search");
  tab().type("1042");
  tab().key("Enter");
  EXPECT_EQ(number("pinned"), 42);
  tab().run("document.querySelector('#search').select()");
  tab().type("test 1100");
  tab().key("Enter");
  EXPECT_EQ(number("pinned"), 100);
  tab().run("document.querySelector('#search').select()");
  tab().type("7");
  tab().key("Enter");
  EXPECT_NE(tab().text("document.querySelector('#search-note').textContent"), "");
  EXPECT_EQ(number("pinned"), 100);
  tab().type("1");  // what was said goes with the next letter
  EXPECT_EQ(tab().text("document.querySelector('#search-note').textContent"), "");
}

TEST_F(ExplorerPage, ListsMistakesByTrueAndPredictedClass) {
  open();
  tab().click("#mistakes summary");
  tab().click("#mistakes .confusions button");
  const std::vector<double> chosen = tab().numbers("tailor.selected()");
  EXPECT_EQ(chosen.size(), 10u);
  for (const double point : chosen) EXPECT_EQ(int(point) % 10, 3);
}

TEST_F(ExplorerPage, GoesFromTheDataCheckToThePoint) {
  tab().reduced_motion(true);
  open();
  tab().click("#check a[data-index]");
  EXPECT_GE(number("pinned"), 0);
  EXPECT_TRUE(tab().becomes("document.querySelector('#stage').getBoundingClientRect().top > -50"));
}

}  // namespace
}  // namespace tailor::internal::browser
