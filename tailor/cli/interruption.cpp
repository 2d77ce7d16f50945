#include "tailor/cli/interruption.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "tailor/core/descriptor.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {

void Interruption::end_at_once(const std::string& line) {
  last_words_.store(nullptr);
  const bool bar = isatty(STDERR_FILENO) != 0;  // may stand there, to be wiped
  text_ = fmt::format("{}tailor: {}\n", bar ? "\r\x1b[K" : "", printable(line));
  last_words_.store(text_.c_str());
}

void Interruption::happen() {
  stop_.request();
  const char* const words = last_words_.load();
  if (words == nullptr) return;
  write_all(STDERR_FILENO, words);
  _exit(130);
}

void listen_for_signals(void (*handler)(int)) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) {
    struct sigaction before = {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    sigaction(number, &action, nullptr);
  }
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_IGN);
}

}  // namespace tailor::internal
