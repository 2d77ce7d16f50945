// Where a command speaks: the result on stdout, everything else on stderr.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "tailor/core/json.hpp"

namespace tailor::internal {

class Console {
 public:
  // `json`: stdout carries one JSON object instead of text for people.
  explicit Console(bool json, std::FILE* out = stdout, std::FILE* err = stderr);

  bool json() const { return json_; }
  bool terminal() const { return terminal_; }  // is stderr one: bars, or plain lines
  bool colour() const { return color_; }       // may the result be coloured
  int width() const;                           // columns of that terminal, 80 if unknown

  // One line on stderr: what is going on. A pending progress bar is wiped first.
  void note(std::string_view line);
  void warn(std::string_view line);   // "tailor: warning: ..."
  void error(std::string_view line);  // "tailor: ..."

  // The result. A command that offers --json calls both; each writes only in its own mode. Throws
  // failure when stdout cannot be written (full disk; a closed pipe is no failure).
  void print(std::string_view text);  // a newline is added if missing
  void result(const Json& object);    // NaN and infinity become null

  // Text in bold or dimmed where the result goes to a terminal and NO_COLOR is unset.
  std::string bold(std::string_view text) const;
  std::string dim(std::string_view text) const;

  // The last line of a terminal, overwritten by the next; Progress draws with it.
  void draw(std::string_view line);
  void wipe();

 private:
  void write_result(std::string_view text);
  bool json_;
  std::FILE* out_;
  std::FILE* err_;
  bool terminal_;
  bool color_;          // stdout is a terminal and NO_COLOR is unset
  bool drawn_ = false;  // a bar stands on the last line
};

}  // namespace tailor::internal
