// The data-quality part of the explorer page: what `tailor data check` found, as plain HTML that
// needs no script. An image that is also a point of the scatter is a link to it.
#pragma once

#include <string>

#include "tailor/report/explorer/explorer.hpp"

namespace tailor::internal {

// "" without a check.
std::string check_html(const ExplorerData& data);

}  // namespace tailor::internal
