#include "tailor/nn/layers/activations.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor {

FieldList fields_of(ReLU&) {
  return {};
}

Shape output_shape(const ReLU&, const Shape& in, const std::string&) {
  return in;
}

ParameterList parameters(const ReLU&, const Shape&) {
  return {};
}

void operation(const ReLU&, Expansion& nodes) {
  nodes.add(ReluConfig{});
}

}  // namespace tailor
