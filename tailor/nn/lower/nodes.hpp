// A plan while it is made: operations in the order in which they run, as plain data. expand() makes
// the nodes from layers, the other passes (passes.hpp) change them, and build() makes a Program of
// what is left. Every state of them prints.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "tailor/nn/plan.hpp"
#include "tailor/ops/op.hpp"

namespace tailor::internal {

// The two ends of a residual branch, and what stands between a kernel of bytes and one of f32.
struct Fork {};
struct Join {};
struct Conversion {};

using Work = std::variant<OpConfig, Fork, Join, Conversion>;

struct Node {
  std::string layer;  // "layers.2": what it is named after
  std::string what;   // "conv2d", "conv2d + max_pooling2d", "to int8"
  Work work;
  std::string parameters = {};  // the layer whose tensors it has: "layers.2"; empty: none
  std::string norm = {};        // the layer of a batch normalisation folded into it
  double epsilon = 0;           // of that

  // Marks: what may happen to a node, for a later pass to settle.
  bool halves = false;        // a pooling by 2x2 without padding, which may melt into another node
  bool halved = false;        // a convolution with ReLU that such a pooling stands behind
  bool reads_images = false;  // as they come, with nothing but zeros between
  bool is_last = false;       // of the whole net's layers
  std::string zeros = {};     // of a convolution: the layer that put zeros around its source

  bool masked_by_consumer = false;  // its ReLU's mask is applied by the pooling behind (op.hpp)
  bool is_int8 = false;             // runs in bytes

  std::string name() const { return layer + " " + what; }
};

template <class Config>
Config* config_of(Node& node) {
  auto* config = std::get_if<OpConfig>(&node.work);
  return config == nullptr ? nullptr : std::get_if<Config>(config);
}
template <class Config>
const Config* config_of(const Node& node) {
  const auto* config = std::get_if<OpConfig>(&node.work);
  return config == nullptr ? nullptr : std::get_if<Config>(config);
}

// The tensor that a node reads, as far as passes need to know it.
struct Source {
  Shape shape;
  Layout layout = Layout::kBlocked;
  bool is_int8 = false;
  bool is_signed = false;       // may hold negative values; of int8 plans
  bool is_image = false;        // the images themselves
  bool behind_weights = false;  // a training plan makes its gradient
};

struct Nodes {
  Source input;
  double input_scale = 1;  // pixels are read as byte * scale + offset
  double input_offset = 0;
  std::vector<Node> list;
};

// What the node behind this one reads.
Source after(const Node& node, const Source& source);

// Whether an operation's results may be, given whether what it reads may.
bool may_be_negative(const OpConfig& config, bool source_may);

// Whether the node puts out f32 whatever the plan's precision: logits, which the loss reads.
bool is_wide(const Node& node);

// What a plan is made for.
struct PlanSite {
  Engine& engine;
  int batch;
  Phase phase;
  Precision precision;

  bool trains() const { return phase == Phase::kTraining; }
  bool is_int8() const { return precision == Precision::kInt8; }
  // Of what is not int8.
  Precision floats() const { return is_int8() ? Precision::kF32 : precision; }
};

// A line per node: its name, what it is set to, its marks, what it puts out.
std::string to_string(const Nodes& nodes);

}  // namespace tailor::internal
