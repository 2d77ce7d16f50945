#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

struct Dropout {
  double rate = 0.5;  // share of values set to 0; the rest is divided by 1 - rate
  bool operator==(const Dropout&) const = default;
};

constexpr const char* type_of(const Dropout&) {
  return "dropout";
}
constexpr LayerHelp help_of(const Dropout&) {
  return {"Dropout",
          "In training sets a random share of the values to 0 and divides the others by what is "
          "left; does nothing afterwards.",
          "As the input."};
}
FieldList fields_of(Dropout& layer);
Shape output_shape(const Dropout& layer, const Shape& in, const std::string& where);
ParameterList parameters(const Dropout& layer, const Shape& in);
void operation(const Dropout& layer, Expansion& nodes);

}  // namespace tailor::internal
