#include "tailor/nn/layers/flatten.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

FieldList fields_of(Flatten&) {
  return {};
}

Shape output_shape(const Flatten&, const Shape& in, const std::string& where) {
  return checked_shape(std::int64_t(in.size()), 1, 1, where);
}

ParameterList parameters(const Flatten&, const Shape&) {
  return {};
}

void operation(const Flatten&, Expansion& nodes) {
  nodes.add(FlattenConfig{});
}

}  // namespace tailor::internal
