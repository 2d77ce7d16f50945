#include "tailor/nn/layers/dense.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"
#include "tailor/nn/layers/activations.hpp"
#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

FieldList fields_of(Dense& d) {
  std::vector<std::string> activations = activation_names();
  activations.push_back("softmax");
  FieldList list = {
      {"units", &d.units, "output values; 0 on the last layer = the number of classes", 0, 1 << 20},
      {"activation", &d.activation, "applied to the output", {}, {}, std::move(activations)},
      {"use_bias", &d.use_bias, "one added value per unit"},
      {"kernel_initializer", &d.kernel_initializer, "how weights start", {}, {}, initializers()}};
  add_regularizer(list, d.kernel_regularizer);
  return list;
}

Shape output_shape(const Dense& d, const Shape& in, const std::string& where) {
  if (in.height != 1 || in.width != 1) {
    throw bad_input(fmt::format("{}: dense needs flat values, not {}; put a flatten before it",
                                where, to_string(in)));
  }
  if (d.units < 1) throw bad_input(where + ": units must be at least 1");
  return checked_shape(d.units, 1, 1, where);
}

ParameterList parameters(const Dense& d, const Shape& in) {
  ParameterList list = {
      {"kernel", {d.units, int(in.size())}, d.kernel_initializer, d.kernel_regularizer}};
  if (d.use_bias) list.push_back({"bias", {d.units}, "zeros"});
  return list;
}

void operation(const Dense& d, Expansion& nodes) {
  nodes.add(DenseConfig{.units = d.units, .bias = d.use_bias});
  if (d.activation != "softmax") nodes.activate(d.activation);  // that is the loss's
}

}  // namespace tailor::internal
