#include "tailor/train/finite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace tailor::internal {

// Without a branch, so that it runs in vectors.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t kExponent = 0x7f800000;
  std::uint32_t bad = 0;
  for (const float v : values) {
    bad |= std::uint32_t((std::bit_cast<std::uint32_t>(v) & kExponent) == kExponent);
  }
  return bad == 0;
}

std::string first_not_finite(const Params& params) {
  const auto look = [](const std::vector<TensorInfo>& table, const Buffer& buffer) {
    for (const TensorInfo& t : table) {
      if (!all_finite(buffer.floats().subspan(t.offset, t.size))) return t.name;
    }
    return std::string();
  };
  const std::string weight = look(params.table.weights, params.weights);
  return weight.empty() ? look(params.table.state, params.state) : weight;
}

Diverged diverged(int epoch, const std::string& what) {
  return {ErrorKind::kBadInput, fmt::format("training diverged in epoch {}: {} is no number; a "
                                            "smaller train.learning_rate usually helps",
                                            epoch, what)};
}

void check_answers(std::span<const float> probabilities, int classes) {
  if (all_finite(probabilities)) return;
  const auto bad = std::ranges::find_if(probabilities, [](float p) { return !std::isfinite(p); });
  throw bad_input(fmt::format(
      "the model's answer for image {} is no number: its weights are too large, as of a training "
      "that diverged; train it with a smaller train.learning_rate",
      (bad - probabilities.begin()) / classes));
}

}  // namespace tailor::internal
