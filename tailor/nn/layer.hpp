// A layer as plain data: Keras's names, defaults and semantics. What a kind of layer is stands in
// one file of layers/; here is the list of them.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tailor/nn/layers/activations.hpp"
#include "tailor/nn/layers/batch_normalization.hpp"
#include "tailor/nn/layers/conv2d.hpp"
#include "tailor/nn/layers/dense.hpp"
#include "tailor/nn/layers/dropout.hpp"
#include "tailor/nn/layers/flatten.hpp"
#include "tailor/nn/layers/global_pooling2d.hpp"
#include "tailor/nn/layers/options.hpp"
#include "tailor/nn/layers/pooling2d.hpp"
#include "tailor/nn/layers/rescaling.hpp"
#include "tailor/nn/layers/residual.hpp"
#include "tailor/nn/layers/zero_padding2d.hpp"

namespace tailor::internal {

// What every kind of layer offers, each for itself: there is no default for one that forgets. The
// compiler names what is missing.
template <class L>
concept IsLayer = requires(const L& layer, L& options, const Shape& in, const std::string& where,
                           Expansion& nodes) {
  { type_of(layer) } -> std::convertible_to<std::string_view>;  // its TOML name: "conv2d"
  { help_of(layer) } -> std::same_as<LayerHelp>;
  { fields_of(options) } -> std::same_as<FieldList>;
  { output_shape(layer, in, where) } -> std::same_as<Shape>;  // bad_input where it does not fit
  { parameters(layer, in) } -> std::same_as<ParameterList>;   // of a layer that reads `in`
  { operation(layer, nodes) } -> std::same_as<void>;          // what runs, into a plan's nodes
  { layer == layer } -> std::same_as<bool>;
};

using LayerKind = std::variant<Rescaling, ZeroPadding2D, Conv2D, MaxPooling2D, AveragePooling2D,
                               GlobalMaxPooling2D, GlobalAveragePooling2D, Flatten, Dropout, Dense,
                               ReLU, LeakyReLU, ELU, SiLU, GELU, BatchNormalization, Residual>;

template <IsLayer L>
constexpr bool kOffersAll = true;
template <class... L>
constexpr bool are_layers(std::in_place_type_t<std::variant<L...>>) {
  return (kOffersAll<L> && ...);
}
static_assert(are_layers(std::in_place_type<LayerKind>));

struct Layer {
  LayerKind kind;
  bool operator==(const Layer&) const = default;
};

std::string layer_type(const Layer& layer);
std::vector<std::string> layer_types();
Layer make_layer(const std::string& type,
                 const std::string& where);  // with defaults; bad_input names the nearest type

LayerHelp help_of(const Layer& layer);

// The options of one layer ("filters", "kernel_size", "kernel_regularizer.l2", ...).
FieldList fields_of(Layer& layer);

// Those of them that differ from the defaults, and those that everybody asks for: filters, units,
// rate.
FieldList telling_fields(Layer& layer);

// The shape after one layer, or bad_input: "layer 3 (max_pooling2d): pool 2x2 does not fit 1x1x64".
Shape output_shape(const Layer& layer, const Shape& input, const std::string& where);

ParameterList parameters(const Layer& layer, const Shape& input);
void operation(const Layer& layer, Expansion& nodes);

// After all of them; bad_input names the layer "PREFIX 3 (dense)".
Shape shape_after(const std::vector<Layer>& layers, Shape shape, const std::string& prefix);

// visit(layer, name, the shape it reads) for each, named by its number: "layers.2".
template <class Visit>
void for_layers(const std::vector<Layer>& layers, Shape shape, const std::string& prefix,
                Visit visit) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string name = prefix + std::to_string(i);
    visit(layers[i], name, shape);
    shape = output_shape(layers[i], shape, name);
  }
}

}  // namespace tailor::internal
