#include "tailor/nn/region_run.hpp"

#include <algorithm>
#include <numeric>

namespace tailor::internal {

void RegionRun::profile(bool on) {
  profiling_ = on;
  std::ranges::fill(seconds_, 0.0);
  wall_seconds_ = 0;
}

void RegionRun::begin_parts(const Region& region) {
  int next = 0;
  for (std::size_t thread = 0; thread < parts_.size(); ++thread) {
    parts_[thread].next.store(next, std::memory_order_relaxed);
    const auto is_own = [&] { return region.parts[std::size_t(next)].thread == int(thread); };
    while (next < int(region.parts.size()) && is_own()) ++next;
    parts_[thread].end = next;
  }
}

int RegionRun::take_part(int thread) {
  const int count = int(parts_.size());
  for (int i = 0; i < count; ++i) {
    Parts& parts = parts_[std::size_t((thread + i) % count)];
    if (parts.next.load(std::memory_order_relaxed) >= parts.end) continue;
    const int next = parts.next.fetch_add(1, std::memory_order_relaxed);
    if (next < parts.end) return next;
  }
  return -1;
}

void RegionRun::count_for_all(const Task& task, double seconds) {
  for (int thread = 0; thread < engine_.threads(); ++thread) {
    seconds_[place(task.step, task.phase, thread)] += seconds;
  }
  wall_seconds_ += seconds;
}

double RegionRun::seconds(int step, OpPhase phase) const {
  double sum = 0;
  for (int thread = 0; thread < engine_.threads(); ++thread) {
    sum += seconds_[place(step, phase, thread)];
  }
  return sum / engine_.threads();
}

double RegionRun::waiting_seconds() const {
  const double busy = std::accumulate(seconds_.begin(), seconds_.end(), 0.0);
  return std::max(0.0, wall_seconds_ - busy / engine_.threads());
}

}  // namespace tailor::internal
