// The manual of an experiment's options, made from their field lists: what `tailor help
// experiment` prints, docs/options.md holds, and the help of commands lists in part.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tailor::internal {

// Those whose path begins with one of `beginnings` ("train.", "seed"), table by table.
std::string options_text(const std::vector<std::string>& beginnings, std::size_t columns);

std::string all_options_text(std::size_t columns);                      // with what holds for all
std::string option_text(const std::string& path, std::size_t columns);  // "" for an unknown one
std::string options_markdown();

}  // namespace tailor::internal
