#include "tailor/nn/layers/pooling2d.hpp"

#include "tailor/nn/layers/same_padding.hpp"
#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

namespace {

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
       paddings()}};
}

template <class Pooling>
const std::vector<int>& strides_of(const Pooling& p) {
  return p.strides.empty() ? p.pool_size : p.strides;
}

template <class Pooling>
Shape pooled_shape(const Pooling& p, const Shape& in, const std::string& where) {
  check_list(p.pool_size, 2, 1, "pool_size", where);
  if (!p.strides.empty()) check_list(p.strides, 2, 1, "strides", where);
  return sliding_shape(in, in.channels, p.pool_size, strides_of(p), p.padding, where);
}

template <class Pooling>
PoolConfig window_config(const Pooling& p, bool max, const Shape& in) {
  const auto& strides = strides_of(p);
  PoolConfig config{max, p.pool_size[0], p.pool_size[1], strides[0], strides[1], {}};
  if (p.padding == "same") {
    config.pad =
        same_padding(in, config.window_h, config.window_w, config.stride_h, config.stride_w);
  }
  return config;
}

// What an operation before it may take in.
bool halves(const MaxPooling2D& p) {
  const std::vector<int> two = {2, 2};
  return p.pool_size == two && strides_of(p) == two && p.padding == "valid";
}

}  // namespace

FieldList fields_of(MaxPooling2D& layer) {
  return pooling_fields(layer);
}

Shape output_shape(const MaxPooling2D& layer, const Shape& in, const std::string& where) {
  return pooled_shape(layer, in, where);
}

ParameterList parameters(const MaxPooling2D&, const Shape&) {
  return {};
}

void operation(const MaxPooling2D& layer, Expansion& nodes) {
  nodes.add(window_config(layer, true, nodes.shape())).halves = halves(layer);
}

FieldList fields_of(AveragePooling2D& layer) {
  return pooling_fields(layer);
}

Shape output_shape(const AveragePooling2D& layer, const Shape& in, const std::string& where) {
  return pooled_shape(layer, in, where);
}

ParameterList parameters(const AveragePooling2D&, const Shape&) {
  return {};
}

void operation(const AveragePooling2D& layer, Expansion& nodes) {
  nodes.add(window_config(layer, false, nodes.shape()));
}

}  // namespace tailor::internal
