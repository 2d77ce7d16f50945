// A network as plain data: layers one after another. Compares, prints, copies; nothing executes
// here.
#pragma once

#include <string>
#include <vector>

#include "tailor/core/shape.hpp"
#include "tailor/nn/layer.hpp"

namespace tailor::internal {

// The whole net: images of `input` in, `classes` logits out. The last layer gives classes x 1 x 1.
struct Spec {
  Shape input;
  int classes = 10;
  std::vector<Layer> layers;
  int views = 1;  // of an image, whose answers are averaged: nn/views.hpp
  bool operator==(const Spec&) const = default;
};

// Checks every layer, that the net ends in `classes` values, and that it is no larger than a net
// may be (core/limits.hpp); throws bad_input naming the layer.
void validate(const Spec& spec);

// A layer of a net, by its number ("2", in a residual "5.body.0").
struct LayerSummary {
  std::string name;
  std::string type;
  std::string settings;  // "conv2d(filters=32)": what differs from the defaults
  Shape output;
  std::uint64_t params = 0;  // running statistics counted; a residual's are its body's
  double multiply_adds = 0;  // of one image, forward; a residual's own are none
};
std::vector<LayerSummary> layer_summaries(const Spec& spec);

// One line per layer: number, type with its settings, output shape, parameters, work; then
// totals. As Keras's summary().
std::string summary(const Spec& spec);

// Forward multiply-adds of one image, padding counted as work, as the field counts them; training
// is 6 x this in FLOP.
// With `block` above 1, channels are rounded up to it: what a Plan executes, and so what a training
// costs.
double multiply_adds(const Spec& spec, int block = 1);

}  // namespace tailor::internal
