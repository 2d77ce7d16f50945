#include "tailor/measure/inference.hpp"

#include "tailor/core/clock.hpp"

namespace tailor::internal {
namespace {

constexpr int kLatencyCalls = 2000;
constexpr double kLatencySeconds = 3;  // of a net or batch too slow for that many

}  // namespace

void Inference::operator()() {
  {
    const Clocked clock(gather_seconds_);
    for (const std::uint8_t*& image : images_) image = set_.image(next_++ % set_.size()).data();
  }
  predictor_.probabilities(images_, answer_);
}

std::vector<PlanEntry> Inference::entries() const {
  std::vector<PlanEntry> list;
  for (const PlanEntry& entry : predictor_.entries()) {
    if (entry.seconds > 0) list.push_back(entry);  // weights were loaded before, and no loss
  }
  list.push_back({"gather batch", "tailor", gather_seconds_});
  return list;
}

Latency latency(Inference& inference, const TimingRules& rules, const StopFlag& stop) {
  warm_up([&] { inference(); }, rules, stop);
  std::vector<double> all;
  const Stopwatch whole;
  while (int(all.size()) < kLatencyCalls && whole.seconds() < kLatencySeconds &&
         !stop.requested()) {
    const Stopwatch watch;
    inference();
    all.push_back(1e6 * watch.seconds());
  }
  return {quantile(all, 0.5), quantile(all, 0.99)};
}

}  // namespace tailor::internal
