// What is left of a piece of work's speed while other programs want the cores, too.
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

#include "tailor/core/stop.hpp"

namespace tailor::internal {

// Processes of the usual priority that do nothing but run; they end with this object, or with the
// process that made it.
class BusyLoops {
 public:
  // Throws failure where the system lets no more processes start.
  explicit BusyLoops(int count);
  ~BusyLoops() { end(); }
  BusyLoops(const BusyLoops&) = delete;

 private:
  void end();
  std::vector<pid_t> children_;
};

struct LoadedRate {
  int loops = 0;
  double idle = 0;        // calls a second, with nothing beside it
  double loaded = 0;      // with the loops
  double share = 0;       // loaded over idle, median of the rounds
  double fair_share = 0;  // what a scheduler leaves that treats all threads alike
};

// `rounds` of some seconds, each idle and then loaded. Zeros when stopped.
LoadedRate measure_under_load(const std::function<void()>& work, int rounds, int loops, int threads,
                              int cores, const StopFlag& stop);

}  // namespace tailor::internal
