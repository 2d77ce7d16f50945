// Layers that put every value through a function. Which options such a layer has and which function
// it means is here; the functions are in ops/.
#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor {

struct ReLU {
  bool operator==(const ReLU&) const = default;
};

constexpr const char* type_of(const ReLU&) {
  return "relu";
}
FieldList fields_of(ReLU& layer);
Shape output_shape(const ReLU& layer, const Shape& in, const std::string& where);
ParameterList parameters(const ReLU& layer, const Shape& in);
void operation(const ReLU& layer, Expansion& nodes);

}  // namespace tailor
