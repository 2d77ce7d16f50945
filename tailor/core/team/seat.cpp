#include "tailor/core/team/seat.hpp"

#include <unistd.h>

namespace tailor::internal {

double CoresGot::of_late(Nanoseconds now) {
  constexpr Nanoseconds kPeriod = 4'000'000;
  constexpr double kFading = 0.9;
  if (now - then_ >= kPeriod) {
    const Nanoseconds ran = cpu_time(CLOCK_PROCESS_CPUTIME_ID);
    const bool fresh = now - then_ < 25 * kPeriod;
    time_ = fresh ? kFading * time_ + double(now - then_) : 0;
    cpu_time_ = fresh ? kFading * cpu_time_ + double(ran - ran_) : 0;
    then_ = now;
    ran_ = ran;
  }
  return time_ > 0 ? cpu_time_ / time_ : 1;
}

void Seat::begin() {
  process_.store(getpid(), std::memory_order_relaxed);
  thread_.store(gettid(), std::memory_order_release);
}

void Seat::leave() {
  core_.store(sched_getcpu(), std::memory_order_release);
}

// What the system refuses, or a machine of more cores than a cpu_set_t has, is left as it is.
void Seat::move(int core, bool together) {
  const int own = core_.load(std::memory_order_acquire);
  if (moved_.load(std::memory_order_acquire)) return;  // it has not been at work since
  if (own == kNowhere || (own == core) == together || core < 0 || core >= CPU_SETSIZE) return;
  const int thread = thread_.load(std::memory_order_acquire);
  if (process_.load(std::memory_order_relaxed) != getpid()) return;
  if (sched_getaffinity(thread, sizeof(given_), &given_) != 0 || !CPU_ISSET(core, &given_)) return;
  narrowed_ = given_;
  if (together) {
    CPU_ZERO(&narrowed_);
    CPU_SET(core, &narrowed_);
  } else {
    CPU_CLR(core, &narrowed_);
  }
  if (sched_setaffinity(thread, sizeof(narrowed_), &narrowed_) != 0) return;
  core_.store(kNowhere, std::memory_order_relaxed);
  moved_.store(true, std::memory_order_release);
}

// Unless somebody has given it others meanwhile.
void Seat::take() {
  if (!moved_.exchange(false, std::memory_order_acquire)) return;
  cpu_set_t now{};
  if (sched_getaffinity(0, sizeof(now), &now) != 0 || !CPU_EQUAL(&now, &narrowed_)) return;
  sched_setaffinity(0, sizeof(given_), &given_);
}

}  // namespace tailor::internal
