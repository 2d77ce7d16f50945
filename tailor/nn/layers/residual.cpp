#include "tailor/nn/layers/residual.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"
#include "tailor/nn/layer.hpp"
#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

bool Residual::operator==(const Residual& other) const {
  return body == other.body;
}

FieldList fields_of(Residual&) {
  return {};
}

Shape output_shape(const Residual& r, const Shape& in, const std::string& where) {
  if (r.body.empty()) throw bad_input(where + ": a residual needs a body");
  const Shape out = shape_after(r.body, in, where + ", body layer");
  if (out == in) return out;
  throw bad_input(fmt::format("{}: the body turns {} into {}, but a residual adds the two", where,
                              to_string(in), to_string(out)));
}

ParameterList parameters(const Residual& r, const Shape& in) {
  ParameterList list;
  for_layers(r.body, in, "body.",
             [&](const Layer& layer, const std::string& name, const Shape& shape) {
               for (Parameter& p : parameters(layer, shape)) {
                 p.name = name + "." + p.name;
                 list.push_back(std::move(p));
               }
             });
  return list;
}

void operation(const Residual& r, Expansion& nodes) {
  nodes.fork();
  nodes.run(r.body, "body.");
  nodes.join();
}

}  // namespace tailor::internal
