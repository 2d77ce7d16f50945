// Coverage against accuracy: how many of a model's answers are right where the less sure ones are
// kept back.
#pragma once

#include <string>

#include "tailor/report/run/report.hpp"

namespace tailor::internal {

// The curve, the model's own threshold on it where it has one, and a table of both. `id` prefixes
// every id in it. "" where the curve is empty.
std::string coverage_html(const std::string& id, const ModelCoverage& coverage);

}  // namespace tailor::internal
