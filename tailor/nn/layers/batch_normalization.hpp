#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

// moving = momentum * moving + (1 - momentum) * batch; the batch variance is the biased one.
struct BatchNormalization {
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool operator==(const BatchNormalization&) const = default;
};

constexpr const char* type_of(const BatchNormalization&) {
  return "batch_normalization";
}
FieldList fields_of(BatchNormalization& layer);
Shape output_shape(const BatchNormalization& layer, const Shape& in, const std::string& where);
ParameterList parameters(const BatchNormalization& layer, const Shape& in);
void operation(const BatchNormalization& layer, Expansion& nodes);

}  // namespace tailor::internal
