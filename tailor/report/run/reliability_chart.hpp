// How far the model's probabilities can be taken at their word: what it said against how often it
// was right.
#pragma once

#include <string>
#include <string_view>

#include "tailor/report/run/report.hpp"

namespace tailor::internal {

// A reliability diagram (Guo et al. 2017): share of right answers per bin of confidence as bars
// with 95 % Wilson intervals, a dot at the bin's mean confidence, the diagonal of perfect
// calibration, and the bin counts as a histogram below. Pointing at a bin names its figures. `id`
// must be unique on the page; "" without images.
std::string reliability_chart(std::string_view id, std::string_view title,
                              const Reliability& reliability);

// Diagrams before and after temperature scaling, the temperature, and ECE, NLL, Brier and accuracy
// before and after. `id` prefixes every id in it.
std::string calibration_html(const std::string& id, const ModelCalibration& calibration);

}  // namespace tailor::internal
