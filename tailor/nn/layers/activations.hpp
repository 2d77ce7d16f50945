// Layers that put every value through a function. Which options such a layer has and which function
// it means stands here; all the rest they share. The functions are in ops/activation.hpp.
#pragma once

#include <concepts>

#include "tailor/nn/layers/options.hpp"
#include "tailor/ops/own/activation.hpp"

namespace tailor::internal {

struct ReLU {
  bool operator==(const ReLU&) const = default;
};

constexpr const char* type_of(const ReLU&) {
  return "relu";
}
constexpr LayerHelp help_of(const ReLU&) {
  return {"ReLU", "Keeps what is positive and makes the rest 0.", "As the input."};
}
inline FieldList fields_of(ReLU&) {
  return {};
}
inline Activation function_of(const ReLU&) {
  return Relu{};
}

struct LeakyReLU {
  double negative_slope = 0.3;  // Keras's; its activation "leaky_relu" has 0.2
  bool operator==(const LeakyReLU&) const = default;
};

constexpr const char* type_of(const LeakyReLU&) {
  return "leaky_relu";
}
constexpr LayerHelp help_of(const LeakyReLU&) {
  return {"LeakyReLU", "Keeps what is positive and multiplies the rest by negative_slope.",
          "As the input."};
}
inline FieldList fields_of(LeakyReLU& layer) {
  return {{"negative_slope", &layer.negative_slope, "multiplies what is negative", 0, 1e6}};
}
inline Activation function_of(const LeakyReLU& layer) {
  return LeakyRelu{layer.negative_slope};
}

struct ELU {
  double alpha = 1;
  bool operator==(const ELU&) const = default;
};

constexpr const char* type_of(const ELU&) {
  return "elu";
}
constexpr LayerHelp help_of(const ELU&) {
  return {"ELU", "Keeps what is positive; the rest becomes alpha * (exp(x) - 1).", "As the input."};
}
inline FieldList fields_of(ELU& layer) {
  return {{"alpha", &layer.alpha, "minus it is what large negative values become", 0, 1e6}};
}
inline Activation function_of(const ELU& layer) {
  return Elu{layer.alpha};
}

struct SiLU {  // x * sigmoid(x)
  bool operator==(const SiLU&) const = default;
};

constexpr const char* type_of(const SiLU&) {
  return "silu";
}
constexpr LayerHelp help_of(const SiLU&) {
  return {"Activation(\"silu\")", "x * sigmoid(x), also called swish.", "As the input."};
}
inline FieldList fields_of(SiLU&) {
  return {};
}
inline Activation function_of(const SiLU&) {
  return Silu{};
}

struct GELU {  // x times the share of the normal distribution below x
  bool approximate = false;
  bool operator==(const GELU&) const = default;
};

constexpr const char* type_of(const GELU&) {
  return "gelu";
}
constexpr LayerHelp help_of(const GELU&) {
  return {"Activation(\"gelu\")", "x times the share of the normal distribution below x.",
          "As the input."};
}
inline FieldList fields_of(GELU& layer) {
  return {{"approximate", &layer.approximate, "by a tanh, as in BERT"}};
}
inline Activation function_of(const GELU& layer) {
  return Gelu{layer.approximate};
}

template <class L>
concept IsActivation = requires(const L& layer) {
  { function_of(layer) } -> std::same_as<Activation>;
};

template <IsActivation L>
Shape output_shape(const L&, const Shape& in, const std::string&) {
  return in;
}
template <IsActivation L>
ParameterList parameters(const L&, const Shape&) {
  return {};
}

void add_operation(const Activation& function, Expansion& nodes);

template <IsActivation L>
void operation(const L& layer, Expansion& nodes) {
  add_operation(function_of(layer), nodes);
}

// What `activation =` may be: linear, relu, ...
std::vector<std::string> activation_names();

}  // namespace tailor::internal
