// What a net has learned: two flat buffers and a table of names. Optimizer, averaging, checkpoint,
// copy: one loop each.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/memory/buffer.hpp"
#include "tailor/nn/spec.hpp"

namespace tailor::internal {

struct TensorInfo {
  std::string name;  // "layers.2.kernel", "layers.5.body.0.gamma"
  std::vector<int>
      shape;  // conv kernel: out, in, height, width; dense kernel: out, in; the rest: one dimension
  std::size_t offset = 0;   // in floats, into the weights or the state buffer
  std::size_t size = 0;     // in floats
  std::string initializer;  // glorot_uniform | he_normal | zeros | ones
  Regularizer regularizer;  // what the loss adds for it
};

struct ParamTable {
  std::vector<TensorInfo> weights;  // trained: kernel, bias, gamma, beta
  std::vector<TensorInfo> state;    // running statistics: moving_mean, moving_variance
  std::size_t weight_count = 0;     // in floats; what Keras calls trainable params
  std::size_t state_count = 0;
};

// Throws bad_input naming the layer where an option or a size is none that a layer or a net may
// have (core/limits.hpp).
ParamTable param_table(const Spec& spec);

// By layer ("layers.2"): the largest magnitude that the bytes of an int8 plan are to hold of what
// it puts out.
using ActivationRanges = std::map<std::string, float>;

struct Params {
  ParamTable table;
  Buffer weights;
  Buffer state;
  ActivationRanges ranges = {};  // empty where nobody has measured them

  std::span<float> tensor(const TensorInfo& info, Buffer& from) {
    return from.floats().subspan(info.offset, info.size);
  }
};

// Fresh parameters: every value a function of (seed, tensor number, element), so independent of
// threads.
Params init_params(const Spec& spec, std::uint64_t seed);

// A stretch of the weights that the loss penalizes.
struct Penalized {
  std::size_t offset = 0;
  std::size_t size = 0;
  Regularizer regularizer;
};
std::vector<Penalized> penalized(const ParamTable& table);

// The penalty that the loss carries for a piece of the weights buffer, which starts at its element
// `first`; the penalty's gradient is added to `gradients`, the same piece of them. Keras: l2 * sum
// w^2 in the loss is 2 * l2 * w in the gradient, l1 * sum |w| is l1 * sign(w).
double add_penalty_gradient(std::span<const Penalized> list, std::size_t first,
                            std::span<const float> weights, std::span<float> gradients);

}  // namespace tailor::internal
