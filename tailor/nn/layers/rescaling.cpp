#include "tailor/nn/layers/rescaling.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

FieldList fields_of(Rescaling& layer) {
  return {{"scale", &layer.scale, "multiplies every value"},
          {"offset", &layer.offset, "is added after that"}};
}

Shape output_shape(const Rescaling&, const Shape& in, const std::string&) {
  return in;
}

ParameterList parameters(const Rescaling&, const Shape&) {
  return {};
}

void operation(const Rescaling& layer, Expansion& nodes) {
  nodes.add(RescaleConfig{layer.scale, layer.offset});
}

}  // namespace tailor::internal
