// The parts of the report that are about models: what they reached, what they get wrong, what they
// see. Each returns the inside of a <section>, "" where the records say nothing.
#pragma once

#include <string>

#include "tailor/report/run/report.hpp"

namespace tailor::internal {

// Learning curves of all models on one scale.
std::string curves_part(const ReportData& data);

// One model: facts, layers, costs, test confusion, classes, calibration. `id` prefixes every id in
// it.
std::string model_part(const ReportData& data, const ModelReport& model, const std::string& id);

// The most confident mistakes and the least confident hits.
std::string pictures_part(const ReportData& data);

// First-layer kernels and what every layer makes of one image.
std::string anatomy_part(const ReportData& data);

}  // namespace tailor::internal
