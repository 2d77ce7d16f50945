#include "tailor/nn/layers/zero_padding2d.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

FieldList fields_of(ZeroPadding2D& layer) {
  return {{"padding", &layer.padding, "rows above, below, columns left, right", 0, 4096}};
}

Shape output_shape(const ZeroPadding2D& layer, const Shape& in, const std::string& where) {
  const std::vector<int>& p = layer.padding;
  check_list(p, 4, 0, "padding", where);
  const auto extent = [](int size, int before, int after) {
    return std::int64_t(size) + before + after;
  };
  return checked_shape(in.channels, extent(in.height, p[0], p[1]), extent(in.width, p[2], p[3]),
                       where);
}

ParameterList parameters(const ZeroPadding2D&, const Shape&) {
  return {};
}

void operation(const ZeroPadding2D& layer, Expansion& nodes) {
  const std::vector<int>& p = layer.padding;
  nodes.add(PadConfig{{p[0], p[1], p[2], p[3]}});
}

}  // namespace tailor::internal
