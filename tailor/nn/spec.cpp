#include "tailor/nn/spec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/sizes.hpp"
#include "tailor/core/text.hpp"
#include "tailor/nn/params.hpp"

namespace tailor::internal {

namespace {

// With those inside of residuals.
std::size_t count_layers(const std::vector<Layer>& layers, std::size_t depth) {
  if (depth > kMostResidualDepth) {
    throw bad_input(
        fmt::format("the model has more than {} residuals within each other, which is "
                    "the most that it may",
                    kMostResidualDepth));
  }
  std::size_t count = layers.size();
  for (const Layer& layer : layers) {
    const auto* r = std::get_if<Residual>(&layer.kind);
    if (r != nullptr) count += count_layers(r->body, depth + 1);
  }
  return count;
}

void check_softmax(const std::vector<Layer>& layers, bool outermost) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (const auto* r = std::get_if<Residual>(&layers[i].kind)) check_softmax(r->body, false);
    const auto* d = std::get_if<Dense>(&layers[i].kind);
    if (d != nullptr && d->activation == "softmax" && !(outermost && i + 1 == layers.size())) {
      throw bad_input(fmt::format(
          "layer {} (dense): softmax is for the last layer only, where the loss applies it", i));
    }
  }
}

// What the elements of a layer's kernel are multiplied with, each at every position of its result;
// channels rounded up to whole blocks, but for images of a few channels.
double products(const Layer& layer, const Shape& in, const Shape& out, int block) {
  const auto rounded = [&](int channels) { return double((channels + block - 1) / block * block); };
  double sum = 0;
  for (const Parameter& p : parameters(layer, in)) {
    if (p.name != "kernel") continue;
    const double from = in.channels <= 3 ? in.channels : rounded(in.channels);
    double each = rounded(out.channels) * from * out.height * out.width;
    for (std::size_t i = 2; i < p.shape.size(); ++i) each *= p.shape[i];
    sum += each;
  }
  return sum;
}

// Weights and running statistics of a layer, those inside of it counted.
std::uint64_t parameter_count(const Layer& layer, const Shape& in) {
  std::uint64_t count = 0;
  for (const Parameter& p : parameters(layer, in)) count += product_up_to(kMostWeights, p.shape);
  return count;
}

double sum_products(const std::vector<Layer>& layers, Shape shape, int block) {
  double sum = 0;
  for (const Layer& layer : layers) {
    const Shape next = output_shape(layer, shape, "layer");
    const auto* r = std::get_if<Residual>(&layer.kind);
    sum += r != nullptr ? sum_products(r->body, shape, block) : products(layer, shape, next, block);
    shape = next;
  }
  return sum;
}

// "conv2d(filters=32, kernel_size=[3, 3], activation="relu")": the settings that differ from the
// defaults.
std::string describe(Layer layer) {
  Layer plain = make_layer(layer_type(layer), "layer");
  const FieldList fields = fields_of(layer);
  const FieldList defaults = fields_of(plain);
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool always =
        fields[i].path == "filters" || fields[i].path == "units" || fields[i].path == "rate";
    if (!always && to_toml(fields[i]) == to_toml(defaults[i])) continue;
    text += (text.empty() ? "" : ", ") + fields[i].path + "=" + to_toml(fields[i]);
  }
  return layer_type(layer) + (text.empty() ? "" : "(" + text + ")");
}

void summarize(const std::vector<Layer>& layers, Shape shape, const std::string& prefix,
               std::string& text) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string name = fmt::format("{}{}", prefix, i);
    const std::uint64_t params = parameter_count(layers[i], shape);
    shape = output_shape(layers[i], shape, name);
    text += fmt::format("{:<8} {:<72} {:>12} {:>10}\n", name, describe(layers[i]), to_string(shape),
                        params);
    if (const auto* r = std::get_if<Residual>(&layers[i].kind)) {
      summarize(r->body, shape, name + ".body.", text);
    }
  }
}

}  // namespace

void validate(const Spec& spec) {
  if (spec.layers.empty()) throw bad_input("the model has no layers");
  if (count_layers(spec.layers, 0) > kMostLayers) {
    throw bad_input(
        fmt::format("the model has more than the {} layers that it may", grouped(kMostLayers)));
  }
  check_softmax(spec.layers, true);
  checked_shape(spec.input.channels, spec.input.height, spec.input.width, "the input");
  const Shape out = shape_after(spec.layers, spec.input, "layer");
  if (out != Shape{spec.classes, 1, 1}) {
    throw bad_input(fmt::format(
        "the model ends in {} values per image, but the data has {} classes",
        out.height == 1 && out.width == 1 ? std::to_string(out.channels) : to_string(out),
        spec.classes));
  }
  param_table(spec);  // counts the weights
}

std::string summary(const Spec& spec) {
  const ParamTable table = param_table(spec);
  std::string text = fmt::format("{:<8} {:<72} {:>12} {:>10}\n", "layer", "", "output", "params");
  text += fmt::format("{:<8} {:<72} {:>12} {:>10}\n", "", "input", to_string(spec.input), 0);
  summarize(spec.layers, spec.input, "", text);
  return text + fmt::format(
                    "{} trainable parameters, {} running statistics, {:.2f} million multiply-adds "
                    "an image\n",
                    table.weight_count, table.state_count, multiply_adds(spec) / 1e6);
}

double multiply_adds(const Spec& spec, int block) {
  return sum_products(spec.layers, spec.input, block);
}

}  // namespace tailor::internal
