#include "tailor/measure/kernel_comparison.hpp"

#include <utility>
#include <vector>

#include "tailor/measure/op_bench.hpp"

namespace tailor::internal {

namespace {

constexpr double kClearly = 1.03;

struct Measured {
  double seconds = 0;
  std::string implementations;  // of all phases
};

// What a plan would make of it with these kernels.
std::vector<OpCase> parts_of(OpCase c, Kernels kernels, Engine& engine, Precision precision) {
  std::visit(
      [&](auto& config) {
        if constexpr (requires { config.kernels; }) config.kernels = kernels;
      },
      c.config);
  auto* conv = std::get_if<ConvConfig>(&c.config);
  if (conv == nullptr) return {c};
  const bool halved = std::exchange(conv->pools, false);
  const ConvSite site = site_of(c, engine, precision);
  std::vector<OpCase> parts;
  if (!conv_takes_padding(engine, *conv, site)) {
    const PadConfig zeros{std::exchange(conv->pad, {})};
    parts.push_back({c.name, zeros, c.src, c.batch});
    c.src = output_shape(zeros, c.src);
  }
  conv->pools = halved && conv_pools(*conv, site);
  parts.push_back(c);
  if (halved && !conv->pools) {
    parts.push_back({c.name, PoolConfig{}, output_shape(*conv, c.src), c.batch});
  }
  return parts;
}

Measured measure(const std::vector<OpCase>& parts, Engine& engine, Precision precision,
                 const TimingRules& rules, const StopFlag& stop) {
  const bool pool_masks = std::holds_alternative<PoolConfig>(parts.back().config);
  Measured sum;
  for (const OpCase& part : parts) {
    const bool masks_nothing = pool_masks && std::holds_alternative<ConvConfig>(part.config);
    for (const OpTiming& phase : time_op(part, engine, precision, rules, stop)) {
      if (masks_nothing && phase.phase == OpPhase::kPrepareBackward) continue;
      sum.seconds += phase.timing.seconds;
      sum.implementations += phase.implementation + "\n";
    }
  }
  return sum;
}

}  // namespace

KernelTimes compare_kernels(const OpCase& c, Engine& engine, Precision precision, int rounds,
                            const TimingRules& rules, const StopFlag& stop) {
  const auto own = parts_of(c, Kernels::kOwn, engine, precision);
  const auto library = parts_of(c, Kernels::kLibrary, engine, precision);
  std::vector<double> own_seconds, library_seconds;
  KernelTimes times;
  for (int round = 0; round < rounds && !stop.requested(); ++round) {
    const Measured ours = measure(own, engine, precision, rules, stop);
    const Measured theirs = measure(library, engine, precision, rules, stop);
    own_seconds.push_back(ours.seconds);
    library_seconds.push_back(theirs.seconds);
    times.differ = ours.implementations != theirs.implementations;
    if (!times.differ) break;
  }
  times.own = quantile(own_seconds, 0.5);
  times.library = quantile(library_seconds, 0.5);
  return times;
}

bool clearly_faster(double seconds, double than) {
  return seconds * kClearly <= than;
}

}  // namespace tailor::internal
