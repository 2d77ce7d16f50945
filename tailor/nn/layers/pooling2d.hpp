// Windows that slide over every channel.
#pragma once

#include "tailor/nn/layers/options.hpp"

namespace tailor::internal {

struct MaxPooling2D {
  std::vector<int> pool_size = {2, 2};
  std::vector<int> strides = {};  // empty = pool_size
  std::string padding = "valid";
  bool operator==(const MaxPooling2D&) const = default;
};

struct AveragePooling2D {  // with "same", padding is not counted in the mean, as in Keras
  std::vector<int> pool_size = {2, 2};
  std::vector<int> strides = {};
  std::string padding = "valid";
  bool operator==(const AveragePooling2D&) const = default;
};

constexpr const char* type_of(const MaxPooling2D&) {
  return "max_pooling2d";
}
constexpr LayerHelp help_of(const MaxPooling2D&) {
  return {"MaxPooling2D", "Takes the largest value of each window, channel by channel.",
          "The input's channels. Rows and columns: with padding valid (size - window) / stride + "
          "1, rounded down; with same size / stride, rounded up."};
}
FieldList fields_of(MaxPooling2D& layer);
Shape output_shape(const MaxPooling2D& layer, const Shape& in, const std::string& where);
ParameterList parameters(const MaxPooling2D& layer, const Shape& in);
void operation(const MaxPooling2D& layer, Expansion& nodes);

constexpr const char* type_of(const AveragePooling2D&) {
  return "average_pooling2d";
}
constexpr LayerHelp help_of(const AveragePooling2D&) {
  return {"AveragePooling2D",
          "Takes the mean of each window, channel by channel; padding does not count.",
          "The input's channels. Rows and columns: with padding valid (size - window) / stride + "
          "1, rounded down; with same size / stride, rounded up."};
}
FieldList fields_of(AveragePooling2D& layer);
Shape output_shape(const AveragePooling2D& layer, const Shape& in, const std::string& where);
ParameterList parameters(const AveragePooling2D& layer, const Shape& in);
void operation(const AveragePooling2D& layer, Expansion& nodes);

}  // namespace tailor::internal
