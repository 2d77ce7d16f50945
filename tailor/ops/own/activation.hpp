// The functions that a net may put every value through: what there is, and what each is called.
// Their formulas are in activation_formulas.hpp; a new one costs a type, a place in the list and a
// name here, its two formulas there, and a layer (nn/layers/activations.hpp).
#pragma once

#include <string_view>
#include <variant>

namespace tailor::internal {

// `kHidesNegative`: no result is negative, so bytes of it need no sign.
struct Relu {
  static constexpr bool kHidesNegative = true;
};
struct LeakyRelu {
  static constexpr bool kHidesNegative = false;
  double negative_slope = 0.2;  // of keras.activations.leaky_relu; the layer's default is 0.3
};
struct Elu {
  static constexpr bool kHidesNegative = false;
  double alpha = 1;
};
struct Silu {
  static constexpr bool kHidesNegative = false;
};
struct Gelu {
  static constexpr bool kHidesNegative = false;
  bool approximate = false;
};

using Activation = std::variant<Relu, LeakyRelu, Elu, Silu, Gelu>;

// What `activation =` of a layer may name, with the options that Keras's functions of these names
// have. "linear" is none of them.
struct NamedActivation {
  std::string_view name;
  Activation function;
};
inline constexpr NamedActivation kActivations[] = {
    {"relu", Relu{}}, {"leaky_relu", LeakyRelu{}},     {"elu", Elu{}}, {"silu", Silu{}},
    {"gelu", Gelu{}}, {"gelu_approximate", Gelu{true}}};

}  // namespace tailor::internal
