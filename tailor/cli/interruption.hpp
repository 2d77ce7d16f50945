// What ends a command from outside: Ctrl-C, SIGTERM, a terminal that is closed (SIGHUP).
#pragma once

#include <atomic>
#include <string>

#include "tailor/core/stop.hpp"

namespace tailor::internal {

// A command either has something to save first, and looks at `stop` between its steps, or loses
// nothing by ending at once, in the middle of whatever it does. One of these is in a program,
// reached by the handler of signals; commands are handed a reference.
class Interruption {
 public:
  const StopFlag& stop() const { return stop_; }

  // From here on a signal asks: what runs saves, says how to go on, and returns kInterrupted.
  void save_first() { last_words_.store(nullptr); }

  // From here on a signal ends the process at once with status 130 and this line, but for a file
  // that is being written, which is finished first.
  void end_at_once(const std::string& line);

  // For the handler alone: allocates nothing.
  void happen();

  // For tests: as if asked in vain.
  void request() { stop_.request(); }

 private:
  StopFlag stop_;
  std::string text_;  // of last_words_
  std::atomic<const char*> last_words_ = nullptr;
};

// SIGINT, SIGTERM and SIGHUP interrupt, the second one of a kind kills. One that was ignored when
// the program began stays so: nohup and background jobs of a shell rely on it. Broken pipes
// (SIGPIPE) and files beyond the limit of their size (SIGXFSZ) are errors of the write instead.
void listen_for_signals(void (*handler)(int));

}  // namespace tailor::internal
