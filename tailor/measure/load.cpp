#include "tailor/measure/load.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/measure/timing.hpp"

namespace tailor::internal {

namespace {

constexpr double kIdleSeconds = 1;
constexpr double kLoadedSeconds = 3;  // many slices of the scheduler
constexpr double kSettleSeconds = 0.3;

[[noreturn]] void run_for_ever(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it ended before it could be watched
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
  for (;;) asm volatile("");  // which no compiler takes away
}

double calls_a_second(const std::function<void()>& work, double seconds) {
  const Stopwatch watch;
  int calls = 0;
  do {
    work();
    ++calls;
  } while (watch.seconds() < seconds);
  return calls / watch.seconds();
}

}  // namespace

BusyLoops::BusyLoops(int count) {
  const pid_t parent = getpid();
  for (int i = 0; i < count; ++i) {
    const pid_t child = fork();
    if (child == 0) run_for_ever(parent);
    if (child < 0) {
      end();
      throw failure("the system starts no more processes to be busy beside this one");
    }
    children_.push_back(child);
  }
}

void BusyLoops::end() {
  for (const pid_t child : children_) kill(child, SIGKILL);
  for (const pid_t child : children_) waitpid(child, nullptr, 0);
}

LoadedRate measure_under_load(const std::function<void()>& work, int rounds, int loops, int threads,
                              int cores, const StopFlag& stop) {
  std::vector<double> idle;
  std::vector<double> loaded;
  std::vector<double> shares;
  for (int round = 0; round < rounds; ++round) {
    if (stop.requested()) return {};
    idle.push_back(calls_a_second(work, kIdleSeconds));
    const BusyLoops busy(loops);
    calls_a_second(work, kSettleSeconds);
    loaded.push_back(calls_a_second(work, kLoadedSeconds));
    shares.push_back(loaded.back() / idle.back());
  }
  const double alone = std::min(threads, cores);
  const double beside = std::min(alone, double(cores) * threads / (threads + loops));
  return {loops, quantile(idle, 0.5), quantile(loaded, 0.5), quantile(shares, 0.5), beside / alone};
}

}  // namespace tailor::internal
