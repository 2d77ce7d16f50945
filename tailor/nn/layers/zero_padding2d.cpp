#include "tailor/nn/layers/zero_padding2d.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

FieldList fields_of(ZeroPadding2D& layer) {
  return {{"padding", &layer.padding, "rows above, below, columns left, right", 0, 4096}};
}

Shape output_shape(const ZeroPadding2D& layer, const Shape& in, const std::string& where) {
  const std::vector<int>& p = layer.padding;
  check_list(p, 4, 0, "padding", where);
  return {in.channels, in.height + p[0] + p[1], in.width + p[2] + p[3]};
}

ParameterList parameters(const ZeroPadding2D&, const Shape&) {
  return {};
}

void operation(const ZeroPadding2D& layer, Expansion& nodes) {
  const std::vector<int>& p = layer.padding;
  nodes.add(PadConfig{{p[0], p[1], p[2], p[3]}});
}

}  // namespace tailor::internal
