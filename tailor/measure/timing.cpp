#include "tailor/measure/timing.hpp"

#include <algorithm>
#include <cmath>

#include "tailor/core/clock.hpp"

namespace tailor::internal {

std::int64_t warm_up(const std::function<void()>& work, const TimingRules& rules,
                     const StopFlag& stop) {
  work();  // the first call meets memory nobody has touched, and says nothing about the others
  std::int64_t calls = 0;
  const Stopwatch watch;
  do {
    work();
    ++calls;
  } while (watch.seconds() < rules.warm_up_seconds && !stop.requested());
  const double one = watch.seconds() / double(calls);
  return std::max<std::int64_t>(1, std::llround(rules.round_seconds / one));
}

double time_round(const std::function<void()>& work, std::int64_t calls) {
  const Stopwatch watch;
  for (std::int64_t call = 0; call < calls; ++call) work();
  return watch.seconds() / double(calls);
}

Timing summarize(const std::vector<double>& rounds) {
  Timing timing{quantile(rounds, 0.5), 0, int(rounds.size())};
  if (timing.seconds > 0) {
    timing.spread = (quantile(rounds, 0.75) - quantile(rounds, 0.25)) / timing.seconds;
  }
  return timing;
}

Timing time_calls(const std::function<void()>& work, const TimingRules& rules,
                  const StopFlag& stop) {
  const std::int64_t calls = warm_up(work, rules, stop);
  std::vector<double> rounds;
  for (int round = 0; round < rules.rounds; ++round) {
    if (stop.requested()) return {};
    rounds.push_back(time_round(work, calls));
  }
  return summarize(rounds);
}

double quantile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double place = p * double(values.size() - 1);
  const auto below = std::size_t(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - double(below)) * (values[above] - values[below]);
}

}  // namespace tailor::internal
