#include "tailor/nn/lower/expand.hpp"

#include <fmt/format.h>

#include <utility>

#include "tailor/core/error.hpp"

namespace tailor::internal {

Node& Expansion::push(Node node) {
  if (const auto* config = std::get_if<OpConfig>(&node.work)) {
    shape_ = output_shape(*config, shape_);
  }
  return nodes_.list.emplace_back(std::move(node));
}

Node& Expansion::add(const OpConfig& config) {
  return push({name_, type_, config, has_parameters_ ? name_ : ""});
}

void Expansion::activate(const std::string& activation) {
  if (activation == "linear") return;
  for (const NamedActivation& a : kActivations) {
    if (a.name != activation) continue;
    push({name_ + ".activation", activation, ActivationConfig{a.function}});
    return;
  }
  throw bad_input(fmt::format("{} ({}): unknown activation '{}'", name_, type_, activation));
}

void Expansion::run(const std::vector<Layer>& layers, const std::string& prefix) {
  const std::string outer = name_.empty() ? "" : name_ + ".";
  for (std::size_t i = 0; i < layers.size(); ++i) {
    name_ = outer + prefix + std::to_string(i);
    type_ = layer_type(layers[i]);
    has_parameters_ = !parameters(layers[i], shape_).empty();
    operation(layers[i], *this);
  }
  name_ = outer.substr(0, outer.empty() ? 0 : outer.size() - 1);
}

void Expansion::fork() {
  push({name_, "fork", Fork{}});
}

void Expansion::join() {
  push({name_, "join", Join{}});
}

Nodes Expansion::take() {
  return std::move(nodes_);
}

Nodes expand(const Spec& spec) {
  Expansion expansion(spec.input);
  expansion.run(spec.layers, "layers.");
  Nodes nodes = expansion.take();
  nodes.list.back().is_last = true;
  return nodes;
}

}  // namespace tailor::internal
