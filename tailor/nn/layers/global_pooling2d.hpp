// One window that is the whole map.
#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

struct GlobalMaxPooling2D {
  bool operator==(const GlobalMaxPooling2D&) const = default;
};

struct GlobalAveragePooling2D {
  bool operator==(const GlobalAveragePooling2D&) const = default;
};

constexpr const char* type_of(const GlobalMaxPooling2D&) {
  return "global_max_pooling2d";
}
constexpr LayerHelp help_of(const GlobalMaxPooling2D&) {
  return {"GlobalMaxPooling2D", "Takes the largest value of each channel.",
          "As many values as channels."};
}
FieldList fields_of(GlobalMaxPooling2D& layer);
Shape output_shape(const GlobalMaxPooling2D& layer, const Shape& in, const std::string& where);
ParameterList parameters(const GlobalMaxPooling2D& layer, const Shape& in);
void operation(const GlobalMaxPooling2D& layer, Expansion& nodes);

constexpr const char* type_of(const GlobalAveragePooling2D&) {
  return "global_average_pooling2d";
}
constexpr LayerHelp help_of(const GlobalAveragePooling2D&) {
  return {"GlobalAveragePooling2D", "Takes the mean of each channel.",
          "As many values as channels."};
}
FieldList fields_of(GlobalAveragePooling2D& layer);
Shape output_shape(const GlobalAveragePooling2D& layer, const Shape& in, const std::string& where);
ParameterList parameters(const GlobalAveragePooling2D& layer, const Shape& in);
void operation(const GlobalAveragePooling2D& layer, Expansion& nodes);

}  // namespace tailor::internal
