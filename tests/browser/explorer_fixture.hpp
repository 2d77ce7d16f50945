// The explorer as its tests use it: at rest, with its points where the page says that they are.
#pragma once

#include <string>
#include <vector>

#include "tests/browser/fixture.hpp"
#include "tests/browser/page_files.hpp"

namespace tailor::internal::browser {

class ExplorerTest : public BrowserTest {
 protected:
  // Everything unpacked, the first map at its end, nothing moving.
  void open(const std::string& name = "explorer-grey") {
    tab().open(page_file(name));
    ASSERT_TRUE(tab().becomes("tailor.state().complete"));
    tab().run("tailor.setFrame(1e9)");
    tab().run("document.querySelector('#stage').scrollIntoView({block: 'center'})");
    tab().wait_frames(2);
  }

  // One entry of tailor.state().
  double number(const std::string& name) { return tab().number("tailor.state()." + name); }
  bool truth(const std::string& name) { return tab().truth("tailor.state()." + name); }

  // A place on the canvas in the window.
  Point on_canvas(Point at) {
    const std::vector<double> corner = tab().numbers(
        "(() => { const b = document.querySelector('#scatter').getBoundingClientRect(); "
        "return [b.left, b.top] })()");
    return {corner[0] + at.x, corner[1] + at.y};
  }

  // Where a point is drawn, from the canvas's corner.
  Point place_of(int point) {
    const std::vector<double> at = tab().numbers("tailor.project(" + std::to_string(point) + ")");
    return {at[0], at[1]};
  }

  // x and y of all points, one after the other.
  std::vector<double> places() {
    return tab().numbers(
        "Array.from({length: tailor.state().points}, (_, i) => tailor.project(i)).flat()");
  }

  // A point that no other one overlaps, so that a mouse can mean it.
  int lonely_point() {
    return int(tab().number(
        "(() => { const all = tailor.visible().map(i => [i, ...tailor.project(i)]); "
        "const gap = ([i, x, y]) => Math.min(...all.filter(o => o[0] !== i).map(o => "
        "Math.hypot(o[1] - x, o[2] - y))); return all.map(p => [gap(p), p[0]]).sort((a, b) => "
        "b[0] - a[0])[0][1] })()"));
  }

  // Whatever is drawn, as one number: pictures that differ differ in it.
  double picture_sum() {
    return tab().number(
        "(() => { tailor.draw(); const c = document.createElement('canvas'), s = "
        "document.querySelector('#scatter'); c.width = s.width; c.height = s.height; "
        "const d = c.getContext('2d'); d.drawImage(s, 0, 0); let h = 0; "
        "for (const v of d.getImageData(0, 0, c.width, c.height).data) h = (h * 31 + v) % 1000003; "
        "return h })()");
  }
};

}  // namespace tailor::internal::browser
