#include "tailor/train/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tailor::internal {
namespace {

constexpr double kOneCycleStart = 1.0 / 25;  // share of the peak rate at step 0

// From `high` at 0 to `low` at 1 along half a cosine.
double half_cosine(double high, double low, double at) {
  return low + (high - low) * 0.5 * (1 + std::cos(std::numbers::pi * at));
}

double one_cycle_share(const TrainOptions& options, std::int64_t step, std::int64_t total) {
  const double last = double(std::max<std::int64_t>(total - 1, 1));
  const double peak = options.warmup * last;
  const double at = std::min(double(step), last);
  if (at < peak) return kOneCycleStart + (1 - kOneCycleStart) * at / peak;
  if (peak >= last) return 1;
  return half_cosine(1, options.final_rate, (at - peak) / (last - peak));
}

}  // namespace

double learning_rate(const TrainOptions& options, std::int64_t step, std::int64_t steps_per_epoch,
                     std::int64_t total) {
  const double rate = options.learning_rate;
  if (options.schedule == "step") {
    const std::int64_t drops = step / (steps_per_epoch * options.step_epochs);
    return rate * std::pow(options.step_factor, double(drops));
  }
  if (options.schedule == "cosine") {
    return rate * half_cosine(1, options.final_rate, double(std::min(step, total)) / double(total));
  }
  if (options.schedule == "one_cycle") return rate * one_cycle_share(options, step, total);
  return rate;
}

}  // namespace tailor::internal
