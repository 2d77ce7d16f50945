#include "tailor/nn/layers/flatten.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

FieldList fields_of(Flatten&) {
  return {};
}

Shape output_shape(const Flatten&, const Shape& in, const std::string&) {
  return {int(in.size()), 1, 1};
}

ParameterList parameters(const Flatten&, const Shape&) {
  return {};
}

void operation(const Flatten&, Expansion& nodes) {
  nodes.add(FlattenConfig{});
}

}  // namespace tailor::internal
