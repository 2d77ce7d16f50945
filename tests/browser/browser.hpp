// A page in a real browser as a test sees it: open, look, touch, and what it did wrong.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace tailor::internal::browser {

class Chromium;

struct Point {  // CSS pixels from the top left of what is visible
  double x = 0;
  double y = 0;
};

// Held while the mouse or a key acts.
enum Modifier { kNone = 0, kAlt = 1, kControl = 2, kShift = 8 };

struct Screen {
  int width = 1280;
  int height = 800;
  bool touch = false;  // a phone: fingers, no mouse, no scroll bars
};

// One tab. Closed where it is destroyed. Everything throws std::runtime_error where the browser or
// the page's script fails.
class Tab {
 public:
  explicit Tab(Chromium& chromium, const Screen& screen = {});
  ~Tab();
  Tab(const Tab&) = delete;

  // Returns when everything has loaded.
  void open(const std::filesystem::path& file);
  const std::string& url() const { return url_; }

  // How the page is shown. Before or after `open`, except `scripts`, which an open page ignores.
  void screen(const Screen& screen);
  void dark(bool dark);
  void reduced_motion(bool reduced);
  void print(bool print);
  void scripts(bool allowed);

  // Runs JavaScript, or gives the value of an expression, a promise's when it is kept. An exception
  // throws.
  void run(const std::string& statements);
  bool truth(const std::string& expression);
  double number(const std::string& expression);
  std::string text(const std::string& expression);
  std::vector<double> numbers(const std::string& expression);
  std::vector<std::string> texts(const std::string& expression);

  // Whether the expression becomes true before long (half a minute).
  bool becomes(const std::string& expression);
  void wait_frames(int count);

  // The middle of the first element that the selector finds, scrolled into view. Throws where there
  // is none or it has no size.
  Point middle(const std::string& selector);

  void move(Point to, int modifiers = kNone);
  void click(Point at, int modifiers = kNone);
  void click(const std::string& selector) { click(middle(selector)); }
  void drag(const std::vector<Point>& way, int modifiers = kNone);
  void wheel(Point at, double down, int modifiers = kNone);

  // One key by its DOM name, "a", "Enter", "ArrowLeft", "Tab", " "; or a text, key by key.
  void key(const std::string& name, int modifiers = kNone);
  void type(const std::string& text);

  // Fingers that go down together, move along their ways (equally long) and are lifted.
  void fingers(const std::vector<std::vector<Point>>& ways);
  void tap(Point at) { fingers({{at}}); }

  // The text that was copied last.
  std::string clipboard();

  // PNG of what is visible, or of the whole page.
  void screenshot(const std::filesystem::path& file, bool whole_page);

  // What went wrong since the last call: exceptions, errors and warnings on the console, dialogs,
  // and every request for anything but the page itself.
  std::vector<std::string> faults();

 private:
  struct State;
  void emulate_media();
  void mouse(const char* type, Point at, int modifiers, bool pressed);

  Chromium& chromium_;
  std::unique_ptr<State> state_;
  std::string url_;
  bool dark_ = false, reduced_ = false, print_ = false;
};

}  // namespace tailor::internal::browser
