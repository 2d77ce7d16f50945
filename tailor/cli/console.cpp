#include "tailor/cli/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

bool is_terminal(std::FILE* stream) {
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::strcmp(kind, "dumb") == 0;
  return isatty(fileno(stream)) != 0 && !dumb;
}

// https://no-color.org: set and not empty means no colour.
bool colour_refused() {
  const char* refusal = std::getenv("NO_COLOR");
  return refusal != nullptr && *refusal != '\0';
}

}  // namespace

Console::Console(bool json, std::FILE* out, std::FILE* err)
    : json_(json),
      out_(out),
      err_(err),
      terminal_(is_terminal(err)),
      color_(is_terminal(out) && !colour_refused()) {}

int Console::width() const {
  winsize size = {};
  if (ioctl(fileno(err_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

void Console::note(std::string_view line) {
  wipe();
  fmt::print(err_, "{}\n", line);
  std::fflush(err_);
}

void Console::warn(std::string_view line) {
  note(fmt::format("tailor: warning: {}", line));
}

void Console::error(std::string_view line) {
  note(fmt::format("tailor: {}", line));
}

void Console::print(std::string_view text) {
  if (json_) return;
  wipe();
  write_result(text);
  if (!text.ends_with('\n')) write_result("\n");
}

void Console::result(const Json& object) {
  if (!json_) return;
  wipe();
  write_result(object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void Console::write_result(std::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), out_) == text.size() && std::fflush(out_) == 0;
  // The reader of a pipe may leave when it has seen enough.
  if (!written && errno != EPIPE) {
    throw failure(fmt::format("cannot write the result to stdout: {}", std::strerror(errno)));
  }
}

std::string Console::bold(std::string_view text) const {
  return color_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

std::string Console::dim(std::string_view text) const {
  return color_ ? fmt::format("\x1b[2m{}\x1b[0m", text) : std::string(text);
}

void Console::draw(std::string_view line) {
  if (!terminal_) return;
  fmt::print(err_, "\r{}\x1b[K", line.substr(0, std::size_t(width() - 1)));
  std::fflush(err_);
  drawn_ = true;
}

void Console::wipe() {
  if (!drawn_) return;
  fmt::print(err_, "\r\x1b[K");
  std::fflush(err_);
  drawn_ = false;
}

}  // namespace tailor::internal
