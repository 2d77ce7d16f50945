// Where a command speaks: the result on stdout, everything else on stderr.
//
// What goes to stderr never fails: a log whose disk is full, or whose reader has left, is no reason
// to stop what is worked on. Text from outside becomes text on a terminal here, too: a line is
// printable() whatever names and values are in it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "tailor/core/json.hpp"

namespace tailor::internal {

class Console {
 public:
  // `json`: stdout carries one JSON object instead of text for people. `out` and `err` are open
  // descriptors.
  explicit Console(bool json, int out = 1, int err = 2);
  ~Console();
  Console(const Console&) = delete;

  // From here on nothing but warnings and errors.
  void be_quiet() { quiet_ = true; }

  bool json() const { return json_; }
  bool terminal() const { return terminal_; }  // is stderr one: bars, or plain lines
  bool colour() const { return color_; }       // may the result be coloured
  int width() const;                           // columns of that terminal, 80 if unknown

  // What is said or shown is made printable here (text.hpp): names, paths and values from outside
  // cannot steer the terminal, wherever they come in.

  // One line on stderr: what is going on. A pending progress bar is wiped first. Where stderr is no
  // terminal, its date and time stand before it.
  void note(std::string_view line) noexcept;
  void warn(std::string_view line) noexcept;   // "tailor: warning: ..."
  void error(std::string_view line) noexcept;  // "tailor: ...", also of what ends a command

  // The result. A command that offers --json calls both; each writes only in its own mode. Throws
  // failure when stdout cannot be written (closed, full disk; a closed pipe is no failure).
  void print(std::string_view text);  // a newline is added if missing
  void result(const Json& object);    // NaN and infinity become null

  // Text in bold or dimmed where the result goes to a terminal and NO_COLOR is unset.
  std::string bold(std::string_view text) const;
  std::string dim(std::string_view text) const;

  // The last line of a terminal, overwritten by the next; Progress draws with it.
  void draw(std::string_view line) noexcept;
  void wipe() noexcept;

  // What is worked on, until the next call. It is said again, with the time it has taken, whenever
  // nothing else was said for five seconds (one on a terminal): all long work is heard of, whether
  // it tells how far it is or not.
  void busy(std::string_view what) noexcept;
  void busy(std::string_view what, std::chrono::steady_clock::time_point since) noexcept;

 private:
  void say(std::string_view prefix, std::string_view line, bool dated) noexcept;
  void draw_locked(std::string_view line);
  void wipe_locked() noexcept;
  void write_result(std::string_view text);
  void start_reminding();
  void remind(const std::stop_token& stop);

  const bool json_;
  const int out_;
  const int err_;
  const bool terminal_;
  const bool color_;  // stdout is a terminal and NO_COLOR is unset
  bool quiet_ = false;

  std::mutex mutex_;    // of all below, and of stderr
  bool drawn_ = false;  // a bar stands on the last line
  std::string busy_with_;
  std::chrono::steady_clock::time_point busy_since_;
  std::chrono::steady_clock::time_point last_said_;
  std::condition_variable_any over_;
  bool reminds_ = false;
  std::jthread reminder_;
};

}  // namespace tailor::internal
