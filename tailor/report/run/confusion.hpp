// What the model took for what, as a table a screen reader can walk and an eye can scan, with the
// images behind its figures.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tailor/report/run/report.hpp"

namespace tailor::internal {

// Counts by true class (rows) and predicted class (columns), and the same as per cent of the row,
// one of the two shown; shaded by the share of the row on a fixed scale from 0 to 1: blue with a
// frame for the hits on the diagonal, orange for mistakes. Over 30 classes a drawing of the same,
// without figures. Below it the pairs confused most often. Where `cells` holds images of a cell (as
// ReportData::cells orders them), its figure is a link that opens them. Works without script. `id`
// must be unique on the page and prefixes every other. "" where nothing was counted.
std::string confusion_html(std::string_view id, const Evaluation& test,
                           std::span<const Pictured> cells);

}  // namespace tailor::internal
