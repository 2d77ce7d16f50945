// How long a piece of work takes, said so that another run says the same. Many short rounds and
// their median: a round that something else disturbed moves a mean, not a median.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tailor/core/stop.hpp"

namespace tailor::internal {

struct Timing {
  double seconds = 0;  // of one call: the median round
  double spread = 0;   // between the quarter points of the rounds, as a share of the median
  int rounds = 0;
};

struct TimingRules {
  int rounds = 151;
  double round_seconds = 0.02;  // most rounds end before anything else wants the core
  double warm_up_seconds = 1;   // caches, page tables and the clock of the CPU settle
};

// Runs `work` for that long, at least once, and returns how many calls fill a round.
std::int64_t warm_up(const std::function<void()>& work, const TimingRules& rules,
                     const StopFlag& stop);

// Seconds of one call, mean of `calls` in a row.
double time_round(const std::function<void()>& work, std::int64_t calls);

Timing summarize(const std::vector<double>& rounds);

// All of that. A Timing of zeros when stopped.
Timing time_calls(const std::function<void()>& work, const TimingRules& rules,
                  const StopFlag& stop);

// The p-th part (0.5 = median) of the values, between two of them where it falls there; 0 for none.
double quantile(std::vector<double> values, double p);

}  // namespace tailor::internal
