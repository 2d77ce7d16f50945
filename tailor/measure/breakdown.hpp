// Where the time of a step goes: the step timed whole, and the same step with a clock around every
// operation, in turn, so that both meet the same machine.
#pragma once

#include <string>
#include <vector>

#include "tailor/core/clock.hpp"
#include "tailor/core/json.hpp"
#include "tailor/measure/timing.hpp"
#include "tailor/nn/plan.hpp"

namespace tailor::internal {

// A training step or an inference call, ready to run any number of times.
class Profiled {
 public:
  virtual ~Profiled() = default;
  virtual void operator()() = 0;
  virtual void profile(bool on) = 0;                   // starts all sums at 0
  virtual std::vector<PlanEntry> entries() const = 0;  // seconds since then
};

struct KindShare {
  std::string kind;
  double seconds = 0;
};

struct Breakdown {
  Timing step;                     // nothing timed inside
  Timing profiled_step;            // a clock around every operation
  std::vector<PlanEntry> entries;  // of one step, the longest first
  std::vector<KindShare> kinds;    // the same seconds by kind, the longest first
  double sum_seconds = 0;          // of the entries
  double timer_seconds = 0;        // what reading the clocks of one step takes

  // What no clock saw, as a share of the step; negative where the clocks slowed it.
  double gap() const { return step.seconds > 0 ? 1 - sum_seconds / step.seconds : 0; }
};

// Medians over pairs of rounds, one with clocks and one without. Rounds are 0 when stopped.
Breakdown measure_breakdown(Profiled& work, const TimingRules& rules, const StopFlag& stop);

// "first conv", "conv forward", "conv backward_data", ... of an entry's operation.
// `first_conv`: "layers.2", the convolution that reads the images; "" for none.
std::string kind_of(const std::string& operation, const std::string& first_conv);

// Sorts the entries, sums them and groups them.
void arrange(Breakdown& breakdown);

std::string breakdown_text(const Breakdown& breakdown);

// step_ms, step_spread, profiled_step_ms, breakdown_sum_ms, timer_overhead_ms, breakdown, kinds.
void add_breakdown(Json& object, const Breakdown& breakdown);

}  // namespace tailor::internal
