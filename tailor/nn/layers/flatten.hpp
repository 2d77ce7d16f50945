#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

// In channel, row, column order (PyTorch's and ONNX's; Keras's is row, column, channel).
struct Flatten {
  bool operator==(const Flatten&) const = default;
};

constexpr const char* type_of(const Flatten&) {
  return "flatten";
}
constexpr LayerHelp help_of(const Flatten&) {
  return {"Flatten",
          "Puts all values in one row, channel after channel (PyTorch's order; Keras goes row, "
          "column, channel).",
          "Channels times rows times columns values."};
}
FieldList fields_of(Flatten& layer);
Shape output_shape(const Flatten& layer, const Shape& in, const std::string& where);
ParameterList parameters(const Flatten& layer, const Shape& in);
void operation(const Flatten& layer, Expansion& nodes);

}  // namespace tailor::internal
