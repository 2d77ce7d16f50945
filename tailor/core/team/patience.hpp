// How long a thread that waits looks for what it waits for before it sleeps. Looking finds it at
// once but takes a core; waking takes some microseconds, and a hundred where the core has slept.
#pragma once

#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace tailor::internal {

using Nanoseconds = std::int64_t;

inline Nanoseconds nanoseconds_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// CPU time: CLOCK_THREAD_CPUTIME_ID of the calling thread, CLOCK_PROCESS_CPUTIME_ID of all.
Nanoseconds cpu_time(clockid_t clock);

// Whether other threads want the cores that a team runs on: then nobody looks, since whoever looks
// takes the core from one that works. A thread finds out from the time it was ready to run and did
// not.
class Crowd {
 public:
  bool here(Nanoseconds now) const { return now < until_.load(std::memory_order_relaxed); }
  void seen(Nanoseconds now) { until_.store(now + kBelieved, std::memory_order_relaxed); }

 private:
  static constexpr Nanoseconds kBelieved = 30'000'000;  // some slices of the scheduler
  std::atomic<Nanoseconds> until_ = 0;
};

// One thread's own account of when it ran.
class Account {
 public:
  void slept(Nanoseconds time) { slept_ += time; }
  // Tells the crowd if this thread had to wait for a core; looks at the clocks of the system once
  // in some milliseconds.
  void settle(Nanoseconds now, Crowd& crowd);

 private:
  Nanoseconds begin_ = 0;
  Nanoseconds ran_ = 0;  // at begin_
  Nanoseconds slept_ = 0;
};

// Looks longer where that was long enough before, and shorter where it was not.
class Patience {
 public:
  // Whether ready() came to hold while it looked.
  template <typename Ready>
  bool look(const Crowd& crowd, Ready ready) {
    began_ = nanoseconds_now();
    if (crowd.here(began_)) return ready();
    const Nanoseconds end = began_ + limit_;
    do {
      for (int i = 0; i < 16; ++i) {
        if (ready()) return true;
        pause();
      }
    } while (nanoseconds_now() < end);
    return false;
  }
  // What look() began has come to an end, with or without sleep.
  void learn(Nanoseconds now);

 private:
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  static constexpr Nanoseconds kMost = 200'000;
  static constexpr Nanoseconds kLeast = 2'000;
  Nanoseconds began_ = 0;
  Nanoseconds limit_ = kMost;
};

}  // namespace tailor::internal
