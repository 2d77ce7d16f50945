// From a finished run to the records its report is made of.
#pragma once

#include "tailor/cli/pipeline.hpp"
#include "tailor/core/json.hpp"
#include "tailor/report/report.hpp"

namespace tailor {

// Some images of every class as one picture of bounded size: three rows of thirty images per class
// where they are small and few.
Image overview_sprite(const Dataset& set);

ReportData report_data(const Study& study, const Dataset& test, const TrainedModel& first,
                       const Measured& first_measured, const TrainedModel& final,
                       const Measured& final_measured, const SearchResult& search,
                       const Json& metrics, const RunTimings& timings);

}  // namespace tailor
