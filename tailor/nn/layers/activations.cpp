#include "tailor/nn/layers/activations.hpp"

#include "tailor/nn/lower/expand.hpp"

namespace tailor::internal {

void add_operation(const Activation& function, Expansion& nodes) {
  nodes.add(ActivationConfig{function});
}

std::vector<std::string> activation_names() {
  std::vector<std::string> names = {"linear"};
  for (const NamedActivation& a : kActivations) names.emplace_back(a.name);
  return names;
}

}  // namespace tailor::internal
