// Mouse, fingers and keys on the explorer's map.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/browser/explorer_fixture.hpp"
#include "tests/browser/pages.hpp"

namespace tailor::internal::browser {
namespace {

using ::testing::ElementsAreArray;
using ExplorerInput = ExplorerTest;

// Whether (x, y) lies within the outline, by the angles that its corners turn around it: another
// way than the page's.
bool within(const std::vector<Point>& outline, Point at) {
  double turned = 0;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Point& a = outline[i];
    const Point& b = outline[(i + 1) % outline.size()];
    const double ax = a.x - at.x, ay = a.y - at.y, bx = b.x - at.x, by = b.y - at.y;
    turned += std::atan2(ax * by - ay * bx, ax * bx + ay * by);
  }
  return std::abs(turned) > M_PI;
}

std::vector<double> points_within(const std::vector<Point>& outline,
                                  const std::vector<double>& places) {
  std::vector<double> found;
  for (std::size_t i = 0; i < places.size() / 2; ++i) {
    if (within(outline, {places[2 * i], places[2 * i + 1]})) found.push_back(double(i));
  }
  return found;
}

TEST_F(ExplorerInput, SelectsWithALasso) {
  open();
  tab().click("#mode-lasso");
  const Point centre = place_of(lonely_point());
  std::vector<Point> outline, way;
  for (int i = 0; i < 24; ++i) {
    const double angle = 2 * M_PI * i / 24, radius = i % 2 == 0 ? 120 : 80;
    outline.push_back({centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle)});
    way.push_back(on_canvas(outline.back()));
  }
  const std::vector<double> expected = points_within(outline, places());
  ASSERT_GT(expected.size(), 2u);
  ASSERT_LT(expected.size(), 299u);
  tab().drag(way);
  EXPECT_THAT(tab().numbers("tailor.selected()"), ElementsAreArray(expected));
  EXPECT_EQ(tab().number("document.querySelectorAll('#chosen [data-point]').length"),
            std::min<std::size_t>(expected.size(), 240));
}

TEST_F(ExplorerInput, SelectsShownPointsWithABoxAndCopiesTheirIndices) {
  tab().reduced_motion(true);  // the panel brings the list up at once
  open();
  tab().click(tab().middle("#legend [data-key='1']"), kControl);
  tab().click("#mode-box");
  const std::vector<Point> box = {{60, 60}, {420, 60}, {420, 400}, {60, 400}};
  std::vector<double> expected = points_within(box, places());
  std::erase_if(expected, [](double point) { return int(point) % 3 == 1; });
  ASSERT_GT(expected.size(), 2u);
  tab().drag({on_canvas(box[0]), on_canvas({200, 100}), on_canvas(box[2])});
  EXPECT_THAT(tab().numbers("tailor.selected()"), ElementsAreArray(expected));
  tab().click("#copy");
  EXPECT_TRUE(tab().becomes("document.querySelector('#copy').textContent === 'Copied'"));
  std::string list;
  for (const double point : expected) {
    list += list.empty() ? "" : "\n";
    list += (int(point) % 5 == 0 ? "test " : "train ") + std::to_string(1000 + int(point));
  }
  EXPECT_EQ(tab().clipboard(), list);
  tab().click("#clear");
  EXPECT_EQ(number("selected"), 0);
}

TEST_F(ExplorerInput, MovesWithTheMouseAndZoomsAtIt) {
  open();
  const int point = lonely_point();
  const Point before = place_of(point);
  tab().drag({on_canvas({200, 200}), on_canvas({230, 210}), on_canvas({260, 240})});
  tab().wait_frames(2);
  EXPECT_NEAR(place_of(point).x, before.x + 60, 1);
  EXPECT_NEAR(place_of(point).y, before.y + 40, 1);
  EXPECT_EQ(number("pinned"), -1);
  EXPECT_FALSE(truth("pictures"));
  // Wheels turn at whole pixels: the point keeps its direction from there and goes away with the
  // zoom.
  const Point corner = on_canvas({0, 0});
  const Point mouse = {std::round(corner.x + place_of(point).x),
                       std::round(corner.y + place_of(point).y)};
  const Point off = {corner.x + place_of(point).x - mouse.x,
                     corner.y + place_of(point).y - mouse.y};
  for (int turn = 0; turn < 14 && !truth("pictures"); ++turn) {
    tab().wheel(mouse, -240);
    tab().wait_frames(2);
  }
  EXPECT_TRUE(truth("pictures"));
  EXPECT_NEAR(corner.x + place_of(point).x, mouse.x + off.x * number("camera.zoom"), 0.5);
  EXPECT_NEAR(corner.y + place_of(point).y, mouse.y + off.y * number("camera.zoom"), 0.5);
  tab().screenshot(picture_path("explorer-grey-near"), false);
  tab().click("#reset");
  EXPECT_EQ(number("camera.zoom"), 1);
}

TEST_F(ExplorerInput, MovesAndZoomsUnderFingers) {
  tab().screen({.width = 390, .height = 844, .touch = true});
  open();
  const int point = lonely_point();
  const Point before = place_of(point);
  tab().fingers({{on_canvas({100, 100}), on_canvas({110, 110}), on_canvas({150, 130})}});
  tab().wait_frames(2);
  EXPECT_NEAR(place_of(point).x, before.x + 50, 1);
  EXPECT_NEAR(place_of(point).y, before.y + 30, 1);
  const double zoom = number("camera.zoom");
  tab().fingers({{on_canvas({140, 150}), on_canvas({120, 150}), on_canvas({90, 150})},
                 {on_canvas({160, 150}), on_canvas({180, 150}), on_canvas({210, 150})}});
  tab().wait_frames(2);
  EXPECT_NEAR(number("camera.zoom"), 6 * zoom, 0.1 * zoom);
  EXPECT_EQ(tab().number("scrollX"), 0);
}

TEST_F(ExplorerInput, PinsWithAFinger) {
  tab().screen({.width = 390, .height = 844, .touch = true});
  open();
  const int point = lonely_point();
  tab().tap(on_canvas(place_of(point)));
  EXPECT_TRUE(tab().becomes("tailor.state().pinned === " + std::to_string(point)));
}

// Nothing but keys from the first Tab on.
TEST_F(ExplorerInput, DoesEverythingByKeyboard) {
  tab().reduced_motion(true);
  open();
  for (int i = 0; i < 40 && tab().text("document.activeElement.id") != "scatter"; ++i) {
    tab().key("Tab");
  }
  ASSERT_EQ(tab().text("document.activeElement.id"), "scatter");
  tab().key("Enter");
  const double pinned = number("pinned");
  EXPECT_GE(pinned, 0);
  tab().key("]");
  EXPECT_EQ(number("pinned"), std::fmod(pinned + 1, 300));
  tab().key("Escape");
  EXPECT_EQ(number("pinned"), -1);
  tab().key("0");
  tab().wait_frames(2);
  tab().key("a");
  EXPECT_EQ(number("selected"), 300);
  tab().key("Escape");
  EXPECT_EQ(number("selected"), 0);
  tab().key("+");
  EXPECT_GT(number("camera.zoom"), 1.2);
  const double x = number("camera.x");
  tab().key("ArrowRight", kShift);
  EXPECT_NE(number("camera.x"), x);
  tab().key("ArrowLeft");
  EXPECT_EQ(number("step"), 450);
  tab().key(" ");
  EXPECT_TRUE(tab().becomes("tailor.state().step > 455 || tailor.state().playing"));
  tab().key("m");
  EXPECT_EQ(number("map"), 1);
  tab().key("/");
  tab().type("1042");
  tab().key("Enter");
  EXPECT_EQ(number("pinned"), 42);
}

TEST_F(ExplorerInput, ChangesItsColoursWithTheSystemAndItsButton) {
  open();
  const double light = picture_sum();
  tab().dark(true);
  EXPECT_TRUE(tab().becomes("document.querySelector('#theme').textContent === 'Light'"));
  const double dark = picture_sum();
  EXPECT_NE(dark, light);
  tab().click("#theme");
  EXPECT_EQ(picture_sum(), light);
}

}  // namespace
}  // namespace tailor::internal::browser
