// The manual of all layers, made from their own field lists: what `tailor help layers` prints
// and docs/layers.md holds.
#pragma once

#include <cstddef>
#include <string>

namespace tailor::internal {

std::string layers_text(std::size_t columns);                          // for a terminal
std::string layer_text(const std::string& type, std::size_t columns);  // one of layer_types()
std::string layers_markdown();

}  // namespace tailor::internal
