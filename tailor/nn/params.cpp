#include "tailor/nn/params.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/core/sizes.hpp"
#include "tailor/core/target/clones.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {

namespace {

void add(std::vector<TensorInfo>& list, std::size_t& count, const std::string& layer,
         const Parameter& p) {
  TensorInfo info{layer + "." + p.name, p.shape,      count, product_up_to(kMostWeights, p.shape),
                  p.initializer,        p.regularizer};
  if (info.size > kMostWeights - count) {
    throw bad_input(fmt::format("{}: with it the model has more weights than the {} that it may",
                                info.name, grouped(double(kMostWeights))));
  }
  count += info.size;
  list.push_back(std::move(info));
}

// Keras's fans: a dense kernel's inputs and outputs; a convolution's channels times its window.
struct Fans {
  double in;
  double out;
};
Fans fans(const TensorInfo& t) {
  const double window = t.shape.size() == 4 ? double(t.shape[2]) * t.shape[3] : 1;
  return {t.shape[1] * window, t.shape[0] * window};
}

// Two draws of the normal beyond two deviations are drawn again by Keras's he_normal; the limit
// corrects the deviation.
constexpr double kTruncatedDeviation = 0.87962566103423978;

double truncated_normal(const Rng& rng, std::uint64_t i) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const double z = rng.normal(i + (attempt << 40));
    if (std::abs(z) <= 2) return z / kTruncatedDeviation;
  }
}

void fill(const TensorInfo& t, std::uint64_t seed, std::uint32_t number, std::span<float> out) {
  const Rng rng(seed, Purpose::kInit, number);
  if (t.initializer == "ones") {
    std::fill(out.begin(), out.end(), 1.f);
  } else if (t.initializer == "glorot_uniform") {
    const double limit = std::sqrt(6 / (fans(t).in + fans(t).out));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = float((2 * rng.uniform(i) - 1) * limit);
  } else if (t.initializer == "he_normal") {
    const double deviation = std::sqrt(2 / fans(t).in);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = float(truncated_normal(rng, i) * deviation);
    }
  }
}

struct Sums {
  double absolute = 0;
  double squares = 0;
};

// g += 2 l2 w + l1 sign(w) for one tensor; `l2` comes doubled.
TAILOR_CLONES Sums add_penalty_gradient(const float* w, float* g, std::size_t size, float l1,
                                        float l2) {
  double absolute = 0;
  double squares = 0;
#pragma omp simd reduction(+ : absolute, squares)
  for (std::size_t i = 0; i < size; ++i) {
    const float sign = w[i] > 0 ? 1.f : w[i] < 0 ? -1.f : 0.f;
    absolute += double(sign * w[i]);
    squares += double(w[i]) * double(w[i]);
    g[i] += l2 * w[i] + l1 * sign;
  }
  return {absolute, squares};
}

}  // namespace

ParamTable param_table(const Spec& spec) {
  ParamTable table;
  checked_shape(spec.input.channels, spec.input.height, spec.input.width, "the input");
  for_layers(spec.layers, spec.input, "layers.",
             [&](const Layer& layer, const std::string& name, const Shape& in) {
               for (const Parameter& p : parameters(layer, in)) {
                 if (p.trained) {
                   add(table.weights, table.weight_count, name, p);
                 } else {
                   add(table.state, table.state_count, name, p);
                 }
               }
             });
  return table;
}

Params init_params(const Spec& spec, std::uint64_t seed) {
  Params p;
  p.table = param_table(spec);
  p.weights = Buffer(p.table.weight_count * sizeof(float));
  p.state = Buffer(p.table.state_count * sizeof(float));
  std::uint32_t number = 0;
  for (const TensorInfo& t : p.table.weights) fill(t, seed, number++, p.tensor(t, p.weights));
  for (const TensorInfo& t : p.table.state) fill(t, seed, number++, p.tensor(t, p.state));
  return p;
}

std::vector<Penalized> penalized(const ParamTable& table) {
  std::vector<Penalized> list;
  for (const TensorInfo& t : table.weights) {
    if (t.regularizer != Regularizer{}) list.push_back({t.offset, t.size, t.regularizer});
  }
  return list;
}

double add_penalty_gradient(std::span<const Penalized> list, std::size_t first,
                            std::span<const float> weights, std::span<float> gradients) {
  double penalty = 0;
  for (const Penalized& p : list) {
    const std::size_t from = std::max(first, p.offset);
    const std::size_t to = std::min(first + weights.size(), p.offset + p.size);
    if (from >= to) continue;
    const auto l1 = float(p.regularizer.l1);
    const auto l2 = float(2 * p.regularizer.l2);
    const Sums sums = add_penalty_gradient(weights.data() + (from - first),
                                           gradients.data() + (from - first), to - from, l1, l2);
    penalty += p.regularizer.l1 * sums.absolute + p.regularizer.l2 * sums.squares;
  }
  return penalty;
}

}  // namespace tailor::internal
