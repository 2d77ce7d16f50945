#include "tailor/cli/console.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <system_error>

#include "tailor/cli/text_width.hpp"
#include "tailor/core/descriptor.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

// What a stranger's text may add to a log.
constexpr std::size_t kLongestLine = 4000;

using SteadyClock = std::chrono::steady_clock;

bool is_terminal(int descriptor) {
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::strcmp(kind, "dumb") == 0;
  return isatty(descriptor) != 0 && !dumb;
}

// https://no-color.org: set and not empty means no colour.
bool colour_refused() {
  const char* refusal = std::getenv("NO_COLOR");
  return refusal != nullptr && *refusal != '\0';
}

// "2026-11-29 23:19:38  ", local time.
std::string time_stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  localtime_r(&now, &parts);
  std::array<char, 32> text = {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S  ", &parts)};
}

// The length of a sequence that sets colours, such as ours for bold, where `text` begins with one.
std::size_t colour_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

// Results have line ends, tabs and, on a terminal, colours; nothing else in them may steer it.
std::string harmless(std::string_view text, bool colour) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t kept = text[0] == '\n' || text[0] == '\t' ? 1
                             : colour                           ? colour_length(text)
                                                                : 0;
    const std::size_t length = kept > 0 ? kept : std::max<std::size_t>(utf8_length(text), 1);
    out += kept > 0 ? std::string(text.substr(0, kept)) : printable(text.substr(0, length));
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace

Console::Console(bool json, int out, int err)
    : json_(json),
      out_(out),
      err_(err),
      terminal_(is_terminal(err)),
      color_(is_terminal(out) && !colour_refused()),
      last_said_(SteadyClock::now()) {}

Console::~Console() {
  reminder_.request_stop();
  if (reminder_.joinable()) reminder_.join();
  wipe();
}

int Console::width() const {
  winsize size = {};
  if (ioctl(err_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

void Console::note(std::string_view line) noexcept {
  if (quiet_) return;
  say("", line, !terminal_);
}

void Console::warn(std::string_view line) noexcept {
  say("tailor: warning: ", line, false);
}

void Console::error(std::string_view line) noexcept {
  say("tailor: ", line, false);
}

// In one piece, so that the lines of several processes do not mix.
void Console::say(std::string_view prefix, std::string_view line, bool dated) noexcept {
  const std::lock_guard lock(mutex_);
  wipe_locked();
  last_said_ = SteadyClock::now();
  try {
    const std::string date = dated ? time_stamp() : "";
    write_all(err_, fmt::format("{}{}{}\n", date, prefix, excerpt(line, kLongestLine)));
  } catch (const std::exception&) {  // out of memory: what there is to say matters more
    write_all(err_, prefix);
    write_all(err_, line);
    write_all(err_, "\n");
  }
}

void Console::print(std::string_view text) {
  if (json_) return;
  wipe();
  const std::string shown = harmless(text, color_);
  write_result(shown.ends_with('\n') ? shown : shown + "\n");
}

void Console::result(const Json& object) {
  if (!json_) return;
  wipe();
  write_result(json_text(object) + "\n");
}

void Console::write_result(std::string_view text) {
  const int code = write_all(out_, text);
  // The reader of a pipe may leave when it has seen enough.
  if (code != 0 && code != EPIPE) {
    throw failure(fmt::format("cannot write the result to stdout: {}",
                              code == EBADF ? "it is closed" : std::strerror(code)));
  }
}

std::string Console::bold(std::string_view text) const {
  return color_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

std::string Console::dim(std::string_view text) const {
  return color_ ? fmt::format("\x1b[2m{}\x1b[0m", text) : std::string(text);
}

void Console::draw(std::string_view line) noexcept {
  if (!terminal_ || quiet_) return;
  const std::lock_guard lock(mutex_);
  draw_locked(line);
}

void Console::draw_locked(std::string_view line) {
  last_said_ = SteadyClock::now();
  try {
    const std::string text = printable(line);
    write_all(err_, fmt::format("\r{}\x1b[K", cut_to(text, std::size_t(width() - 1))));
    drawn_ = true;
  } catch (const std::bad_alloc&) {  // then without
  }
}

void Console::wipe() noexcept {
  const std::lock_guard lock(mutex_);
  wipe_locked();
}

void Console::wipe_locked() noexcept {
  if (!drawn_) return;
  write_all(err_, "\r\x1b[K");
  drawn_ = false;
}

void Console::busy(std::string_view what) noexcept {
  busy(what, SteadyClock::now());
}

// Without it where there is no memory or no thread to be had.
void Console::busy(std::string_view what, SteadyClock::time_point since) noexcept {
  if (quiet_) return;
  const std::lock_guard lock(mutex_);
  try {
    busy_with_ = printable(what);
    busy_since_ = since;
    if (!reminds_) start_reminding();
  } catch (const std::exception&) {
  }
}

// Signals are for the main thread.
void Console::start_reminding() {
  reminds_ = true;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    reminder_ = std::jthread([this](const std::stop_token& stop) { remind(stop); });
  } catch (const std::system_error&) {
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Console::remind(const std::stop_token& stop) {
  const auto silence = std::chrono::seconds(terminal_ ? 1 : 5);
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    over_.wait_until(lock, stop, last_said_ + silence, [] { return false; });
    const auto now = SteadyClock::now();
    if (stop.stop_requested() || now - last_said_ < silence) continue;
    last_said_ = now;
    if (busy_with_.empty()) continue;
    try {
      const double seconds = std::chrono::duration<double>(now - busy_since_).count();
      const std::string line =
          seconds < 1 ? busy_with_
                      : fmt::format("{}  {} so far", busy_with_, duration_text(seconds));
      if (terminal_) {
        draw_locked(line);
      } else {
        write_all(err_, fmt::format("{}{}\n", time_stamp(), line));
      }
    } catch (const std::exception&) {
    }
  }
}

}  // namespace tailor::internal
