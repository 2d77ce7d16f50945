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
constexpr LayerHelp help_of(const BatchNormalization&) {
  return {"BatchNormalization",
          "Brings every channel to mean 0 and variance 1: in training over the batch, afterwards "
          "by running statistics; then scales and shifts it by learned values.",
          "As the input.",
          "gamma and beta (channels), trained; moving_mean and moving_variance (channels), running "
          "statistics."};
}
FieldList fields_of(BatchNormalization& layer);
Shape output_shape(const BatchNormalization& layer, const Shape& in, const std::string& where);
ParameterList parameters(const BatchNormalization& layer, const Shape& in);
void operation(const BatchNormalization& layer, Expansion& nodes);

}  // namespace tailor::internal
