#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

struct ZeroPadding2D {  // rows above, below, columns left, right
  std::vector<int> padding = {1, 1, 1, 1};
  bool operator==(const ZeroPadding2D&) const = default;
};

constexpr const char* type_of(const ZeroPadding2D&) {
  return "zero_padding2d";
}
constexpr LayerHelp help_of(const ZeroPadding2D&) {
  return {"ZeroPadding2D", "Adds rows and columns of zeros around the image.",
          "The input's channels; rows and columns as many more as are added."};
}
FieldList fields_of(ZeroPadding2D& layer);
Shape output_shape(const ZeroPadding2D& layer, const Shape& in, const std::string& where);
ParameterList parameters(const ZeroPadding2D& layer, const Shape& in);
void operation(const ZeroPadding2D& layer, Expansion& nodes);

}  // namespace tailor::internal
