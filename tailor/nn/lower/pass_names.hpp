// What the tests of passes look at.
#pragma once

#include <string>
#include <vector>

#include "tailor/nn/lower/expand.hpp"
#include "tailor/nn/lower/passes.hpp"

namespace tailor::internal::test {

inline std::vector<std::string> names_of(const Nodes& nodes) {
  std::vector<std::string> names;
  for (const Node& node : nodes.list) names.push_back(node.name());
  return names;
}

inline Nodes fused(const Spec& spec, Phase phase) {
  Nodes nodes = expand(spec);
  fuse(nodes, phase);
  return nodes;
}

inline Nodes chosen(const Spec& spec, const PlanSite& site) {
  Nodes nodes = fused(spec, site.phase);
  std::map<std::string, OpCase> choices;
  choose_kernels(nodes, site, choices);
  return nodes;
}

using Names = std::vector<std::string>;

}  // namespace tailor::internal::test
