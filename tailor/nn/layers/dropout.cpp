#include "tailor/nn/layers/dropout.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

FieldList fields_of(Dropout& layer) {
  return {{"rate", &layer.rate, "share of values set to 0 in training", 0, 0.999}};
}

Shape output_shape(const Dropout&, const Shape& in, const std::string&) {
  return in;
}

ParameterList parameters(const Dropout&, const Shape&) {
  return {};
}

void operation(const Dropout& layer, Expansion& nodes) {
  nodes.add(DropoutConfig{layer.rate});
}

}  // namespace tailor::internal
