#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

struct Dense {
  int units = 128;
  // linear, relu, ... (activation_names()); softmax only on the last layer, where the loss applies
  // it
  std::string activation = "linear";
  bool use_bias = true;
  std::string kernel_initializer = "glorot_uniform";
  Regularizer kernel_regularizer = {};
  bool operator==(const Dense&) const = default;
};

constexpr const char* type_of(const Dense&) {
  return "dense";
}
constexpr LayerHelp help_of(const Dense&) {
  return {"Dense",
          "Makes each output a weighted sum of all inputs, which must be flat (flatten or a global "
          "pooling before it).",
          "As many values as units.",
          "kernel (units, inputs), where Keras has (inputs, units); bias (units)."};
}
FieldList fields_of(Dense& layer);
Shape output_shape(const Dense& layer, const Shape& in, const std::string& where);
ParameterList parameters(const Dense& layer, const Shape& in);
void operation(const Dense& layer, Expansion& nodes);

}  // namespace tailor::internal
