#include "tailor/nn/spec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/nn/params.hpp"

namespace tailor {

namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

// One row per layer type: its TOML name and its defaults.
const std::vector<std::pair<std::string, LayerKind>>& layer_table() {
  static const std::vector<std::pair<std::string, LayerKind>> table = {
      {"rescaling", Rescaling{}},
      {"zero_padding2d", ZeroPadding2D{}},
      {"conv2d", Conv2D{}},
      {"max_pooling2d", MaxPooling2D{}},
      {"average_pooling2d", AveragePooling2D{}},
      {"global_max_pooling2d", GlobalMaxPooling2D{}},
      {"global_average_pooling2d", GlobalAveragePooling2D{}},
      {"flatten", Flatten{}},
      {"dropout", Dropout{}},
      {"dense", Dense{}},
      {"relu", ReLU{}},
      {"batch_normalization", BatchNormalization{}},
      {"residual", Residual{}},
  };
  return table;
}

const std::vector<std::string> kPaddings = {"valid", "same"};
const std::vector<std::string> kInitializers = {"glorot_uniform", "he_normal", "zeros"};

void add_regularizer(FieldList& list, Regularizer& r) {
  list.push_back({"kernel_regularizer.l1", &r.l1, "adds l1 * sum |w| to the loss", 0, 1e6});
  list.push_back({"kernel_regularizer.l2", &r.l2, "adds l2 * sum w^2 to the loss", 0, 1e6});
}

template <class Pooling>
FieldList pooling_fields(Pooling& p) {
  return {
      {"pool_size", &p.pool_size, "rows, columns of a window", 1, 65535},
      {"strides", &p.strides, "rows, columns from window to window; empty = pool_size", 1, 65535},
      {"padding",
       &p.padding,
       "valid: inside only; same: ceil(size / stride) out",
       {},
       {},
       kPaddings}};
}

FieldList conv_fields(Conv2D& c) {
  FieldList list = {
      {"filters", &c.filters, "output channels", 1, 65536},
      {"kernel_size", &c.kernel_size, "rows, columns", 1, 255},
      {"strides", &c.strides, "rows, columns", 1, 255},
      {"padding", &c.padding, "valid or same", {}, {}, kPaddings},
      {"activation", &c.activation, "applied to the output", {}, {}, {"linear", "relu"}},
      {"use_bias", &c.use_bias, "one added value per filter"},
      {"kernel_initializer", &c.kernel_initializer, "how weights start", {}, {}, kInitializers}};
  add_regularizer(list, c.kernel_regularizer);
  return list;
}

FieldList dense_fields(Dense& d) {
  FieldList list = {
      {"units", &d.units, "output values; 0 on the last layer = the number of classes", 0, 1 << 20},
      {"activation", &d.activation, "applied to the output", {}, {}, {"linear", "relu", "softmax"}},
      {"use_bias", &d.use_bias, "one added value per unit"},
      {"kernel_initializer", &d.kernel_initializer, "how weights start", {}, {}, kInitializers}};
  add_regularizer(list, d.kernel_regularizer);
  return list;
}

// A list of `count` numbers, each at least `min`, or bad_input.
void check_list(const std::vector<int>& values, std::size_t count, int min, const char* name,
                const std::string& where) {
  if (values.size() == count && std::ranges::all_of(values, [&](int v) { return v >= min; }))
    return;
  throw bad_input(
      fmt::format("{}: {} must be {} whole numbers of at least {}", where, name, count, min));
}

Shape sliding_shape(const Shape& in, int channels, const std::vector<int>& window,
                    const std::vector<int>& stride, const std::string& padding,
                    const std::string& where) {
  const auto extent = [&](int size, int k, int s) {
    return padding == "same" ? (size + s - 1) / s : size < k ? 0 : (size - k) / s + 1;
  };
  const Shape out{channels, extent(in.height, window[0], stride[0]),
                  extent(in.width, window[1], stride[1])};
  if (out.height < 1 || out.width < 1) {
    throw bad_input(fmt::format("{}: a window of {}x{} does not fit into {}", where, window[0],
                                window[1], to_string(in)));
  }
  return out;
}

template <class Pooling>
Shape pooled_shape(const Pooling& p, const Shape& in, const std::string& where) {
  check_list(p.pool_size, 2, 1, "pool_size", where);
  if (!p.strides.empty()) check_list(p.strides, 2, 1, "strides", where);
  return sliding_shape(in, in.channels, p.pool_size, p.strides.empty() ? p.pool_size : p.strides,
                       p.padding, where);
}

Shape conv_shape(const Conv2D& c, const Shape& in, const std::string& where) {
  check_list(c.kernel_size, 2, 1, "kernel_size", where);
  check_list(c.strides, 2, 1, "strides", where);
  return sliding_shape(in, c.filters, c.kernel_size, c.strides, c.padding, where);
}

Shape dense_shape(const Dense& d, const Shape& in, const std::string& where) {
  if (in.height != 1 || in.width != 1) {
    throw bad_input(fmt::format("{}: dense needs flat values, not {}; put a flatten before it",
                                where, to_string(in)));
  }
  if (d.units < 1) throw bad_input(where + ": units must be at least 1");
  return {d.units, 1, 1};
}

Shape padded_shape(const ZeroPadding2D& p, const Shape& in, const std::string& where) {
  check_list(p.padding, 4, 0, "padding", where);
  return {in.channels, in.height + p.padding[0] + p.padding[1],
          in.width + p.padding[2] + p.padding[3]};
}

Shape shape_after(const std::vector<Layer>& layers, Shape shape, const std::string& prefix) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    shape =
        output_shape(layers[i], shape, fmt::format("{} {} ({})", prefix, i, layer_type(layers[i])));
  }
  return shape;
}

Shape residual_shape(const Residual& r, const Shape& in, const std::string& where) {
  if (r.body.empty()) throw bad_input(where + ": a residual needs a body");
  const Shape out = shape_after(r.body, in, where + ", body layer");
  if (out == in) return out;
  throw bad_input(fmt::format("{}: the body turns {} into {}, but a residual adds the two", where,
                              to_string(in), to_string(out)));
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

// A convolution's or dense layer's own products; channels rounded up to whole blocks, but for
// images of a few channels.
double products(const Layer& layer, const Shape& in, const Shape& out, int block) {
  const auto rounded = [&](int channels) { return double((channels + block - 1) / block * block); };
  const double from = in.channels <= 3 ? in.channels : rounded(in.channels);
  const double to = rounded(out.channels);
  if (const auto* c = std::get_if<Conv2D>(&layer.kind)) {
    return to * out.height * out.width * from * c->kernel_size[0] * c->kernel_size[1];
  }
  return std::holds_alternative<Dense>(layer.kind) ? to * from : 0;
}

double sum_products(const std::vector<Layer>& layers, Shape shape, int block) {
  double sum = 0;
  for (const Layer& layer : layers) {
    const Shape next = output_shape(layer, shape, "layer");
    sum += products(layer, shape, next, block);
    if (const auto* r = std::get_if<Residual>(&layer.kind))
      sum += sum_products(r->body, shape, block);
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
               const ParamTable& table, std::string& text) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string name = fmt::format("{}{}", prefix, i);
    shape = output_shape(layers[i], shape, name);
    std::size_t params = 0;
    for (const auto* list : {&table.weights, &table.state}) {
      for (const TensorInfo& t : *list) {
        if (t.name.starts_with("layers." + name + ".")) params += t.size;
      }
    }
    text += fmt::format("{:<8} {:<72} {:>12} {:>10}\n", name, describe(layers[i]), to_string(shape),
                        params);
    if (const auto* r = std::get_if<Residual>(&layers[i].kind)) {
      summarize(r->body, shape, name + ".body.", table, text);
    }
  }
}

}  // namespace

std::string layer_type(const Layer& layer) {
  return layer_table()[layer.kind.index()].first;
}

std::vector<std::string> layer_types() {
  std::vector<std::string> names;
  for (const auto& [name, kind] : layer_table()) names.push_back(name);
  return names;
}

Layer make_layer(const std::string& type, const std::string& where) {
  for (const auto& [name, kind] : layer_table()) {
    if (name == type) return {kind};
  }
  const std::string near = nearest_name(type, layer_types());
  throw bad_input(fmt::format("{}: unknown layer type '{}'{}", where, type,
                              near.empty() ? "" : "; did you mean '" + near + "'?"));
}

FieldList fields_of(Layer& layer) {
  return std::visit(
      Overloaded{
          [](Rescaling& l) -> FieldList {
            return {{"scale", &l.scale, "multiplies every value"},
                    {"offset", &l.offset, "is added after that"}};
          },
          [](ZeroPadding2D& l) -> FieldList {
            return {{"padding", &l.padding, "rows above, below, columns left, right", 0, 4096}};
          },
          [](Conv2D& l) { return conv_fields(l); },
          [](MaxPooling2D& l) { return pooling_fields(l); },
          [](AveragePooling2D& l) { return pooling_fields(l); },
          [](Dropout& l) -> FieldList {
            return {{"rate", &l.rate, "share of values set to 0 in training", 0, 0.999}};
          },
          [](Dense& l) { return dense_fields(l); },
          [](BatchNormalization& l) -> FieldList {
            return {{"momentum", &l.momentum, "of the running statistics", 0, 1},
                    {"epsilon", &l.epsilon, "added to the variance", 1e-12, 1}};
          },
          [](auto&) { return FieldList{}; },
      },
      layer.kind);
}

Shape output_shape(const Layer& layer, const Shape& in, const std::string& where) {
  return std::visit(Overloaded{
                        [&](const ZeroPadding2D& l) { return padded_shape(l, in, where); },
                        [&](const Conv2D& l) { return conv_shape(l, in, where); },
                        [&](const MaxPooling2D& l) { return pooled_shape(l, in, where); },
                        [&](const AveragePooling2D& l) { return pooled_shape(l, in, where); },
                        [&](const GlobalMaxPooling2D&) {
                          return Shape{in.channels, 1, 1};
                        },
                        [&](const GlobalAveragePooling2D&) {
                          return Shape{in.channels, 1, 1};
                        },
                        [&](const Flatten&) {
                          return Shape{int(in.size()), 1, 1};
                        },
                        [&](const Dense& l) { return dense_shape(l, in, where); },
                        [&](const Residual& l) { return residual_shape(l, in, where); },
                        [&](const auto&) { return in; },
                    },
                    layer.kind);
}

void validate(const Spec& spec) {
  if (spec.layers.empty()) throw bad_input("the model has no layers");
  check_softmax(spec.layers, true);
  const Shape out = shape_after(spec.layers, spec.input, "layer");
  if (out == Shape{spec.classes, 1, 1}) return;
  throw bad_input(
      fmt::format("the model ends in {} values per image, but the data has {} classes",
                  out.height == 1 && out.width == 1 ? std::to_string(out.channels) : to_string(out),
                  spec.classes));
}

std::string summary(const Spec& spec) {
  const ParamTable table = param_table(spec);
  std::string text = fmt::format("{:<8} {:<72} {:>12} {:>10}\n", "layer", "", "output", "params");
  text += fmt::format("{:<8} {:<72} {:>12} {:>10}\n", "", "input", to_string(spec.input), 0);
  summarize(spec.layers, spec.input, "", table, text);
  return text + fmt::format(
                    "{} trainable parameters, {} running statistics, {:.2f} million multiply-adds "
                    "an image\n",
                    table.weight_count, table.state_count, multiply_adds(spec) / 1e6);
}

double multiply_adds(const Spec& spec, int block) {
  return sum_products(spec.layers, spec.input, block);
}

}  // namespace tailor
