#include "tailor/nn/layers/global_pooling2d.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

namespace {

PoolConfig whole_map(bool max, const Shape& in) {
  return {max, in.height, in.width, in.height, in.width, {}};
}

}  // namespace

FieldList fields_of(GlobalMaxPooling2D&) {
  return {};
}

Shape output_shape(const GlobalMaxPooling2D&, const Shape& in, const std::string&) {
  return {in.channels, 1, 1};
}

ParameterList parameters(const GlobalMaxPooling2D&, const Shape&) {
  return {};
}

void operation(const GlobalMaxPooling2D&, Expansion& nodes) {
  nodes.add(whole_map(true, nodes.shape()));
}

FieldList fields_of(GlobalAveragePooling2D&) {
  return {};
}

Shape output_shape(const GlobalAveragePooling2D&, const Shape& in, const std::string&) {
  return {in.channels, 1, 1};
}

ParameterList parameters(const GlobalAveragePooling2D&, const Shape&) {
  return {};
}

void operation(const GlobalAveragePooling2D&, Expansion& nodes) {
  nodes.add(whole_map(false, nodes.shape()));
}

}  // namespace tailor::internal
