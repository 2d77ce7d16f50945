// A network as plain data: Keras's layers, names, defaults and semantics. Compares, prints, copies;
// nothing executes here.
#pragma once

#include <array>
#include <string>
#include <variant>
#include <vector>

#include "tailor/core/fields.hpp"
#include "tailor/core/shape.hpp"

namespace tailor {

// Keras's regularizers.L1L2: adds l1 * sum|w| + l2 * sum w^2 to the loss.
struct Regularizer {
  double l1 = 0;
  double l2 = 0;
  bool operator==(const Regularizer&) const = default;
};

struct Rescaling {  // y = x * scale + offset
  double scale = 1.0 / 255;
  double offset = 0;
  bool operator==(const Rescaling&) const = default;
};

struct ZeroPadding2D {  // rows above, below, columns left, right
  std::vector<int> padding = {1, 1, 1, 1};
  bool operator==(const ZeroPadding2D&) const = default;
};

struct Conv2D {
  int filters = 32;
  std::vector<int> kernel_size = {3, 3};
  std::vector<int> strides = {1, 1};
  std::string padding = "valid";      // valid | same
  std::string activation = "linear";  // linear | relu
  bool use_bias = true;
  std::string kernel_initializer = "glorot_uniform";  // glorot_uniform | he_normal | zeros
  Regularizer kernel_regularizer = {};
  bool operator==(const Conv2D&) const = default;
};

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

struct GlobalMaxPooling2D {
  bool operator==(const GlobalMaxPooling2D&) const = default;
};

struct GlobalAveragePooling2D {
  bool operator==(const GlobalAveragePooling2D&) const = default;
};

struct Flatten {  // in channel, row, column order (PyTorch's and ONNX's; Keras's is row, column,
                  // channel)
  bool operator==(const Flatten&) const = default;
};

struct Dropout {
  double rate = 0.5;  // share of values set to 0; the rest is divided by 1 - rate
  bool operator==(const Dropout&) const = default;
};

struct Dense {
  int units = 128;
  std::string activation =
      "linear";  // linear | relu; softmax only on the last layer, where the loss applies it
  bool use_bias = true;
  std::string kernel_initializer = "glorot_uniform";
  Regularizer kernel_regularizer = {};
  bool operator==(const Dense&) const = default;
};

struct ReLU {
  bool operator==(const ReLU&) const = default;
};

struct BatchNormalization {  // moving = momentum * moving + (1 - momentum) * batch; the batch
                             // variance is the biased one
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool operator==(const BatchNormalization&) const = default;
};

struct Layer;

struct Residual {  // y = x + body(x); the body keeps the shape
  std::vector<Layer> body;
  bool operator==(const Residual&) const;
};

using LayerKind = std::variant<Rescaling, ZeroPadding2D, Conv2D, MaxPooling2D, AveragePooling2D,
                               GlobalMaxPooling2D, GlobalAveragePooling2D, Flatten, Dropout, Dense,
                               ReLU, BatchNormalization, Residual>;

struct Layer {
  LayerKind kind;
  bool operator==(const Layer&) const = default;
};

inline bool Residual::operator==(const Residual& other) const {
  return body == other.body;
}

// The whole net: images of `input` in, `classes` logits out. The last layer gives classes x 1 x 1.
struct Spec {
  Shape input;
  int classes = 10;
  std::vector<Layer> layers;
  bool operator==(const Spec&) const = default;
};

// TOML names: "rescaling", "zero_padding2d", "conv2d", "max_pooling2d", "average_pooling2d",
// "global_max_pooling2d", "global_average_pooling2d", "flatten", "dropout", "dense", "relu",
// "batch_normalization", "residual".
std::string layer_type(const Layer& layer);
std::vector<std::string> layer_types();
Layer make_layer(const std::string& type,
                 const std::string& where);  // with defaults; bad_input names the nearest type

// The options of one layer ("filters", "kernel_size", "kernel_regularizer.l2", ...); a Residual has
// none but its body.
FieldList fields_of(Layer& layer);

// The shape after one layer, or bad_input: "layer 3 (max_pooling2d): pool 2x2 does not fit 1x1x64".
Shape output_shape(const Layer& layer, const Shape& input, const std::string& where);

// Checks every layer and that the net ends in `classes` values; throws bad_input naming the layer.
void validate(const Spec& spec);

// One line per layer: number, type with its settings, output shape, parameters; then totals. As
// Keras's summary().
std::string summary(const Spec& spec);

// Forward multiply-adds of one image, padding counted as work, as the field counts them; training
// is 6 x this in FLOP.
// With `block` above 1, channels are rounded up to it: what a Plan executes, and so what a training
// costs.
double multiply_adds(const Spec& spec, int block = 1);

}  // namespace tailor
