// tailor_screenshot PAGE.html OUT.png WIDTH [dark] [print] [--height N] [--paint] [--fps]
//
// A picture of the whole page, or with --height of what a window of that height shows. --paint
// prints when the first picture stood and when everything had loaded; --fps plays an explorer's
// first map from its start to its end and prints how many frames a second it drew.
#include <fmt/format.h>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/browser/browser.hpp"
#include "tests/browser/chromium.hpp"

namespace {

using tailor::internal::browser::Tab;

struct Options {
  std::string page, picture;
  tailor::internal::browser::Screen screen;
  bool whole_page = true, dark = false, print = false, paint = false, fps = false;
};

Options parse(const std::vector<std::string>& words) {
  if (words.size() < 3) {
    throw std::invalid_argument(
        "usage: tailor_screenshot PAGE.html OUT.png WIDTH [dark] [print] [--height N] [--paint] "
        "[--fps]");
  }
  Options options;
  options.page = words[0];
  options.picture = words[1];
  options.screen.width = std::stoi(words[2]);
  for (std::size_t i = 3; i < words.size(); ++i) {
    if (words[i] == "dark") {
      options.dark = true;
    } else if (words[i] == "print") {
      options.print = true;
    } else if (words[i] == "--paint") {
      options.paint = true;
    } else if (words[i] == "--fps") {
      options.fps = true;
    } else if (words[i] == "--height" && i + 1 < words.size()) {
      options.screen.height = std::stoi(words[++i]);
      options.whole_page = false;
    } else {
      throw std::invalid_argument("unknown option " + words[i]);
    }
  }
  options.screen.touch = options.screen.width < 500;
  return options;
}

void print_paint(Tab& tab) {
  const std::vector<double> times = tab.numbers(
      "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(["
      "performance.getEntriesByName('first-paint')[0]?.startTime ?? -1, "
      "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1, "
      "window.tailor?.state().firstDraw ?? -1, "
      "performance.getEntriesByType('navigation')[0].loadEventStart]), 100)))");
  fmt::print("first paint {:.0f} ms, first contentful paint {:.0f} ms, ", times[0], times[1]);
  if (times[2] >= 0) fmt::print("first points {:.0f} ms, ", times[2]);
  fmt::print("loaded {:.0f} ms\n", times[3]);
}

// Counts animation frames while the page plays, and the longest gap between two of them.
void print_fps(Tab& tab) {
  if (!tab.becomes("!!window.tailor && tailor.state().complete")) {
    throw std::runtime_error("not an explorer page, or it never became complete");
  }
  const std::vector<double> result = tab.numbers(
      "new Promise(done => { tailor.setFrame(0); tailor.play(); const times = []; "
      "const next = now => { times.push(now); if (tailor.state().playing) "
      "requestAnimationFrame(next); else done([times.length - 1, times.at(-1) - times[0], "
      "Math.max(...times.slice(1).map((t, i) => t - times[i]))]) }; requestAnimationFrame(next) "
      "})");
  fmt::print("{:.1f} frames a second over {:.1f} s, longest frame {:.0f} ms\n",
             1000 * result[0] / result[1], result[1] / 1000, result[2]);
}

void work(const Options& options) {
  tailor::internal::browser::Chromium chromium;
  Tab tab(chromium, options.screen);
  tab.dark(options.dark);
  tab.print(options.print);
  tab.open(options.page);
  if (options.paint) print_paint(tab);
  if (options.fps) print_fps(tab);
  tab.wait_frames(2);
  tab.screenshot(options.picture, options.whole_page);
  for (const std::string& fault : tab.faults()) fmt::print("fault: {}\n", fault);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    work(parse({argv + 1, argv + argc}));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
