// The first pass: every layer becomes the operations it means, one for one; what could be had
// cheaper is left to the passes behind.
#pragma once

#include <string>
#include <vector>

#include "tailor/nn/lower/nodes.hpp"
#include "tailor/nn/spec.hpp"

namespace tailor::internal {

// Where a layer's operation() puts its nodes.
class Expansion {
 public:
  explicit Expansion(const Shape& images) : shape_(images) {
    nodes_.input = {.shape = images, .is_image = true};
  }

  // Of what the next operation reads.
  const Shape& shape() const { return shape_; }

  // An operation named after the layer and with its parameters. A layer that needs two operations
  // with parameters is a residual of layers or a new operation.
  Node& add(const OpConfig& config);
  // The function behind a layer's own operation ("linear": none), as a node of its own: named after
  // the layer's "activation", so that int8 ranges tell the two apart.
  void activate(const std::string& activation);

  // The layers of a body, their names behind the layer's own: "layers.3.body.0".
  void run(const std::vector<Layer>& layers, const std::string& prefix);
  void fork();
  void join();

  Nodes take();

 private:
  Node& push(Node node);

  Nodes nodes_;
  Shape shape_;
  std::string name_;  // of the layer at hand
  std::string type_;
  bool has_parameters_ = false;
};

Nodes expand(const Spec& spec);

}  // namespace tailor::internal
