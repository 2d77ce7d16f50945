// Who takes which items of a piece of work.
#pragma once

#include <atomic>

namespace tailor::internal {

// Items 0..count-1 for a team of threads: each takes its own part from the front, some items at a
// time, and then what is left of the others'. What a thread wrote in one operation so mostly lies
// in its cache in the next, and nobody waits for the slowest: two cores of one machine differed by
// 3 to 12 % in an operation, one or the other, and cores of two kinds always do. Only for work
// whose result does not depend on who does it.
class Shares {
 public:
  Shares() : Shares(0, 1, 1) {}
  // `chunk`: items at a time; 0: a sixteenth of a part.
  Shares(int count, int chunk, int threads) { begin(count, chunk, threads); }
  // Starts again. Nobody may be taking.
  void begin(int count, int chunk, int threads);
  // Items first..last-1 are this thread's; false when there are none.
  bool take(int thread, int& first, int& last);
  // Nobody gets any from now on.
  void end();

 private:
  static constexpr int kMostParts = 64;
  struct alignas(64) Next {
    std::atomic<int> item;
  };
  int count_, chunk_, parts_;
  Next next_[kMostParts];
};

}  // namespace tailor::internal
