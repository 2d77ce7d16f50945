#include "tailor/nn/zoo.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"

namespace tailor::internal {

namespace {

// The notebook's net: scaled to [0, 1], padded by one, two convolutions with pooling, one dropout,
// two dense layers with L2.
std::vector<Layer> seed_layers(const ModelOptions& o) {
  const Regularizer l2{0, o.l2};
  Conv2D first;
  first.filters = o.kernels;
  first.activation = "relu";
  Conv2D second = first;
  second.filters = 2 * o.kernels;
  second.padding = "same";
  Dense hidden;
  hidden.units = o.dense;
  hidden.activation = "relu";
  hidden.kernel_regularizer = l2;
  Dense output;
  output.units = 0;
  output.activation = "softmax";
  output.kernel_regularizer = l2;
  return {{Rescaling{}}, {ZeroPadding2D{}}, {first},     {MaxPooling2D{}},
          {second},      {MaxPooling2D{}},  {Flatten{}}, {Dropout{o.dropout}},
          {hidden},      {output}};
}

// Five convolutions without bias, each with batch normalisation and ReLU, pooled twice; one dense
// layer reads the largest value of every map.
std::vector<Layer> air_layers(const ModelOptions& o) {
  std::vector<Layer> layers = {{Rescaling{}}};
  const auto block = [&](int filters, bool pooled) {
    Conv2D conv;
    conv.filters = filters;
    conv.padding = "same";
    conv.use_bias = false;
    conv.kernel_initializer = "he_normal";
    layers.push_back({conv});
    layers.push_back({BatchNormalization{0.9, 1e-5}});
    layers.push_back({ReLU{}});
    if (pooled) layers.push_back({MaxPooling2D{}});
  };
  block(o.kernels, true);
  block(2 * o.kernels, false);
  block(2 * o.kernels, true);
  block(4 * o.kernels, false);
  block(4 * o.kernels, false);
  layers.push_back({GlobalMaxPooling2D{}});
  Dense output;
  output.units = 0;
  output.activation = "softmax";
  layers.push_back({output});
  return layers;
}

}  // namespace

FieldList fields_of(ModelOptions& o) {
  FieldList list = {
      {"name", &o.name, "a named model, or custom for [[model.layer]]", {}, {}, model_names()},
      {"kernels", &o.kernels,
       "filters of the first Conv2D; later ones have two and four times as many", 1, 4096},
      {"dropout", &o.dropout, "rate of the Dropout after Flatten", 0, 0.999},
      {"dense", &o.dense, "units of the hidden Dense", 1, 65536},
      {"l2", &o.l2, "L2 penalty of the two Dense kernels", 0, 1e6}};
  list.push_back({"views", &o.views,
                  "of an image, whose answers are averaged: 1, 2 = also mirrored, 6 = both also "
                  "moved by a pixel",
                  1, 6});
  list.back().quiet = true;
  return list;
}

std::vector<std::string> model_names() {
  return {"seed", "air", "custom"};
}

Spec make_spec(const ModelOptions& options, const Shape& input, int classes) {
  Spec spec{input, classes, {}, options.views};
  if (options.name == "seed") {
    spec.layers = seed_layers(options);
  } else if (options.name == "air") {
    spec.layers = air_layers(options);
  } else if (options.name == "custom") {
    spec.layers = options.layers;
  } else {
    const std::string near = nearest_name(options.name, model_names());
    throw bad_input(fmt::format(
        "unknown model '{}'{}", options.name,
        near.empty() ? "; known are seed, air and custom" : "; did you mean '" + near + "'?"));
  }
  if (!spec.layers.empty()) {
    auto* last = std::get_if<Dense>(&spec.layers.back().kind);
    if (last != nullptr && last->units == 0) last->units = classes;
  }
  validate(spec);
  return spec;
}

}  // namespace tailor::internal
