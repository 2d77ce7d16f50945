// The scripts of pages as the ES modules that they are: the browser itself joins them, and in
// scopes of their own nothing is found that was not imported.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <span>
#include <stdexcept>

#include "tailor/core/file.hpp"
#include "tailor/formats/image.hpp"
#include "tailor/report/web/web.hpp"
#include "tests/browser/explorer_fixture.hpp"
#include "tests/browser/pages.hpp"

namespace tailor::internal::browser {
namespace {

namespace fs = std::filesystem;
using Modules = ExplorerTest;

void replace(std::string& page, std::string_view from, std::string_view to) {
  const std::size_t at = page.find(from);
  if (at == std::string::npos) throw std::logic_error("not on the page: " + std::string(from));
  page.replace(at, from.size(), to);
}

// Every module by its bare name: a data: URL has no folder that './NAME' could mean.
std::string import_map() {
  nlohmann::json urls;
  for (const auto& file : fs::directory_iterator(TAILOR_SOURCE_DIR "/tailor/report/web")) {
    if (file.path().extension() != ".js") continue;
    const std::string code = std::regex_replace(read_text(file.path()), std::regex("'\\./"), "'");
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(code.data()), code.size());
    urls[file.path().filename().string()] = "data:text/javascript;base64," + base64(bytes);
  }
  return nlohmann::json{{"imports", urls}}.dump();
}

// The page with modules for the script that the build joined from them. They start when the whole
// page is there, so what arrives before waits.
fs::path with_modules(std::string page, const std::string& entry) {
  replace(page, "script-src 'unsafe-inline'", "script-src 'unsafe-inline' data:");
  replace(page, web_file(entry),
          "const early = []; window.tailor = {arrived: id => early.push(id)};");
  replace(page, "</body>",
          fmt::format(R"(<script type="importmap">{}</script>
<script type="module">
import '{}';
early.forEach(id => tailor.arrived(id));
window.joined = true;
</script>
</body>)",
                      import_map(), entry));
  return write_page("modules-of-" + entry, page);
}

// Presses whatever can be pressed, one after the other: what a function lacks shows when it runs.
void press_everything(Tab& tab) {
  tab.run(
      "for (const list of document.querySelectorAll('select')) for (const one of list.options) {"
      "list.value = one.value; list.dispatchEvent(new Event('change', {bubbles: true})); }");
  tab.run("for (const button of document.querySelectorAll('button')) button.click()");
}

TEST_F(Modules, MakeTheExplorer) {
  tab().reduced_motion(true);
  tab().open(with_modules(render_explorer(explorer_data(grey_set())), "explorer.js"));
  ASSERT_TRUE(tab().becomes("window.joined && tailor.state().complete"));
  EXPECT_EQ(number("points"), 300);
  EXPECT_EQ(number("images"), 300);
  tab().run("document.querySelector('#stage').scrollIntoView({block: 'center'})");
  tab().move(on_canvas(place_of(lonely_point())));
  EXPECT_GE(number("hovered"), 0);
  tab().drag({on_canvas({100, 100}), on_canvas({150, 120})});
  tab().wheel(on_canvas({100, 100}), -100);
  tab().run("document.querySelector('#scatter').focus()");
  for (const char* key :
       {"+", "-", "0", "a",      "Enter",  "]",      "[",         "l",          "v", "n", "n",
        "m", "m", "b", "Escape", "Escape", "Escape", "ArrowLeft", "ArrowRight", " ", " "}) {
    tab().key(key);
  }
  tab().key("ArrowUp", kShift);
  tab().run(
      "tailor.setMap(1); tailor.setFrame(100); tailor.setColour('class'); tailor.select([1, 2]); "
      "tailor.setCamera({zoom: 2}); tailor.play(); tailor.pause(); tailor.find('', 1042)");
  press_everything(tab());
  for (int twice = 0; twice < 2; ++twice) tab().click(on_canvas({100, 100}));
  tab().click("#check a[data-index]");
  tab().click("#search");
  tab().type("1042");
  tab().key("Enter");
  tab().click("#frame");
  tab().wait_frames(3);
}

TEST_F(Modules, MakeTheReport) {
  tab().open(with_modules(render_report(report_data(grey_set())), "report.js"));
  ASSERT_TRUE(tab().becomes("window.joined === true"));
  EXPECT_TRUE(tab().truth("!!document.querySelector('nav .theme button')"));
  EXPECT_TRUE(tab().truth("!!document.querySelector('.shelf.scripted')"));
  press_everything(tab());
  tab().wait_frames(3);
}

}  // namespace
}  // namespace tailor::internal::browser
