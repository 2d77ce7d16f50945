#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

struct Residual {  // y = x + body(x); the body keeps the shape
  std::vector<Layer> body;
  bool operator==(const Residual&) const;
};

constexpr const char* type_of(const Residual&) {
  return "residual";
}
constexpr LayerHelp help_of(const Residual&) {
  return {"none; in the functional API: Add()([x, body(x)])",
          "Adds its input to what the layers of its body, [[model.layer.body]], make of it; the "
          "body must keep the shape.",
          "As the input.", "Those of its body."};
}
FieldList fields_of(Residual& layer);  // none but its body
Shape output_shape(const Residual& layer, const Shape& in, const std::string& where);
ParameterList parameters(const Residual& layer, const Shape& in);
void operation(const Residual& layer, Expansion& nodes);

}  // namespace tailor::internal
