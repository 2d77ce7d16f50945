#include "tailor/nn/layers/conv2d.hpp"

#include "tailor/nn/layers/activations.hpp"
#include "tailor/nn/layers/same_padding.hpp"
#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

FieldList fields_of(Conv2D& c) {
  FieldList list = {
      {"filters", &c.filters, "output channels", 1, 65536},
      {"kernel_size", &c.kernel_size, "rows, columns", 1, 255},
      {"strides", &c.strides, "rows, columns", 1, 255},
      {"padding", &c.padding, "valid or same", {}, {}, paddings()},
      {"activation", &c.activation, "applied to the output", {}, {}, activation_names()},
      {"use_bias", &c.use_bias, "one added value per filter"},
      {"kernel_initializer", &c.kernel_initializer, "how weights start", {}, {}, initializers()}};
  add_regularizer(list, c.kernel_regularizer);
  return list;
}

Shape output_shape(const Conv2D& c, const Shape& in, const std::string& where) {
  check_list(c.kernel_size, 2, 1, "kernel_size", where);
  check_list(c.strides, 2, 1, "strides", where);
  return sliding_shape(in, c.filters, c.kernel_size, c.strides, c.padding, where);
}

ParameterList parameters(const Conv2D& c, const Shape& in) {
  ParameterList list = {{"kernel",
                         {c.filters, in.channels, c.kernel_size[0], c.kernel_size[1]},
                         c.kernel_initializer,
                         c.kernel_regularizer}};
  if (c.use_bias) list.push_back({"bias", {c.filters}, "zeros"});
  return list;
}

void operation(const Conv2D& c, Expansion& nodes) {
  ConvConfig config{.filters = c.filters,
                    .kernel_h = c.kernel_size[0],
                    .kernel_w = c.kernel_size[1],
                    .stride_h = c.strides[0],
                    .stride_w = c.strides[1],
                    .pad = {},
                    .bias = c.use_bias};
  if (c.padding == "same") {
    config.pad = same_padding(nodes.shape(), config.kernel_h, config.kernel_w, config.stride_h,
                              config.stride_w);
  }
  nodes.add(config);
  nodes.activate(c.activation);
}

}  // namespace tailor::internal
