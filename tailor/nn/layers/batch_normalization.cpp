#include "tailor/nn/layers/batch_normalization.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

FieldList fields_of(BatchNormalization& layer) {
  return {{"momentum", &layer.momentum, "of the running statistics", 0, 1},
          {"epsilon", &layer.epsilon, "added to the variance", 1e-12, 1}};
}

Shape output_shape(const BatchNormalization&, const Shape& in, const std::string&) {
  return in;
}

ParameterList parameters(const BatchNormalization&, const Shape& in) {
  return {{"gamma", {in.channels}, "ones"},
          {"beta", {in.channels}, "zeros"},
          {"moving_mean", {in.channels}, "zeros", {}, false},
          {"moving_variance", {in.channels}, "ones", {}, false}};
}

void operation(const BatchNormalization& layer, Expansion& nodes) {
  nodes.add(BatchNormConfig{layer.momentum, layer.epsilon});
}

}  // namespace tailor::internal
