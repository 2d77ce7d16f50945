#include "tailor/nn/spec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/sizes.hpp"
#include "tailor/core/text.hpp"
#include "tailor/nn/params.hpp"
#include "tailor/nn/views.hpp"

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

// "conv2d(filters=32, kernel_size=[3, 3], activation="relu")".
std::string describe(Layer layer) {
  std::string text;
  for (const Field& field : telling_fields(layer)) {
    text += (text.empty() ? "" : ", ") + field.path + "=" + to_toml(field);
  }
  return layer_type(layer) + (text.empty() ? "" : "(" + text + ")");
}

void summarize(const std::vector<Layer>& layers, Shape shape, const std::string& prefix,
               std::vector<LayerSummary>& rows) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Shape input = shape;
    const std::string name = fmt::format("{}{}", prefix, i);
    shape = output_shape(layers[i], input, name);
    rows.push_back({name, layer_type(layers[i]), describe(layers[i]), shape,
                    parameter_count(layers[i], input), products(layers[i], input, shape, 1)});
    if (const auto* r = std::get_if<Residual>(&layers[i].kind)) {
      summarize(r->body, input, name + ".body.", rows);
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
  check_views(spec.views);
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

std::vector<LayerSummary> layer_summaries(const Spec& spec) {
  std::vector<LayerSummary> rows;
  summarize(spec.layers, spec.input, "", rows);
  return rows;
}

std::string summary(const Spec& spec) {
  const ParamTable table = param_table(spec);
  const std::vector<LayerSummary> rows = layer_summaries(spec);
  std::size_t widest = 0, longest = 5;
  for (const LayerSummary& row : rows) {
    widest = std::max(widest, row.settings.size());
    longest = std::max(longest, row.name.size());
  }
  const auto line = [&](const std::string& name, const std::string& settings,
                        const std::string& shape, const auto& params, const auto& work) {
    return fmt::format("{:<{}}  {:<{}} {:>12} {:>10} {:>14}\n", name, longest, settings, widest,
                       shape, params, work);
  };
  std::string text = line("layer", "", "output", "params", "multiply-adds");
  text += line("", "input", to_string(spec.input), 0, 0);
  for (const LayerSummary& row : rows) {
    text += line(row.name, row.settings, to_string(row.output), row.params,
                 fmt::format("{:.0f}", row.multiply_adds));
  }
  return text + fmt::format(
                    "{} trainable parameters, {} running statistics, {:.2f} million multiply-adds "
                    "an image\n",
                    table.weight_count, table.state_count, multiply_adds(spec) / 1e6);
}

double multiply_adds(const Spec& spec, int block) {
  return sum_products(spec.layers, spec.input, block);
}

}  // namespace tailor::internal
