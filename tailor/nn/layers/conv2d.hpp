#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

struct Conv2D {
  int filters = 32;
  std::vector<int> kernel_size = {3, 3};
  std::vector<int> strides = {1, 1};
  std::string padding = "valid";      // valid | same
  std::string activation = "linear";  // linear, relu, ... (activation_names())
  bool use_bias = true;
  std::string kernel_initializer = "glorot_uniform";  // glorot_uniform | he_normal | zeros
  Regularizer kernel_regularizer = {};
  bool operator==(const Conv2D&) const = default;
};

constexpr const char* type_of(const Conv2D&) {
  return "conv2d";
}
constexpr LayerHelp help_of(const Conv2D&) {
  return {"Conv2D",
          "Slides a window over the image; each filter is a weighted sum of all channels below it.",
          "As many channels as filters. Rows and columns: with padding valid (size - kernel) / "
          "stride + 1, rounded down; with same size / stride, rounded up.",
          "kernel (filters, channels, rows, columns), where Keras has (rows, columns, channels, "
          "filters); bias (filters)."};
}
FieldList fields_of(Conv2D& layer);
Shape output_shape(const Conv2D& layer, const Shape& in, const std::string& where);
ParameterList parameters(const Conv2D& layer, const Shape& in);
void operation(const Conv2D& layer, Expansion& nodes);

}  // namespace tailor::internal
