#include "tailor/measure/breakdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace tailor::internal {
namespace {

constexpr double kShownSeconds = 0.5e-6;
constexpr int kClockReadings = 100'000;

// Seconds one clock around nothing takes.
double clock_cost() {
  double sum = 0;
  const Stopwatch whole;
  for (int i = 0; i < kClockReadings; ++i) {
    const Stopwatch watch;
    sum += watch.seconds();
  }
  return sum > 0 ? whole.seconds() / kClockReadings : 0;
}

// The seconds of every operation, round by round; operations in the order they came in.
class RoundsByOperation {
 public:
  void add(const std::vector<PlanEntry>& entries, std::int64_t calls) {
    for (const PlanEntry& entry : entries) {
      const auto [it, fresh] = place_.try_emplace(entry.operation, entries_.size());
      if (fresh) {
        entries_.push_back(entry);
        rounds_.emplace_back();
      }
      rounds_[it->second].push_back(entry.seconds / double(calls));
    }
  }

  std::vector<PlanEntry> medians() const {
    std::vector<PlanEntry> list = entries_;
    for (std::size_t i = 0; i < list.size(); ++i) list[i].seconds = quantile(rounds_[i], 0.5);
    return list;
  }

 private:
  std::map<std::string, std::size_t> place_;
  std::vector<PlanEntry> entries_;
  std::vector<std::vector<double>> rounds_;
};

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

// A plan lists its operations in their order, so the first convolution comes first.
std::string first_conv_of(const std::vector<PlanEntry>& entries) {
  for (const PlanEntry& entry : entries) {
    if (has(entry.operation, " conv2d")) return layer_of(entry.operation);
  }
  return "";
}

std::vector<KindShare> group(const std::vector<PlanEntry>& entries, const std::string& first_conv) {
  std::vector<KindShare> kinds;
  for (const PlanEntry& entry : entries) {
    const std::string kind = kind_of(entry.operation, first_conv);
    auto it = std::ranges::find(kinds, kind, &KindShare::kind);
    if (it == kinds.end()) it = kinds.insert(kinds.end(), {kind, 0});
    it->seconds += entry.seconds;
  }
  std::ranges::stable_sort(kinds, std::ranges::greater{}, &KindShare::seconds);
  return kinds;
}

}  // namespace

std::string kind_of(const std::string& operation, const std::string& first_conv) {
  if (operation.ends_with(" load")) return "weights load";
  if (operation == "optimizer") return "optimizer";
  if (operation == "input" || operation == "gather batch") return "input";
  if (has(operation, " conv2d")) {
    if (layer_of(operation) == first_conv) return "first conv";
    return "conv" + operation.substr(operation.rfind(' '));
  }
  if (has(operation, " dense")) return "dense";
  if (has(operation, " batch_normalization")) return "normalisation";
  return has(operation, "_pooling2d") ? "pooling" : "rest";
}

void arrange(Breakdown& breakdown) {
  breakdown.kinds = group(breakdown.entries, first_conv_of(breakdown.entries));
  breakdown.sum_seconds = 0;
  for (const PlanEntry& entry : breakdown.entries) breakdown.sum_seconds += entry.seconds;
  std::ranges::stable_sort(breakdown.entries, std::ranges::greater{}, &PlanEntry::seconds);
}

Breakdown measure_breakdown(Profiled& work, const TimingRules& rules, const StopFlag& stop) {
  const auto call = [&] { work(); };
  work.profile(false);
  const std::int64_t calls = warm_up(call, rules, stop);
  std::vector<double> plain, profiled;
  RoundsByOperation by_operation;
  for (int round = 0; round < rules.rounds; ++round) {
    if (stop.requested()) return {};
    work.profile(false);
    plain.push_back(time_round(call, calls));
    work.profile(true);
    profiled.push_back(time_round(call, calls));
    by_operation.add(work.entries(), calls);
  }
  work.profile(false);
  Breakdown breakdown;
  breakdown.step = summarize(plain);
  breakdown.profiled_step = summarize(profiled);
  breakdown.entries = by_operation.medians();
  breakdown.timer_seconds = clock_cost() * double(breakdown.entries.size());
  arrange(breakdown);
  return breakdown;
}

std::string breakdown_text(const Breakdown& breakdown) {
  const double step = breakdown.step.seconds;
  std::string text =
      fmt::format("\n{:<44} {:>8} {:>7}  {}\n", "operation", "ms", "share", "implementation");
  for (const PlanEntry& entry : breakdown.entries) {
    if (entry.seconds < kShownSeconds) continue;  // a ReLU that another operation masks
    text += fmt::format("{:<44} {:>8.3f} {:>6.1f}%  {}\n", entry.operation, 1e3 * entry.seconds,
                        100 * entry.seconds / step, entry.implementation);
  }
  text += fmt::format("\n{:<44} {:>8} {:>7}\n", "kind", "ms", "share");
  for (const KindShare& kind : breakdown.kinds) {
    text += fmt::format("{:<44} {:>8.3f} {:>6.1f}%\n", kind.kind, 1e3 * kind.seconds,
                        100 * kind.seconds / step);
  }
  text += fmt::format("{:<44} {:>8.3f} {:>6.1f}%\n", "all of these", 1e3 * breakdown.sum_seconds,
                      100 * breakdown.sum_seconds / step);
  text += fmt::format("{:<44} {:>8.3f}\n", "the step, without clocks inside", 1e3 * step);
  return text;
}

void add_breakdown(Json& object, const Breakdown& breakdown) {
  const double step = breakdown.step.seconds;
  Json entries = Json::array(), kinds = Json::array();
  for (const PlanEntry& entry : breakdown.entries) {
    entries.push_back({{"operation", entry.operation},
                       {"implementation", entry.implementation},
                       {"ms", 1e3 * entry.seconds},
                       {"share", entry.seconds / step}});
  }
  for (const KindShare& kind : breakdown.kinds) {
    kinds.push_back(
        {{"kind", kind.kind}, {"ms", 1e3 * kind.seconds}, {"share", kind.seconds / step}});
  }
  object["step_ms"] = 1e3 * step;
  object["step_spread"] = breakdown.step.spread;
  object["profiled_step_ms"] = 1e3 * breakdown.profiled_step.seconds;
  object["breakdown_sum_ms"] = 1e3 * breakdown.sum_seconds;
  object["timer_overhead_ms"] = 1e3 * breakdown.timer_seconds;
  object["breakdown"] = entries;
  object["kinds"] = kinds;
}

}  // namespace tailor::internal
