// On which core a worker wakes where other programs want the cores as well.
//
// Linux wakes a thread where it ran last or where its waker runs, and leaves it there. Beside one
// other program on two cores, both threads of a team end on one core and that program has the other
// for itself: there a worker is moved off the asking thread's core. Beside several programs a
// thread that is put aside in the middle of a part keeps the other waiting. On one core the one
// that waits leaves its time to the one it waits for: there a worker is moved to the asking
// thread's core. Images/s of seed with 32 kernels, two threads and two cores, before and with the
// moves: 7,500 and 8,800 beside one busy loop, 4,190 and 4,340 beside four, 2,190 and 2,330 beside
// eight.
#pragma once

#include <sched.h>

#include <atomic>

#include "tailor/core/team/patience.hpp"

namespace tailor::internal {

// How many cores the process has got.
class CoresGot {
 public:
  // CPU time over time: the last 40 ms, some slices of the scheduler, tell most of it.
  double of_late(Nanoseconds now);

 private:
  Nanoseconds then_ = 0;
  Nanoseconds ran_ = 0;
  double time_ = 0, cpu_time_ = 0;  // fading sums
};

// The worker calls begin() once, then take() and leave() in turn; whoever wakes it calls move()
// when it has left, before it can take its seat again.
class Seat {
 public:
  void begin();
  // It came to rest here.
  void leave();
  // It is to wake on `core`, or on another.
  void move(int core, bool together);
  // It is at work again: the cores it may run on are those it was given.
  void take();

 private:
  std::atomic<int> thread_ = 0;
  std::atomic<int> process_ = 0;  // a child of fork() has the seats, but not the workers
  std::atomic<int> core_ = kNowhere;
  std::atomic<bool> moved_ = false;
  cpu_set_t given_{};
  cpu_set_t narrowed_{};

  static constexpr int kNowhere = -1;
};

}  // namespace tailor::internal
