#include "tailor/train/quantization.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tailor/train/finite.hpp"

namespace tailor::internal {

namespace {

constexpr std::size_t kBatch = 64;        // an inspection plan keeps every layer's values
constexpr std::size_t kRangeBins = 2048;  // eight for each of a byte's steps
constexpr std::size_t kBinsApart = 8;     // ranges that are tried

struct Observed {
  std::string layer;
  float largest = 0;
  bool is_signed = false;
  std::vector<std::int64_t> histogram = std::vector<std::int64_t>(kRangeBins);
};

// see(which, values) for every layer and image.
template <typename See>
void for_values(const Spec& spec, const Params& params, Engine& engine, const Rows& rows, See see) {
  std::vector<float> values;
  for (std::size_t first = 0; first < rows.size(); first += kBatch) {
    const std::size_t n = std::min(kBatch, rows.size() - first);
    std::vector<const std::uint8_t*> images;
    for (std::size_t i = first; i < first + n; ++i) images.push_back(rows.image(i).data());
    Plan plan(spec, engine, int(n), Phase::kInspection, Precision::kF32);
    plan.load(params);
    plan.forward(images);
    const std::vector<ActivationInfo> list = plan.activations();
    for (std::size_t which = 0; which < list.size(); ++which) {
      values.resize(list[which].shape.size());
      for (std::size_t i = 0; i < n; ++i) {
        plan.activation(which, int(i), values);
        if (!all_finite(values)) {
          throw bad_input(
              fmt::format("{} puts out what is no number for image {}: its weights are "
                          "too large to be quantised",
                          list[which].layer, first + i));
        }
        see(which, std::span<const float>(values));
      }
    }
  }
}

}  // namespace

float best_range(std::span<const std::int64_t> histogram, float largest, int levels) {
  if (largest == 0) return 1;
  const double width = double(largest) / double(histogram.size());
  double best = std::numeric_limits<double>::infinity();
  std::size_t best_bins = histogram.size();
  for (std::size_t bins = kBinsApart; bins <= histogram.size(); bins += kBinsApart) {
    const double range = double(bins) * width;
    const double rounding = range * range / levels / levels / 12;
    double error = 0;
    for (std::size_t i = 0; i < histogram.size(); ++i) {
      const double beyond = (double(i) + 0.5) * width - range;
      error += double(histogram[i]) * (beyond > 0 ? beyond * beyond : rounding);
    }
    if (error >= best) continue;
    best = error;
    best_bins = bins;
  }
  return float(double(best_bins) * width);
}

ActivationRanges measure_ranges(const Spec& spec, const Params& params, Engine& engine,
                                const Rows& rows) {
  std::vector<Observed> seen;
  const Plan plan(spec, engine, 1, Phase::kInspection, Precision::kF32);
  for (const ActivationInfo& info : plan.activations()) seen.push_back({layer_of(info.layer)});
  for_values(spec, params, engine, rows, [&](std::size_t which, std::span<const float> values) {
    Observed& o = seen[which];
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    o.is_signed = o.is_signed || *low < 0;
    o.largest = std::max({o.largest, std::abs(*low), std::abs(*high)});
  });
  for_values(spec, params, engine, rows, [&](std::size_t which, std::span<const float> values) {
    Observed& o = seen[which];
    const float scale = o.largest > 0 ? float(kRangeBins) / o.largest : 0;
    for (const float v : values) {
      if (v != 0) ++o.histogram[std::min(std::size_t(std::abs(v) * scale), kRangeBins - 1)];
    }
  });
  ActivationRanges ranges;
  // A layer's last operation decides: before it stand its padding or its branch.
  for (const Observed& o : seen) {
    ranges[o.layer] = best_range(o.histogram, o.largest, o.is_signed ? 127 : 255);
  }
  return ranges;
}

}  // namespace tailor::internal
