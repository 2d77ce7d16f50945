#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

struct Rescaling {  // y = x * scale + offset
  double scale = 1.0 / 255;
  double offset = 0;
  bool operator==(const Rescaling&) const = default;
};

constexpr const char* type_of(const Rescaling&) {
  return "rescaling";
}
constexpr LayerHelp help_of(const Rescaling&) {
  return {"Rescaling", "Computes value * scale + offset; by default bytes become 0 to 1.",
          "As the input."};
}
FieldList fields_of(Rescaling& layer);
Shape output_shape(const Rescaling& layer, const Shape& in, const std::string& where);
ParameterList parameters(const Rescaling& layer, const Shape& in);
void operation(const Rescaling& layer, Expansion& nodes);

}  // namespace tailor::internal
