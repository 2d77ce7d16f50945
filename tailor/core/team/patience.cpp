#include "tailor/core/team/patience.hpp"

#include <algorithm>

namespace tailor::internal {

namespace {

constexpr Nanoseconds kPeriod = 4'000'000;

}  // namespace

Nanoseconds cpu_time(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return Nanoseconds(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

void Account::settle(Nanoseconds now, Crowd& crowd) {
  if (now - begin_ < kPeriod) return;
  const Nanoseconds ran = cpu_time(CLOCK_THREAD_CPUTIME_ID);
  const Nanoseconds awake = now - begin_ - slept_;
  // A tenth of it: single interruptions by the system take less.
  if (begin_ != 0 && awake - (ran - ran_) > kPeriod / 10) crowd.seen(now);
  begin_ = now;
  ran_ = ran;
  slept_ = 0;
}

void Patience::learn(Nanoseconds now) {
  const Nanoseconds waited = now - began_;
  limit_ = waited <= 2 * kMost ? kMost : std::max(kLeast, limit_ / 2);
}

}  // namespace tailor::internal
