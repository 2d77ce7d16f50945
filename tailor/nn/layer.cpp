#include "tailor/nn/layer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {

namespace {

// Calls f with every kind of layer, with its defaults, in the list's order.
template <class F>
void for_kinds(F f) {
  const auto all = [&]<std::size_t... I>(std::index_sequence<I...>) {
    (f(LayerKind(std::in_place_index<I>)), ...);
  };
  all(std::make_index_sequence<std::variant_size_v<LayerKind>>{});
}

}  // namespace

std::string layer_type(const Layer& layer) {
  return std::visit([](const auto& l) { return std::string(type_of(l)); }, layer.kind);
}

std::vector<std::string> layer_types() {
  std::vector<std::string> names;
  for_kinds([&](const LayerKind& kind) { names.push_back(layer_type({kind})); });
  return names;
}

Layer make_layer(const std::string& type, const std::string& where) {
  std::vector<Layer> found;
  for_kinds([&](const LayerKind& kind) {
    if (layer_type({kind}) == type) found.push_back({kind});
  });
  if (!found.empty()) return found.front();
  const std::string near = nearest_name(type, layer_types());
  throw bad_input(fmt::format("{}: unknown layer type '{}'; {}", where, excerpt(type),
                              near.empty()
                                  ? fmt::format("known are {}", fmt::join(layer_types(), ", "))
                                  : "did you mean '" + near + "'?"));
}

LayerHelp help_of(const Layer& layer) {
  return std::visit([](const auto& l) { return help_of(l); }, layer.kind);
}

FieldList fields_of(Layer& layer) {
  return std::visit([](auto& l) { return fields_of(l); }, layer.kind);
}

FieldList telling_fields(Layer& layer) {
  Layer plain = make_layer(layer_type(layer), "layer");
  const FieldList defaults = fields_of(plain);
  FieldList telling;
  for (const Field& field : fields_of(layer)) {
    const bool always = field.path == "filters" || field.path == "units" || field.path == "rate";
    if (always || to_toml(field) != to_toml(*find_field(defaults, field.path))) {
      telling.push_back(field);
    }
  }
  return telling;
}

Shape output_shape(const Layer& layer, const Shape& in, const std::string& where) {
  return std::visit([&](const auto& l) { return output_shape(l, in, where); }, layer.kind);
}

ParameterList parameters(const Layer& layer, const Shape& in) {
  return std::visit([&](const auto& l) { return parameters(l, in); }, layer.kind);
}

void operation(const Layer& layer, Expansion& nodes) {
  std::visit([&](const auto& l) { operation(l, nodes); }, layer.kind);
}

Shape shape_after(const std::vector<Layer>& layers, Shape shape, const std::string& prefix) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    shape =
        output_shape(layers[i], shape, fmt::format("{} {} ({})", prefix, i, layer_type(layers[i])));
  }
  return shape;
}

}  // namespace tailor::internal
