#include "tests/browser/browser.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "tailor/core/file.hpp"
#include "tests/browser/chromium.hpp"
#include "tests/browser/keys.hpp"

namespace tailor::internal::browser {
namespace {

std::string file_url(const std::filesystem::path& file) {
  std::string url = "file://";
  for (const char c : std::filesystem::absolute(file).string()) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("/-_.~").find(c) != std::string_view::npos;
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

std::vector<std::uint8_t> base64_bytes(const std::string& text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;  // padding
    bits = bits << 6 | std::uint32_t(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(std::uint8_t(bits >> count));
    }
  }
  return bytes;
}

// What DevTools calls the arguments of console.error(...).
std::string console_text(const Json& params) {
  std::string text;
  for (const Json& argument : params["args"]) {
    if (!text.empty()) text += ' ';
    if (argument.contains("value")) {
      text += argument["value"].is_string() ? argument["value"].get<std::string>()
                                            : argument["value"].dump();
    } else {
      text += argument.value("description", "?");
    }
  }
  return text;
}

std::string exception_text(const Json& details) {
  std::string text = details.value("text", "exception");
  if (details.contains("exception")) text += " " + details["exception"].value("description", "");
  return text;
}

}  // namespace

struct Tab::State {
  std::string target, session;
  std::string loader;  // of the page being opened
  std::string loaded;  // the last that fired its load event
  std::vector<std::string> faults;

  Json call(Chromium& chromium, const std::string& method, const Json& params = Json::object()) {
    return chromium.call(session, method, params);
  }

  Json evaluate(Chromium& chromium, const std::string& expression) {
    const Json answer = call(chromium, "Runtime.evaluate",
                             {{"expression", expression},
                              {"awaitPromise", true},
                              {"returnByValue", true},
                              {"userGesture", true}});
    if (answer.contains("exceptionDetails")) {
      throw std::runtime_error(exception_text(answer["exceptionDetails"]) + " in " + expression);
    }
    return answer["result"].value("value", Json());
  }

  // One event of the tab; `url` is the page's own.
  void notice(Chromium& chromium, const std::string& url, const std::string& method,
              const Json& params) {
    if (method == "Page.lifecycleEvent" && params["name"] == "load") {
      loaded = params.value("loaderId", "");
    } else if (method == "Runtime.exceptionThrown") {
      faults.push_back(exception_text(params["exceptionDetails"]));
    } else if (method == "Runtime.consoleAPICalled") {
      const std::string type = params.value("type", "");
      if (type == "error" || type == "warning" || type == "assert") {
        faults.push_back("console." + type + ": " + console_text(params));
      }
    } else if (method == "Log.entryAdded") {
      const Json& entry = params["entry"];
      const std::string level = entry.value("level", "");
      if (level == "error" || level == "warning") {
        faults.push_back("log " + level + ": " + entry.value("text", ""));
      }
    } else if (method == "Network.requestWillBeSent") {
      const std::string wanted = params["request"].value("url", "");
      const bool inside = wanted.starts_with("data:") || wanted.starts_with("blob:");
      if (wanted != url && !inside) faults.push_back("request: " + wanted);
    } else if (method == "Network.webSocketCreated") {
      faults.push_back("request: " + params.value("url", ""));
    } else if (method == "Page.javascriptDialogOpening") {
      faults.push_back("dialog: " + params.value("message", ""));
      chromium.post(session, "Page.handleJavaScriptDialog", {{"accept", true}});
    }
  }
};

Tab::Tab(Chromium& chromium, const Screen& wanted)
    : chromium_(chromium), state_(std::make_unique<State>()) {
  state_->target = chromium.call("", "Target.createTarget", {{"url", "about:blank"}})["targetId"];
  state_->session = chromium.call("", "Target.attachToTarget",
                                  {{"targetId", state_->target}, {"flatten", true}})["sessionId"];
  chromium.listen(state_->session, [this](const std::string& method, const Json& params) {
    state_->notice(chromium_, url_, method, params);
  });
  for (const char* domain : {"Page.enable", "Runtime.enable", "Network.enable", "Log.enable"}) {
    state_->call(chromium, domain);
  }
  state_->call(chromium, "Page.setLifecycleEventsEnabled", {{"enabled", true}});
  state_->call(chromium, "Emulation.setFocusEmulationEnabled", {{"enabled", true}});
  screen(wanted);
}

Tab::~Tab() {
  chromium_.forget(state_->session);
  try {
    chromium_.call("", "Target.closeTarget", {{"targetId", state_->target}});
  } catch (const std::exception&) {
    // The browser is gone, and the tab with it.
  }
}

void Tab::open(const std::filesystem::path& file) {
  url_ = file_url(file);
  const Json answer = state_->call(chromium_, "Page.navigate", {{"url", url_}});
  if (answer.contains("errorText")) {
    throw std::runtime_error("cannot open " + url_ + ": " + answer.value("errorText", ""));
  }
  state_->loader = answer.value("loaderId", "");
  chromium_.wait_until([&] { return state_->loaded == state_->loader; }, "opening " + url_);
}

void Tab::screen(const Screen& screen) {
  state_->call(chromium_, "Emulation.setDeviceMetricsOverride",
               {{"width", screen.width},
                {"height", screen.height},
                {"deviceScaleFactor", 1},
                {"mobile", screen.touch}});
  state_->call(chromium_, "Emulation.setTouchEmulationEnabled",
               {{"enabled", screen.touch}, {"maxTouchPoints", screen.touch ? 5 : 1}});
}

void Tab::dark(bool dark) {
  dark_ = dark;
  emulate_media();
}

void Tab::reduced_motion(bool reduced) {
  reduced_ = reduced;
  emulate_media();
}

void Tab::print(bool print) {
  print_ = print;
  emulate_media();
}

void Tab::emulate_media() {
  const Json features = {
      {{"name", "prefers-color-scheme"}, {"value", dark_ ? "dark" : "light"}},
      {{"name", "prefers-reduced-motion"}, {"value", reduced_ ? "reduce" : "no-preference"}}};
  state_->call(chromium_, "Emulation.setEmulatedMedia",
               {{"media", print_ ? "print" : ""}, {"features", features}});
}

void Tab::scripts(bool allowed) {
  state_->call(chromium_, "Emulation.setScriptExecutionDisabled", {{"value", !allowed}});
}

void Tab::run(const std::string& statements) {
  state_->evaluate(chromium_, statements + "\n;undefined");
}

bool Tab::truth(const std::string& expression) {
  return state_->evaluate(chromium_, expression).get<bool>();
}

double Tab::number(const std::string& expression) {
  return state_->evaluate(chromium_, expression).get<double>();
}

std::string Tab::text(const std::string& expression) {
  return state_->evaluate(chromium_, expression).get<std::string>();
}

std::vector<double> Tab::numbers(const std::string& expression) {
  return state_->evaluate(chromium_, expression).get<std::vector<double>>();
}

std::vector<std::string> Tab::texts(const std::string& expression) {
  return state_->evaluate(chromium_, expression).get<std::vector<std::string>>();
}

bool Tab::becomes(const std::string& expression) {
  using namespace std::chrono;
  const auto until = steady_clock::now() + seconds(30);
  while (!truth(expression)) {
    if (steady_clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

void Tab::wait_frames(int count) {
  state_->evaluate(chromium_,
                   fmt::format("new Promise(done => {{ let left = {}; const next = () => "
                               "left-- > 0 ? requestAnimationFrame(next) : done(); "
                               "next(); }})",
                               count));
}

Point Tab::middle(const std::string& selector) {
  const std::vector<double> at = numbers(fmt::format(
      "(() => {{ const e = document.querySelector({}); if (!e) return []; "
      "e.scrollIntoView({{block: 'center', inline: 'center', behavior: 'instant'}}); "
      "const r = e.getBoundingClientRect(); "
      "return r.width && r.height ? [r.x + r.width / 2, r.y + r.height / 2] : []; }})()",
      Json(selector).dump()));
  if (at.size() != 2) throw std::runtime_error("nothing to see of " + selector);
  return {at[0], at[1]};
}

void Tab::mouse(const char* type, Point at, int modifiers, bool pressed) {
  state_->call(chromium_, "Input.dispatchMouseEvent",
               {{"type", type},
                {"x", at.x},
                {"y", at.y},
                {"modifiers", modifiers},
                {"button", std::string_view(type) == "mouseMoved" && !pressed ? "none" : "left"},
                {"buttons", pressed ? 1 : 0},
                {"clickCount", 1}});
}

void Tab::move(Point to, int modifiers) {
  mouse("mouseMoved", to, modifiers, false);
}

void Tab::click(Point at, int modifiers) {
  drag({at}, modifiers);
}

void Tab::drag(const std::vector<Point>& way, int modifiers) {
  move(way.front(), modifiers);
  mouse("mousePressed", way.front(), modifiers, true);
  for (std::size_t i = 1; i < way.size(); ++i) mouse("mouseMoved", way[i], modifiers, true);
  mouse("mouseReleased", way.back(), modifiers, false);
}

void Tab::wheel(Point at, double down, int modifiers) {
  state_->call(chromium_, "Input.dispatchMouseEvent",
               {{"type", "mouseWheel"},
                {"x", at.x},
                {"y", at.y},
                {"modifiers", modifiers},
                {"deltaX", 0},
                {"deltaY", down}});
}

void Tab::key(const std::string& name, int modifiers) {
  const Key key = find_key(name);
  const bool types = !key.text.empty() && (modifiers & (kControl | kAlt)) == 0;
  Json event = {{"type", types ? "keyDown" : "rawKeyDown"},
                {"modifiers", modifiers},
                {"key", name},
                {"code", key.place},
                {"windowsVirtualKeyCode", key.number}};
  if (types) event["text"] = key.text;
  state_->call(chromium_, "Input.dispatchKeyEvent", event);
  event.erase("text");
  event["type"] = "keyUp";
  state_->call(chromium_, "Input.dispatchKeyEvent", event);
}

void Tab::type(const std::string& text) {
  for (const char c : text) key(std::string(1, c));
}

void Tab::fingers(const std::vector<std::vector<Point>>& ways) {
  const auto touch = [&](const char* type, std::size_t step) {
    Json points = Json::array();
    for (std::size_t finger = 0; std::string_view(type) != "touchEnd" && finger < ways.size();
         ++finger) {
      points.push_back({{"x", ways[finger][step].x}, {"y", ways[finger][step].y}, {"id", finger}});
    }
    state_->call(chromium_, "Input.dispatchTouchEvent", {{"type", type}, {"touchPoints", points}});
  };
  touch("touchStart", 0);
  for (std::size_t step = 1; step < ways.front().size(); ++step) touch("touchMove", step);
  touch("touchEnd", 0);
}

std::string Tab::clipboard() {
  chromium_.call("", "Browser.setPermission",
                 {{"permission", {{"name", "clipboard-read"}}}, {"setting", "granted"}});
  return text("navigator.clipboard.readText()");
}

void Tab::screenshot(const std::filesystem::path& file, bool whole_page) {
  Json params = {{"format", "png"}, {"optimizeForSpeed", true}};
  if (whole_page) {
    const Json size = state_->call(chromium_, "Page.getLayoutMetrics")["cssContentSize"];
    params["captureBeyondViewport"] = true;
    params["clip"] = {
        {"x", 0}, {"y", 0}, {"width", size["width"]}, {"height", size["height"]}, {"scale", 1}};
  }
  const Json answer = state_->call(chromium_, "Page.captureScreenshot", params);
  write_file_atomic(file, base64_bytes(answer["data"].get<std::string>()));
}

std::vector<std::string> Tab::faults() {
  // An answered call after the last one means that its events have arrived.
  state_->call(chromium_, "Runtime.evaluate", {{"expression", "0"}});
  return std::exchange(state_->faults, {});
}

}  // namespace tailor::internal::browser
